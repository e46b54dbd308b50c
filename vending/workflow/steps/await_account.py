"""Wait until AWS has made the account, and write down its id."""

from vending.requests.model import State
from vending.requests.record import Beside, Record, reservation
from vending.requests.rules import email_for
from vending.workflow.causes import explain_failure
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step

BURNED = "EMAIL_ALREADY_EXISTS"


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the account exists; parked with AWS's reason when it failed."""
    if record.account_id:
        return Done(f"account {record.account_id}")
    status = services.organizations.describe_create_account_status(CreateAccountRequestId=record.creation_id)
    found = status["CreateAccountStatus"]
    if found["State"] == "IN_PROGRESS":
        return Pending(f"AWS to make the account ({record.creation_id})")
    if found["State"] == "FAILED":
        reason = str(found.get("FailureReason", "INTERNAL_FAILURE"))
        _forget(services, record, reason)
        raise Parked(explain_failure(reason))
    account_id = str(found["AccountId"])
    services.records.change(
        record.id,
        "workflow",
        "account made",
        lambda r: r.model_copy(update={"account_id": account_id}),
        account_id=account_id,
    )
    return Done(f"account {account_id}")


def _forget(services: Services, record: Record, reason: str) -> None:
    """Clear the way for another try: AWS made nothing. A taken e-mail stays burned, and a new one is derived."""
    email = record.email
    if reason == BURNED:
        email = email_for(record.asked, services.company, f"{record.id}-{record.round + 1}")
    reserved = reservation("EMAIL", email, record.id, services.clock.now())
    services.records.change(
        record.id,
        "workflow",
        "AWS made no account",
        lambda r: r.model_copy(update={"creation_id": None, "asked_aws_at": None, "email": email}),
        lambda before, after: Beside((reserved,)) if before.email != after.email else Beside(),
        reason=reason,
    )


STEP = Step(
    name="await-account",
    title="AWS makes the account",
    state=State.CREATING,
    calls=(),
    seconds=145,
    run=run,
    every=30,
)
