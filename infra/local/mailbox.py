"""Mail that AWS sends to the owners of accounts: the only way to a one-time code."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """One message."""

    to: str
    subject: str
    text: str
    sent: datetime


@dataclass(slots=True)
class Mailbox:
    """Everything sent since the seed."""

    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        """Deliver at once."""
        self.mails.append(mail)

    def to(self, address: str) -> list[Mail]:
        """What an address received, the oldest first."""
        return [mail for mail in self.mails if mail.to.lower() == address.lower()]
