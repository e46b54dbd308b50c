"""Wait until AWS has made the account, and write down its id."""

from vending.core.errors import Stale
from vending.requests.lookout import CREATION
from vending.requests.model import State
from vending.requests.record import Beside, Record, reservation
from vending.requests.rules import email_for
from vending.workflow.causes import explain_failure
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Sight, Step
from vending.workflow.steps import create_account
from vending.workflow.steps.create_account import made_before, under_way

BURNED = "EMAIL_ALREADY_EXISTS"
TAKEN = frozenset({BURNED, "CONCURRENT_ACCOUNT_MODIFICATION"})
"""Failures behind which there may be an account of ours: of another call, whose answer was lost."""
PASSING = frozenset({"INTERNAL_FAILURE", "CONCURRENT_ACCOUNT_MODIFICATION"})
"""Failures of which AWS says to try again later (Organizations API reference, CreateAccountStatus)."""
TRIES = 3
"""How often AWS is asked in all before such a failure parks the request."""


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the account exists; parked with AWS's reason when it failed."""
    if record.account_id:
        return Done(f"account {record.account_id}")
    if record.creation_failed:
        raise Parked(explain_failure(record.creation_failed))
    if record.creation_id is None:
        return _again(services, record)
    status = services.organizations.describe_create_account_status(CreateAccountRequestId=record.creation_id)
    found = status["CreateAccountStatus"]
    if found["State"] == "IN_PROGRESS":
        return Pending(f"AWS to make the account ({record.creation_id})", Sight(CREATION, record.creation_id))
    if found["State"] == "FAILED":
        return _failed(services, record, str(found.get("FailureReason", "INTERNAL_FAILURE")))
    return _made(services, record, str(found["AccountId"]))


def _made(services: Services, record: Record, account_id: str) -> Done:
    services.records.change(
        record.id,
        "workflow",
        "account made",
        lambda r: r.model_copy(update={"account_id": account_id}),
        account_id=account_id,
    )
    return Done(f"account {account_id}")


def _failed(services: Services, record: Record, reason: str) -> Done | Pending:
    """An e-mail in use may be in use by our own account, made or being made; else the way is cleared."""
    if reason in TAKEN and (account_id := made_before(services, record)):
        return _made(services, record, account_id)
    if reason in TAKEN and under_way(services, record):
        return Pending("a creation of this name to be finished: it may be this request's")
    again = reason in PASSING and record.creations_failed < TRIES - 1
    _forget(services, record, reason, again=again)
    if again:
        return Pending(f"a while before AWS is asked again: {explain_failure(reason).sentence}")
    raise Parked(explain_failure(reason))


def _again(services: Services, record: Record) -> Pending:
    """Ask AWS once more, in the same step: it said of its last failure that it passes."""
    asked = create_account.run(services, record)
    return asked if isinstance(asked, Pending) else Pending(f"AWS to make the account after all. {asked.detail}")


def _forget(services: Services, record: Record, reason: str, *, again: bool) -> None:
    """Clear the way for another try: AWS made nothing. A taken e-mail stays burned, and a new one is derived."""

    def forget(found: Record) -> Record:
        if found.creation_id != record.creation_id:
            raise Stale("Another worker has seen the failure, too, and went on.")
        update = {
            "creation_id": None,
            "creation_failed": None if again else reason,
            "creations_failed": found.creations_failed + 1 if again else 0,
            "asked_aws_at": None,
        }
        if reason != BURNED:
            return found.model_copy(update=update)
        burned = found.model_copy(update={**update, "emails_burned": found.emails_burned + 1})
        return burned.model_copy(update={"email": email_for(burned.asked, services.company, burned.email_id)})

    def reserve(before: Record, after: Record) -> Beside:
        if before.email == after.email:
            return Beside()
        return Beside((reservation("EMAIL", after.email, after.id, services.clock.now()),))

    services.records.change(record.id, "workflow", "AWS made no account", forget, reserve, reason=reason)


STEP = Step(
    name="await-account",
    title="AWS makes the account",
    state=State.CREATING,
    calls=(),
    seconds=145,
    run=run,
    every=30,
)
