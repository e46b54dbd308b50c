"""Wait until the platform's role in the new account answers: AWS needs a few minutes to spread it."""

from vending.core.errors import AwsDenied, AwsMissing
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done once a call with the platform's role is answered from inside the account."""
    try:
        identity = services.aws.client("sts", account_id=record.account_id).get_caller_identity()
    except (AwsDenied, AwsMissing) as error:
        return Pending(f"the platform's role to work in the account: {error.aws_code}")
    return Done(f"{identity['Arn']} answers")


STEP = Step(
    name="reach-account",
    title="Reach the account",
    state=State.CREATING,
    calls=("sts:AssumeRole",),
    seconds=5,
    run=run,
    every=20,
    patience=1800,
)
