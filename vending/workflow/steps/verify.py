"""Read everything promised back from AWS: that is the evidence. With an item missing nothing is handed over."""

from vending.ports import Holds
from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.causes import OPERATOR
from vending.workflow.evidence import Evidence, read_back
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done when every item holds; parked with the list of those that do not. What is open is asked again."""
    evidence = read_back(services, record)
    services.table.put(evidence.document())
    return judge(evidence)


def judge(evidence: Evidence) -> Done | Pending:
    """What follows from it: what is unknown or comes about by itself is waited for.

    Raises:
        Parked: with what does not hold and will not by itself.
    """
    if any(item.holds is Holds.NO and not item.settling for item in evidence.missing):
        raise Parked(_incomplete(evidence))
    if evidence.missing:
        return Pending(f"{len(evidence.missing)} of {len(evidence.items)} items still open. {_listed(evidence)}")
    return Done(f"{len(evidence.items)} of {len(evidence.items)} items hold")


def _incomplete(evidence: Evidence) -> Cause:
    return Cause(
        code="not-as-promised",
        sentence=f"{len(evidence.missing)} of {len(evidence.items)} items do not hold. {_listed(evidence)}",
        remedy="Resume the request: it is put in place and read again. If it fails again, an operator has to look.",
        who=OPERATOR,
    )


def _listed(evidence: Evidence) -> str:
    return "; ".join(f"{item.title}: expected {item.expected}, found {item.found}" for item in evidence.missing)


STEP = Step(
    name="verify",
    title="Read everything back",
    state=State.VERIFYING,
    calls=(),
    seconds=20,
    run=run,
    patience=1800,
    lengthy=True,
)
