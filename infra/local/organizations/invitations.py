"""Invitations of accounts that exist already: each counts as an account until it is cancelled or expires.

Nobody outside the organisation is here to accept or decline one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.local.organizations.organization import Organization
from infra.local.organizations.refusals import refusal

LASTS = timedelta(days=15)
"""Organizations user guide, Quotas: handshake expiration."""


@dataclass
class Invitation:
    """One handshake."""

    id: str
    target: dict[str, str]
    """The party that is invited, as `{"Id", "Type"}`."""
    asked_at: datetime
    cancelled: bool = False

    def state(self, now: datetime) -> str:
        """As Organizations calls it at a moment."""
        if self.cancelled:
            return "CANCELED"
        return "OPEN" if now < self.asked_at + LASTS else "EXPIRED"


class Invitations:
    """The invitations of an organisation, in the order in which they were sent."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.cloud = organization.cloud
        self.sent: dict[str, Invitation] = {}

    def open(self) -> list[Invitation]:
        """Those that can still be accepted."""
        now = self.cloud.clock.now()
        return [invitation for invitation in self.sent.values() if invitation.state(now) == "OPEN"]

    def send(self, target: dict[str, str]) -> Invitation:
        """Invite an account by id or e-mail; it has no second invitation while the first is open."""
        if any(invitation.target == target for invitation in self.open()):
            raise refusal("DuplicateHandshakeException")
        invitation = Invitation(f"h-{self.cloud.dice.letters(32)}", target, self.cloud.clock.now())
        self.sent[invitation.id] = invitation
        return invitation

    def cancel(self, handshake_id: str) -> Invitation:
        """Take one back."""
        if handshake_id not in self.sent:
            raise refusal("HandshakeNotFoundException")
        invitation = self.sent[handshake_id]
        state = invitation.state(self.cloud.clock.now())
        if state != "OPEN":
            code = "HandshakeAlreadyInState" if state == "CANCELED" else "InvalidHandshakeTransition"
            raise refusal(f"{code}Exception")
        invitation.cancelled = True
        return invitation

    def shaped(self, invitation: Invitation) -> dict[str, Any]:
        """As the API shows it."""
        organization = self.organization
        ours = {"Id": organization.id.removeprefix("o-"), "Type": "ORGANIZATION"}
        return {
            "Id": invitation.id,
            "Arn": f"{organization.arn.replace(':organization/', ':handshake/')}/invite/{invitation.id}",
            "Parties": [ours, invitation.target],
            "State": invitation.state(self.cloud.clock.now()),
            "RequestedTimestamp": invitation.asked_at,
            "ExpirationTimestamp": invitation.asked_at + LASTS,
            "Action": "INVITE",
            "Resources": [{"Type": "ORGANIZATION", "Value": organization.id}],
        }
