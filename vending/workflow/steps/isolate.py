"""Close the new account: AWS makes it in the root, outside every OU, and nobody shall act in it yet."""

from vending.ports import AccountState
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.deed import write_deed
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the deed is written and AWS says that the quarantine guardrail is attached."""
    account_id = str(record.account_id)
    write_deed(services, record, AccountState.QUARANTINED)
    if not services.baseline.isolated(account_id):
        services.baseline.isolate(account_id)
    if services.baseline.isolated(account_id):
        return Done("only platform roles can act in it")
    return Pending("the quarantine guardrail to be attached")


STEP = Step(
    name="isolate",
    title="Close the account until it is ready",
    state=State.CREATING,
    calls=("organizations:AttachPolicy",),
    seconds=2,
    run=run,
)
