"""Names and ARNs that more than one stack has to know before the resource is there."""

from dataclasses import dataclass
from typing import Self

from vending.core.aws import MEMBER_ROLE
from vending.core.company import Company
from vending.core.deployment import Deployment

ALIAS = "live"
AT_HOME = frozenset({"settings"})
"""Functions that run in the management account: what only that account may, they do with their own role."""


@dataclass(frozen=True)
class Names:
    """What things are called, in the accounts and the home region of one organisation."""

    account: str
    """The platform account: where everything is that does not say otherwise."""
    management: str
    """The management account."""
    log_archive: str
    """Where the evidence lies."""
    region: str
    organization: str
    control_tower: bool = True
    """Whether there is one, so that anybody may ask it anything."""
    prefix: str = "freehold"

    @classmethod
    def of(cls, company: Company, deployment: Deployment) -> Self:
        """The names of one company."""
        return cls(
            deployment.platform_account,
            deployment.management_account,
            deployment.log_archive_account,
            company.landing_zone.home_region,
            deployment.organization,
            company.landing_zone.control_tower,
        )

    @property
    def table(self) -> str:
        """The DynamoDB table."""
        return self.prefix

    @property
    def bucket(self) -> str:
        """The findings' ledger; a bucket's name is unique in all of AWS."""
        return f"{self.prefix}-findings-{self.account}-{self.region}"

    @property
    def aggregator(self) -> str:
        """Config's aggregator over the organisation."""
        return f"{self.prefix}-organization"

    @property
    def signing_key(self) -> str:
        """Alias of the key that signs evidence."""
        return f"alias/{self.prefix}-signing"

    @property
    def evidence(self) -> str:
        """The object-locked bucket in the log archive."""
        return f"{self.prefix}-evidence-{self.log_archive}-{self.region}"

    @property
    def bus(self) -> str:
        """Where the management account's events arrive."""
        return f"{self.prefix}-organization"

    @property
    def bus_arn(self) -> str:
        """The same as an ARN."""
        return f"arn:aws:events:{self.region}:{self.account}:event-bus/{self.bus}"

    @property
    def events_queue_name(self) -> str:
        """Where what happens in the organisation waits for the listener."""
        return f"{self.prefix}-events"

    @property
    def events_queue(self) -> str:
        """The same as an ARN."""
        return f"arn:aws:sqs:{self.region}:{self.account}:{self.events_queue_name}"

    @property
    def unheard(self) -> str:
        """The queue of events that the listener could not take in."""
        return f"{self.prefix}-unheard-events"

    @property
    def forwarding(self) -> str:
        """How the roles begin with which accounts send their events; the region follows."""
        return f"{self.prefix}-forwarding"

    @property
    def reports_topic(self) -> str:
        """The ARN of the topic on which every run of the audit is told."""
        return f"arn:aws:sns:{self.region}:{self.account}:{self.prefix}-reports"

    @property
    def build_logs(self) -> str:
        """Where the pipeline's builds write."""
        return f"/{self.prefix}/pipeline"

    def function(self, name: str) -> str:
        """A Lambda function's name: `workflow`, `dispatcher`, …"""
        return f"{self.prefix}-{name}"

    def function_arn(self, name: str) -> str:
        """A Lambda function's ARN, without version or alias."""
        return f"arn:aws:lambda:{self.region}:{self.home(name)}:function:{self.function(name)}"

    @property
    def workflow_alias(self) -> str:
        """What requests are started with: a durable function is invoked by version or alias."""
        return f"{self.function_arn('workflow')}:{ALIAS}"

    def log_group(self, name: str) -> str:
        """Where a function writes its log."""
        return f"/aws/lambda/{self.function(name)}"

    def role(self, name: str) -> str:
        """The role of a function, and the one that it takes in the management account."""
        return f"{self.prefix}-{name}"

    def home(self, name: str) -> str:
        """The account in which a function runs."""
        return self.management if name in AT_HOME else self.account

    def role_arn(self, name: str) -> str:
        """The function's own role."""
        return f"arn:aws:iam::{self.home(name)}:role/{self.role(name)}"

    def management_role(self, name: str) -> str:
        """What the function takes for the calls that AWS lets the management account alone make."""
        return f"arn:aws:iam::{self.management}:role/{self.role(name)}"

    @property
    def session_key(self) -> str:
        """The secret that signs the portal's sessions."""
        return f"{self.prefix}/session-key"

    @property
    def member_role(self) -> str:
        """The platform's role in any account; a condition binds it to the organisation."""
        return f"arn:aws:iam::*:role/{MEMBER_ROLE}"

    def organizations(self, kind: str) -> str:
        """Every `account`, `ou`, `root` or `policy` of the organisation."""
        return f"arn:aws:organizations::{self.management}:{kind}/{self.organization}/*"
