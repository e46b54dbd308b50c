"""A notice as it is kept: written once, and delivered to each of its recipients."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from vending.core.clock import to_text
from vending.core.table import Document
from vending.ports import Audience

LIST = "notices"
LEASE = timedelta(minutes=5)
"""How long somebody who began to deliver has it for themselves; who died in between is taken for dead after it."""
LONGEST_PAUSE = timedelta(hours=1)
GIVEN_UP = timedelta(hours=24)
"""How long after it was written delivery is tried."""


class DeliveryState(StrEnum):
    """How far one recipient's copy came."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """It is not tried any more."""


class Channel(StrEnum):
    """How somebody is reached."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class Delivery(BaseModel):
    """One recipient's copy."""

    model_config = ConfigDict(frozen=True)

    channel: Channel
    audience: Audience
    address: str
    """An e-mail address, or a webhook's host: the rest of it is a secret and stays in the company file."""
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    tried_at: datetime | None = None
    error: str = ""
    """Why the last attempt failed."""

    def due(self, now: datetime) -> bool:
        """Whether it is to be tried now: at once, then after one minute, two, four, up to an hour."""
        if self.state is not DeliveryState.WAITING:
            return False
        pause = min(timedelta(minutes=2 ** max(0, min(self.attempts, 10) - 1)), LONGEST_PAUSE)
        return self.tried_at is None or now - self.tried_at >= pause


class Letter(BaseModel):
    """What is told, word for word, and how far each copy came."""

    model_config = ConfigDict(frozen=True)

    id: str
    event: str
    team: str | None
    subject: str
    text: str
    written_at: datetime
    deliveries: tuple[Delivery, ...]
    taken_at: datetime | None = None
    """When somebody began to deliver it; None when nobody is at it."""
    version: int = 0

    @property
    def waiting(self) -> bool:
        """Whether a copy is still to be delivered."""
        return any(delivery.state is DeliveryState.WAITING for delivery in self.deliveries)

    @property
    def failed(self) -> bool:
        """Whether a copy was given up, or could not be delivered so far."""
        return any(delivery.error for delivery in self.deliveries if delivery.state is not DeliveryState.SENT)

    def document(self) -> Document:
        """As the table keeps it."""
        lists = {"all": LIST} | ({"team": f"{LIST}#{self.team}"} if self.team else {})
        if self.waiting:
            lists["open"] = LIST
        body = self.model_dump(mode="json", exclude={"version"})
        order = f"{to_text(self.written_at)} {self.id}"
        return Document(f"NOTICE#{self.id}", "NOTICE", body, self.version, lists, order)

    @classmethod
    def of(cls, document: Document) -> "Letter":
        """As the table kept it."""
        return cls(**document.body, version=document.version)
