"""Names and ARNs that more than one part of the stack has to know before the resource is there."""

from dataclasses import dataclass

from vending.core.aws import MEMBER_ROLE

ALIAS = "live"


@dataclass(frozen=True)
class Names:
    """What things are called, in one account and region of one organisation."""

    account: str
    region: str
    organization: str
    prefix: str = "freehold"

    @property
    def table(self) -> str:
        """The DynamoDB table."""
        return self.prefix

    @property
    def bucket(self) -> str:
        """The findings' ledger; a bucket's name is unique in all of AWS."""
        return f"{self.prefix}-findings-{self.account}-{self.region}"

    @property
    def signing_key(self) -> str:
        """Alias of the key that signs evidence."""
        return f"alias/{self.prefix}-signing"

    def function(self, name: str) -> str:
        """A Lambda function's name: `workflow`, `dispatcher` or `portal`."""
        return f"{self.prefix}-{name}"

    def function_arn(self, name: str) -> str:
        """A Lambda function's ARN, without version or alias."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.function(name)}"

    @property
    def workflow_alias(self) -> str:
        """What requests are started with: a durable function is invoked by version or alias."""
        return f"{self.function_arn('workflow')}:{ALIAS}"

    def log_group(self, name: str) -> str:
        """Where a function writes its log."""
        return f"/aws/lambda/{self.function(name)}"

    @property
    def member_role(self) -> str:
        """The platform's role in any account; a condition binds it to the organisation."""
        return f"arn:aws:iam::*:role/{MEMBER_ROLE}"

    def organizations(self, kind: str) -> str:
        """Every `account`, `ou`, `root` or `policy` of the organisation."""
        return f"arn:aws:organizations::{self.account}:{kind}/{self.organization}/*"
