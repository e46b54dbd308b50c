"""Read everything promised back from AWS: that is the evidence. With an item missing nothing is handed over."""

from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.causes import OPERATOR
from vending.workflow.evidence import Evidence, read_back
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done when every item holds; parked with the list of those that do not."""
    evidence = read_back(services, record)
    services.table.put(evidence.document())
    if evidence.missing:
        raise Parked(_incomplete(evidence))
    return Done(f"{len(evidence.items)} of {len(evidence.items)} items hold")


def _incomplete(evidence: Evidence) -> Cause:
    items = "; ".join(f"{i.title}: expected {i.expected}, found {i.found}" for i in evidence.missing)
    return Cause(
        code="not-as-promised",
        sentence=f"{len(evidence.missing)} of {len(evidence.items)} items do not hold. {items}",
        remedy="Resume the request: it is put in place and read again. If it fails again, an operator has to look.",
        who=OPERATOR,
    )


STEP = Step(
    name="verify",
    title="Read everything back",
    state=State.VERIFYING,
    calls=(),
    seconds=20,
    run=run,
)
