"""How much AWS lets be attached.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html (2026-11). All are hard
limits; a policy counts where it is attached directly, not where it is inherited. They stand here because AWS has no
call that tells them: of Organizations, Service Quotas is only known to list how many accounts there may be, which
`vending.requests.outlook` reads. What others have attached is read from the organisation at every plan.
"""

from dataclasses import dataclass
from enum import StrEnum


class PolicyKind(StrEnum):
    """The kinds of organisation policy that are compiled."""

    SCP = "scp"
    RCP = "rcp"
    EC2 = "ec2"
    S3 = "s3"
    TAG = "tag"
    AI = "ai"

    @property
    def aws_type(self) -> str:
        """The kind as the Organizations API spells it."""
        return _AWS[self].type

    @property
    def label(self) -> str:
        """The kind in a sentence."""
        return _AWS[self].label

    @property
    def top_key(self) -> str:
        """The one key that a document of the kind starts with; empty where it consists of statements."""
        return _AWS[self].top_key


@dataclass(frozen=True)
class _Spelling:
    """A kind as AWS and as people write it."""

    type: str
    label: str
    top_key: str = ""


_AWS = {
    PolicyKind.SCP: _Spelling("SERVICE_CONTROL_POLICY", "SCP"),
    PolicyKind.RCP: _Spelling("RESOURCE_CONTROL_POLICY", "RCP"),
    PolicyKind.EC2: _Spelling("DECLARATIVE_POLICY_EC2", "declarative EC2 policy", "ec2_attributes"),
    PolicyKind.S3: _Spelling("S3_POLICY", "S3 policy", "s3_attributes"),
    PolicyKind.TAG: _Spelling("TAG_POLICY", "tag policy", "tags"),
    PolicyKind.AI: _Spelling("AISERVICES_OPT_OUT_POLICY", "AI services opt-out policy", "services"),
}

STATEMENT_KINDS = (PolicyKind.SCP, PolicyKind.RCP)
"""The kinds that deny calls."""


@dataclass(frozen=True)
class Quota:
    """What one target can hold of a kind."""

    characters: int
    """Of one document; white space counts when it comes through the API."""
    slots: int
    """Attachments to one root, OU or account; RCPFullAWSAccess takes one and cannot be detached."""


QUOTAS = {
    PolicyKind.SCP: Quota(10_240, 10),
    PolicyKind.RCP: Quota(5_120, 5),
    PolicyKind.EC2: Quota(10_000, 10),
    PolicyKind.S3: Quota(10_000, 10),
    PolicyKind.TAG: Quota(10_000, 10),
    PolicyKind.AI: Quota(2_500, 5),
}
LIMITS = (
    "Slots and sizes are the hard limits of the Organizations user guide of November 2026: AWS has no call that tells "
    "them. What others attached is read now."
)
"""For who reads a plan."""
