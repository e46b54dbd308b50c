"""Wait until Control Tower has enrolled the account: its own baseline, inherited from the OU, has succeeded.

Control Tower enrols an account that is moved into a registered OU by itself, within minutes to hours (Control Tower
user guide, "Move and enroll accounts with auto-enrollment").
"""

from typing import Any

from vending.core.organization import read_units
from vending.requests.lookout import ENROLMENT
from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.causes import OPERATOR
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Sight, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the account's child baseline has succeeded; parked when Control Tower reports it failed."""
    arn = _arn(services, record)
    found = _child_baseline(services, arn)
    if found is None:
        return Pending("Control Tower to notice the account", Sight(ENROLMENT, arn))
    status = found["statusSummary"]["status"]
    if status == "SUCCEEDED":
        return Done(f"Control Tower enrolled it ({found['baselineVersion']})")
    if status == "FAILED":
        return _failed(services, record, found)
    return Pending("Control Tower to enrol the account", Sight(ENROLMENT, arn))


def enrolled(services: Services, record: Record) -> bool:
    """Whether the account is in its OU and Control Tower has finished with it."""
    found = _child_baseline(services, _arn(services, record))
    if found is None or found["statusSummary"]["status"] != "SUCCEEDED":
        return False
    parent = services.organizations.first("list_parents", "Parents", ChildId=record.account_id)["Id"]
    _, units = read_units(services.aws)
    return any(unit.id == parent and unit.name == services.ou_of(record) for unit in units)


def _arn(services: Services, record: Record) -> str:
    return str(services.organizations.describe_account(AccountId=record.account_id)["Account"]["Arn"])


def _child_baseline(services: Services, arn: str) -> dict[str, Any] | None:
    """The enabled baseline of an account, None while Control Tower has none for it."""
    pages = services.aws.client("controltower").pages(
        "list_enabled_baselines", filter={"targetIdentifiers": [arn]}, includeChildren=True
    )
    return next((found for page in pages for found in page["enabledBaselines"]), None)


def _failed(services: Services, record: Record, found: dict[str, Any]) -> Pending:
    """Let Control Tower try again, once in each round: much of what stops a stack set passes; what does not, parks.

    ResetEnabledBaseline on the OU enrols those of its accounts that are not (Control Tower user guide, "Remediate
    partially enrolled accounts").

    Raises:
        Parked: with the operation to read, when it failed again.
    """
    tower, of_ou = services.aws.client("controltower"), found["parentIdentifier"]
    begun = Pending("Control Tower to enrol the OU's accounts again: it could not the first time")
    if record.enrolled_anew_in != record.round:
        tower.reset_enabled_baseline(enabledBaselineIdentifier=of_ou)
        services.records.mark(record.id, lambda r: r.model_copy(update={"enrolled_anew_in": record.round}))
        return begun
    parent = tower.get_enabled_baseline(enabledBaselineIdentifier=of_ou)["enabledBaselineDetails"]
    if parent["statusSummary"]["status"] == "UNDER_CHANGE":
        return begun
    raise Parked(_cause(found))


def _cause(found: dict[str, Any]) -> Cause:
    operation = found["statusSummary"].get("lastOperationIdentifier", "unknown")
    return Cause(
        code="enrolment-failed",
        sentence=f"Control Tower could not enrol the account, and neither a second time (operation {operation}).",
        remedy="Read the operation in Control Tower and mend what it names. To resume the request begins it anew.",
        who=OPERATOR,
    )


STEP = Step(
    name="await-enrolment",
    title="Control Tower enrols it",
    state=State.ENROLLING,
    calls=(),
    seconds=535,
    run=run,
    every=60,
    patience=12 * 3600,
)
