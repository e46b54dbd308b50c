"""Open the account and hand it to its team."""

from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done once AWS says that the quarantine is off."""
    account_id = str(record.account_id)
    if services.baseline.isolated(account_id):
        services.baseline.release(account_id)
    if services.baseline.isolated(account_id):
        return Pending("the quarantine to be lifted")
    return Done(f"it belongs to {services.company.teams[record.asked.team].title}")


STEP = Step(
    name="hand-over",
    title="Hand it over",
    state=State.VERIFYING,
    calls=("organizations:DetachPolicy",),
    seconds=2,
    run=run,
)
