"""Sessions: the temporary credentials of a role or of a root user, and what they remember of how they began."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.sts.models import AssumedRole


@dataclass(frozen=True, slots=True)
class Origin:
    """How a session began."""

    policies: tuple[str, ...] = ()
    """ARNs of managed policies that narrow it."""

    tags: dict[str, str] = field(default_factory=dict)
    source_identity: str | None = None
    provider: str | None = None
    """ARN of the identity provider that vouched for it: `aws:FederatedProvider`."""


class Session(AssumedRole):
    """A session of a role."""

    def __init__(self, origin: Origin, **about: Any) -> None:
        super().__init__(**about)
        self.origin = origin
        self.issued = datetime.now(UTC)
        """In real time, as its end."""


class RootSession(Session):
    """A privileged session of a member account's root user, begun by `sts:AssumeRoot`.

    To policies, to GetCallerIdentity and in the trail it is the root user itself:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html
    """

    @property
    def user_id(self) -> str:
        """The account's id, as for every root user."""
        return str(self.account_id)

    @property
    def arn(self) -> str:
        """ARN of the account's root user."""
        return str(self.role_arn)
