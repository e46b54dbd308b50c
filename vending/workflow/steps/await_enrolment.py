"""Wait until Control Tower has enrolled the account: its own baseline, inherited from the OU, has succeeded.

Control Tower enrols an account that is moved into a registered OU by itself, within minutes to hours (Control Tower
user guide, "Move and enroll accounts with auto-enrollment").
"""

from typing import Any

from vending.core.organization import read_units
from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.causes import OPERATOR
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the account's child baseline has succeeded; parked when Control Tower reports it failed."""
    found = child_baseline(services, str(record.account_id))
    if found is None:
        return Pending("Control Tower to notice the account")
    status = found["statusSummary"]["status"]
    if status == "SUCCEEDED":
        return Done(f"Control Tower enrolled it ({found['baselineVersion']})")
    if status == "FAILED":
        raise Parked(_failed(found))
    return Pending("Control Tower to enrol the account")


def enrolled(services: Services, record: Record) -> bool:
    """Whether the account is in its OU and Control Tower has finished with it."""
    found = child_baseline(services, str(record.account_id))
    if found is None or found["statusSummary"]["status"] != "SUCCEEDED":
        return False
    parent = services.organizations.list_parents(ChildId=record.account_id)["Parents"][0]["Id"]
    _, units = read_units(services.aws)
    return any(unit.id == parent and unit.name == services.ou_of(record) for unit in units)


def child_baseline(services: Services, account_id: str) -> dict[str, Any] | None:
    """The enabled baseline of an account, None while Control Tower has none for it."""
    arn = services.organizations.describe_account(AccountId=account_id)["Account"]["Arn"]
    pages = services.aws.client("controltower").pages(
        "list_enabled_baselines", filter={"targetIdentifiers": [arn]}, includeChildren=True
    )
    return next((found for page in pages for found in page["enabledBaselines"]), None)


def _failed(found: dict[str, Any]) -> Cause:
    operation = found["statusSummary"].get("lastOperationIdentifier", "unknown")
    return Cause(
        code="enrolment-failed",
        sentence=f"Control Tower could not enrol the account (operation {operation}).",
        remedy="Read the operation in Control Tower, mend what it names, then resume the request.",
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
