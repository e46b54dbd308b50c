"""A waiver: what it covers, who answers for it, who agreed, and until when."""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from vending.core.controls import has_controls
from vending.core.signing import canonical

ACCOUNT = r"^\d{12}$"


def _plain(text: str) -> str:
    if has_controls(text):
        raise ValueError("it holds control characters or line breaks: write it in one line")
    return text


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024), AfterValidator(_plain)]
Moment = Annotated[datetime, AfterValidator(_utc)]
"""UTC where it names no zone."""


class WaiverState(StrEnum):
    """Where a waiver stands. Only an active one covers anything."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    EXPIRED = "expired"
    """Its time is over, or was over before anybody approved it."""
    REVOKED = "revoked"
    """Somebody ended it, or refused it."""


class Proposal(BaseModel):
    """What is asked for. Each part of the scope narrows it; at least one is needed beside the control."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    control_id: Name = Field(
        description="A control's id, the last part of its ARN, or the name a rule was given before it was deployed."
    )
    account_id: Annotated[str, StringConstraints(pattern=ACCOUNT)] | None = None
    resource_id: Name | None = None
    ou: Name | None = Field(default=None, description="Name of the OU that the findings are about.")
    team: Name | None = None
    reason: Line = Field(description="Why the failure is accepted for now.")
    ticket: Line = Field(description="Where the mending is tracked.")
    expires_at: Moment = Field(description="When it ends by itself; no waiver is for ever.")

    @property
    def scope(self) -> dict[str, str]:
        """The parts of the scope that are given."""
        parts = {"account_id": self.account_id, "resource_id": self.resource_id, "ou": self.ou, "team": self.team}
        return {name: value for name, value in parts.items() if value is not None}

    @property
    def hash(self) -> str:
        """SHA-256 of just what is asked: what an approver agrees to."""
        asked = {name: value for name, value in self.model_dump(mode="json").items() if name in Proposal.model_fields}
        return hashlib.sha256(canonical(asked)).hexdigest()


class Record(Proposal):
    """What the table keeps of a waiver. Its state follows from it and the time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    owner: str
    proposed_at: datetime
    approver: str | None = None
    approved_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    version: int = 0

    def state(self, now: datetime) -> WaiverState:
        """Where it stands at a moment."""
        if self.revoked_at is not None:
            return WaiverState.REVOKED
        if self.expires_at <= now:
            return WaiverState.EXPIRED
        return WaiverState.ACTIVE if self.approved_at is not None else WaiverState.PROPOSED

    def ended_at(self, now: datetime) -> datetime | None:
        """When it stopped to cover, None for one that never did or still does."""
        if self.approved_at is None or self.state(now) is WaiverState.ACTIVE:
            return None
        return min(self.revoked_at or self.expires_at, self.expires_at)


class Waiver(BaseModel):
    """A waiver as it is now."""

    model_config = ConfigDict(frozen=True)

    id: str
    control_id: str
    account_id: str | None
    resource_id: str | None
    ou: str | None
    team: str | None
    reason: str
    ticket: str
    owner: str = Field(description="Who asked for it and answers for it.")
    approver: str | None = Field(description="Who agreed to it: another than the owner.")
    expires_at: datetime
    state: WaiverState
    proposed_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None = Field(description="Since when it covers nothing any more.")
    revoked_by: str | None
    findings: int = Field(description="How many failing findings it covers now, of those that you may see.")
    hash: str = Field(description="Of what was asked; a decision may carry it.")

    @property
    def etag(self) -> str:
        """Changes with the waiver, but not with what it covers."""
        content = self.model_dump(mode="json", exclude={"findings"})
        return hashlib.sha256(canonical(content)).hexdigest()[:16]
