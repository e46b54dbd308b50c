"""How much AWS lets be attached.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html (2026-11). Both are hard
limits; a policy counts where it is attached directly, not where it is inherited.
"""

from dataclasses import dataclass
from enum import StrEnum


class PolicyKind(StrEnum):
    """The kinds of organisation policy that are compiled."""

    SCP = "scp"
    RCP = "rcp"

    @property
    def aws_type(self) -> str:
        """The kind as the Organizations API spells it."""
        return {PolicyKind.SCP: "SERVICE_CONTROL_POLICY", PolicyKind.RCP: "RESOURCE_CONTROL_POLICY"}[self]


@dataclass(frozen=True)
class Quota:
    """What one target can hold of a kind."""

    characters: int
    """Of one document; white space counts when it comes through the API."""
    slots: int
    """Attachments to one root, OU or account; RCPFullAWSAccess takes one and cannot be detached."""


QUOTAS = {PolicyKind.SCP: Quota(10_240, 10), PolicyKind.RCP: Quota(5_120, 5)}
