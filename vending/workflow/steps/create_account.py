"""Ask AWS for the account, exactly once.

CreateAccount has no idempotency token. So the intent is written first, the request's id travels as a tag in the call,
the answer's id is stored at once, and after any doubt AWS is asked what it has before it is asked for more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from vending.core.aws import MEMBER_ROLE
from vending.core.errors import AwsFailed, AwsUnanswered, Stale
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.causes import withdrawn
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step

REQUEST_TAG = "freehold:request-id"
TEAM_TAG = "freehold:team"
TEMPLATE_TAG = "freehold:template"
DATA_CLASS_TAG = "freehold:data-class"
DOUBT = timedelta(minutes=2)
"""How long an unanswered call is looked for before it is made again."""


def run(services: Services, record: Record) -> Done | Pending:
    """Done once AWS has named the creation; pending while it is in doubt whether AWS was asked."""
    if record.account_id or record.creation_id:
        return Done(f"AWS calls it {record.creation_id or record.account_id}")
    if record.creation_failed:
        return Done("AWS answered, and made no account")
    if record.asked_aws_at and (seen := _look(services, record, record.asked_aws_at)):
        return seen
    if record.cancel_wanted_by:
        services.records.mark(record.id, lambda r: r.model_copy(update={"asked_aws_at": None}))
        raise Parked(withdrawn(record.cancel_wanted_by))
    now = services.clock.now()
    if not _intend(services, record, now):
        return Pending("the request to be read again: it was changed a moment ago")
    return _ask(services, record, now)


def made_before(services: Services, record: Record) -> str | None:
    """The account that an earlier call for this request made, if there is one: name and e-mail are its."""
    for status in _creations(services, record, "SUCCEEDED"):
        account = services.organizations.describe_account(AccountId=status["AccountId"])["Account"]
        if account["Email"] == record.email:
            return str(account["Id"])
    return None


def under_way(services: Services, record: Record) -> bool:
    """Whether AWS is making an account of this name, which may be this request's."""
    return any(_creations(services, record, "IN_PROGRESS"))


def tags_of(record: Record) -> dict[str, str]:
    """The account's tags: the team's own, and those by which Freehold knows its accounts."""
    ours = {
        REQUEST_TAG: record.id,
        TEAM_TAG: record.asked.team,
        TEMPLATE_TAG: record.asked.template,
        DATA_CLASS_TAG: record.asked.data_class,
    }
    return {**record.asked.tags, **ours}


def _look(services: Services, record: Record, asked_at: datetime) -> Done | Pending | None:
    """What AWS has of a call that may have taken place, None once it is sure to have nothing.

    A creation under way shows its name alone, and somebody else may have chosen the same: it is ours when its e-mail
    is, which is to be seen when it is finished.
    """
    if account_id := made_before(services, record):
        return _store(services, record, "account_id", account_id)
    if under_way(services, record):
        return Pending("a creation of this name to be finished: no answer came, and it may be this request's")
    if services.clock.now() - asked_at < DOUBT:
        return Pending("whether AWS took the call: no answer came, and it is looked up before it is asked again")
    return None


def _creations(services: Services, record: Record, state: str) -> Iterator[dict[str, Any]]:
    """Creations in `state` of an account of this name."""
    for page in services.organizations.pages("list_create_account_status", States=[state]):
        for status in page["CreateAccountStatuses"]:
            if status.get("AccountName") == record.asked.name:
                yield status


def _intend(services: Services, record: Record, now: datetime) -> bool:
    """Write down that AWS is about to be asked; False when somebody changed the request meanwhile, or asks already."""

    def intend(found: Record) -> Record:
        if _asked(found) != _asked(record) or found.cancel_wanted_by:
            raise Stale("The request was changed a moment ago.")
        return found.model_copy(update={"asked_aws_at": now})

    try:
        services.records.change(record.id, "workflow", "asking AWS", intend, email=record.email)
    except Stale:
        return False
    return True


def _asked(record: Record) -> tuple[object, ...]:
    """What must still be so when AWS is asked."""
    return record.state, record.asked, record.email, record.asked_aws_at


def _ask(services: Services, record: Record, now: datetime) -> Done | Pending:
    try:
        answer = services.aws.client("organizations", once=True).create_account(
            Email=record.email,
            AccountName=record.asked.name,
            RoleName=MEMBER_ROLE,
            IamUserAccessToBilling="ALLOW",
            Tags=[{"Key": key, "Value": value} for key, value in tags_of(record).items()],
        )
    except AwsUnanswered as error:
        return Pending(f"an answer: {error.sentence}")
    except AwsFailed:
        services.records.mark(record.id, lambda r: _unasked(r, now, record.asked_aws_at))
        raise
    return _store(services, record, "creation_id", str(answer["CreateAccountStatus"]["Id"]))


def _unasked(found: Record, now: datetime, before: datetime | None) -> Record | None:
    """AWS refused the call of `now`: that settles no doubt about another worker's."""
    return found.model_copy(update={"asked_aws_at": before}) if found.asked_aws_at == now else None


def _store(services: Services, record: Record, name: str, value: str) -> Done:
    """Write down by what id AWS knows the creation, or the account that it made."""
    services.records.change(
        record.id, "workflow", "AWS took the call", lambda r: r.model_copy(update={name: value}), id=value
    )
    return Done(f"AWS calls it {value}")


STEP = Step(
    name="create-account",
    title="Ask AWS for the account",
    state=State.CREATING,
    calls=("organizations:CreateAccount",),
    seconds=5,
    run=run,
    every=30,
)
