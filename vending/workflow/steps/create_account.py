"""Ask AWS for the account, exactly once.

CreateAccount has no idempotency token. So the intent is written first, the request's id travels as a tag in the call,
the answer's id is stored at once, and after any doubt AWS is asked what it has before it is asked for more.
"""

from datetime import timedelta

from vending.core.aws import MEMBER_ROLE
from vending.core.errors import AwsUnanswered
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step

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
    if found := _find(services, record):
        return _store(services, record, found)
    now = services.clock.now()
    if record.asked_aws_at and now - record.asked_aws_at < DOUBT:
        return Pending("whether AWS took the call: no answer came, and it is looked up before it is asked again")
    services.records.change(
        record.id, "workflow", "asking AWS", lambda r: r.model_copy(update={"asked_aws_at": now}), email=record.email
    )
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
    return _store(services, record, str(answer["CreateAccountStatus"]["Id"]))


def tags_of(record: Record) -> dict[str, str]:
    """The account's tags: the team's own, and those by which Freehold knows its accounts."""
    ours = {
        REQUEST_TAG: record.id,
        TEAM_TAG: record.asked.team,
        TEMPLATE_TAG: record.asked.template,
        DATA_CLASS_TAG: record.asked.data_class,
    }
    return {**record.asked.tags, **ours}


def _find(services: Services, record: Record) -> str | None:
    """The creation that AWS has under way or finished for this request, if it was ever asked."""
    if record.asked_aws_at is None:
        return None
    pages = services.organizations.pages("list_create_account_status", States=["IN_PROGRESS", "SUCCEEDED"])
    for page in pages:
        for status in page["CreateAccountStatuses"]:
            if status.get("AccountName") == record.asked.name and _is_ours(services, record, status.get("AccountId")):
                return str(status["Id"])
    return None


def _is_ours(services: Services, record: Record, account_id: str | None) -> bool:
    """A creation under way has only the name, which is reserved; a finished one has the e-mail too."""
    if account_id is None:
        return True
    account = services.organizations.describe_account(AccountId=account_id)["Account"]
    return bool(account["Email"] == record.email)


def _store(services: Services, record: Record, creation_id: str) -> Done:
    services.records.change(
        record.id,
        "workflow",
        "AWS is making the account",
        lambda r: r.model_copy(update={"creation_id": creation_id}),
        creation_id=creation_id,
    )
    return Done(f"AWS calls it {creation_id}")


STEP = Step(
    name="create-account",
    title="Ask AWS for the account",
    state=State.CREATING,
    calls=("organizations:CreateAccount",),
    seconds=5,
    run=run,
    every=30,
)
