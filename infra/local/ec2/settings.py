"""What an account has set for EC2 in one region, and what a declarative policy sets over its head.

A declarative policy is enforced by EC2 itself: the setting reads as the policy says, and nobody in the account changes
it (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ec2.html, read 2026-11-25).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moto.ec2.exceptions import EC2ClientError

from infra.local.organizations.inheritance import effective_attributes
from infra.local.organizations.models import organization

POLICY_TYPE, TOP_LEVEL_KEY = "DECLARATIVE_POLICY_EC2", "ec2_attributes"
NO_PREFERENCE = "no-preference"
DENIED = "This action is denied due to an organizational policy in effect"


class ManagedBy(StrEnum):
    """Who decides on a setting."""

    ACCOUNT = "account"
    POLICY = "declarative-policy"


@dataclass(slots=True)
class Settings:
    """The account's own choices; what a new account starts with.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html and, beside it,
    configure-access-to-serial-console.html and configuring-IMDS-new-instances.html.
    """

    serial_console: bool = False
    images: str = "block-new-sharing"
    snapshots: str = "unblocked"
    allowed_images: str = "disabled"
    internet_gateways: str = "off"
    metadata: dict[str, str | int] = field(default_factory=dict)
    """`HttpTokens`, `HttpPutResponseHopLimit`, … where the account has a preference."""


@dataclass(frozen=True)
class Declared:
    """What a declarative policy says for one account."""

    attributes: Mapping[str, Any]

    @classmethod
    def of(cls, account_id: str) -> "Declared":
        """As the policies on the account's path say now."""
        return cls(effective_attributes(organization(), account_id, POLICY_TYPE, TOP_LEVEL_KEY))

    def value(self, attribute: str, *path: str) -> str | None:
        """A setting as EC2 writes it (`block-new-sharing`), or None where the policy leaves it to the account."""
        found: Any = self.attributes.get(attribute)
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return None if found is None else str(found).replace("_", "-")

    def managed_by(self, attribute: str) -> ManagedBy:
        """Who decides on that attribute."""
        return ManagedBy.POLICY if attribute in self.attributes else ManagedBy.ACCOUNT

    def leave_to_account(self, attribute: str) -> None:
        """Refuse a change of what the policy manages, in the policy's own words.

        The code is not documented where AWS describes the message; it is the name CloudTrail would have to show.

        Raises:
            EC2ClientError: DeclarativePolicyViolation.
        """
        if attribute in self.attributes:
            raise EC2ClientError("DeclarativePolicyViolation", str(self.attributes.get("exception_message", DENIED)))
