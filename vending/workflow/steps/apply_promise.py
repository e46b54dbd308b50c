"""Put one promise of the baseline in place; the workflow makes one such step for each."""

from vending.ports import Promise
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step


def step_for(promise: Promise) -> Step:
    """The step that makes `promise` true."""

    def run(services: Services, record: Record) -> Done | Pending:
        services.baseline.apply(record.new_account(services.company), promise.id)
        return Done("in place")

    return Step(
        name=f"baseline/{promise.id}",
        title=promise.title,
        state=State.BASELINING,
        calls=(),
        seconds=2,
        run=run,
    )
