"""The request for an account: what was asked, and what became of it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field

from vending.ports import Holds

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
TagKey = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+@-]+$", max_length=128)]
TagValue = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+@-]*$", max_length=256)]
Dollars = Annotated[int, Field(strict=True, gt=0, le=10_000_000)]
"""Strict: neither text that looks like a number nor a truth value is one."""
MAX_TAGS = 40
"""AWS allows 50 tags an account (Organizations quotas); the rest is the platform's."""


class State(StrEnum):
    """Where a request stands."""

    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    CREATING = "creating"
    ENROLLING = "enrolling"
    BASELINING = "baselining"
    VERIFYING = "verifying"
    READY = "ready"
    PARKED = "parked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


ENDED = frozenset({State.READY, State.REJECTED, State.CANCELLED})
"""States that a request never leaves."""


class AccountRequest(BaseModel):
    """What a team lead asks for, by form, API, command line or file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    team: str
    name: Name
    template: str
    purpose: Purpose
    monthly_budget_usd: Dollars
    data_class: str
    regions: tuple[str, ...] = Field(min_length=1)
    tags: Mapping[TagKey, TagValue] = Field(default={}, max_length=MAX_TAGS)

    @property
    def hash(self) -> str:
        """What an approval is bound to: SHA-256 of the whole request in a canonical form."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class StepState(StrEnum):
    """Where one step of making stands."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class TimelineEntry(BaseModel):
    """One step as the request's page shows it."""

    model_config = ConfigDict(frozen=True)

    step: str
    state: StepState
    started_at: datetime
    ended_at: datetime | None = None
    detail: str = ""
    remedy: str = ""


class Approval(BaseModel):
    """Somebody agreed to exactly this request."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: datetime
    hash: str
    break_glass: bool = False
    """Whether it stands alone, in an emergency, whatever the rule asks for."""
    reason: str = ""
    """Why the glass was broken."""


class Lapse(BaseModel):
    """Approvals that hold no more."""

    model_config = ConfigDict(frozen=True)

    by: tuple[str, ...]
    """Whose they were."""
    at: datetime
    because: str


class BreakGlass(BaseModel):
    """A request that somebody approved alone in an emergency."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    team: str
    name: str
    by: str
    at: datetime
    reason: str
    hash: str


class Cause(BaseModel):
    """Why a request is parked, in words for the one who can mend it."""

    model_config = ConfigDict(frozen=True)

    code: str
    sentence: str
    remedy: str
    who: str
    """`requester`, `operator`, `platform` or `aws`: who can mend it."""
    field: str | None = None
    """The field of the request to edit, where an edit mends it."""
    aws_request_id: str = ""


class Request(BaseModel):
    """A request as everybody who may see it sees it."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: State
    team: str
    name: str
    template: str
    purpose: str
    monthly_budget_usd: int
    data_class: str
    regions: tuple[str, ...]
    tags: Mapping[str, str]
    hash: str
    requester: str
    created_at: datetime
    updated_at: datetime
    email: str
    account_id: str | None = None
    rule: str
    """The approval rule that decided."""
    rule_because: str = ""
    """The facts that it was judged by, in words."""
    approvers_needed: int
    approvals: tuple[Approval, ...] = ()
    lapsed: Lapse | None = None
    """The approvals that it lost last, and why."""
    edited_by: tuple[str, ...] = ()
    """Who changed it since it was asked for: they do not decide on it either."""
    rejected_by: str | None = None
    reason: str | None = None
    """Why it was rejected or cancelled."""
    parked: Cause | None = None
    asked_aws_at: datetime | None = None
    """When AWS was last about to be asked for the account: from then on one may exist."""
    cancel_wanted_by: str | None = None
    """Who cancelled it after AWS was asked: it parks as soon as its account can be put in quarantine."""
    position: int | None = None
    """Place in the queue, from 1; None when it is not waiting in one."""
    eta: datetime | None = None
    """When it will be ready, as far as AWS's usual pace tells."""
    waiting_for: str | None = None
    """What has to happen next, in words; None when nothing is waited for."""
    timeline: tuple[TimelineEntry, ...] = ()
    etag: str = ""
    """Changes with every change of the request; `PATCH` sends it back as If-Match."""

    @property
    def asked(self) -> AccountRequest:
        """What was asked, without what became of it."""
        return AccountRequest(**{name: getattr(self, name) for name in AccountRequest.model_fields})


class Page(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Any, ...]
    next: str | None
    """Opaque cursor of the next page; None at the end."""
    limit: int


class PlannedCall(BaseModel):
    """One thing that will be done, in order."""

    model_config = ConfigDict(frozen=True)

    step: str
    calls: tuple[str, ...]
    """`service:Operation` of each AWS call that changes something."""
    seconds: int
    """Usual duration, in seconds of AWS time."""


class Check(BaseModel):
    """Something found out before AWS is asked for the account."""

    model_config = ConfigDict(frozen=True)

    id: str
    """`ou`, `email`, `tags`, `quota`, or `tags.` and the key that is wrong."""
    holds: Holds
    found: str
    """In words; where it is unknown, why."""


class AccountQuota(BaseModel):
    """The room that an organisation has for accounts."""

    model_config = ConfigDict(frozen=True)

    limit: int | None = None
    """None where it is not known."""
    used: int = 0
    """Accounts of the organisation, the management account and closed ones included."""
    closed: int = 0
    """Those of them that are closed: they count until they are gone for good, 90 days after closing."""
    invited: int = 0
    """Open invitations, which count as accounts do."""
    waiting: int = 0
    """Accounts that were asked for and that AWS has not made yet."""
    unknown: str = ""
    """Why the limit is not known."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def left(self) -> int | None:
        """How many more can be asked for; None where it is not known."""
        return None if self.limit is None else self.limit - self.used - self.invited - self.waiting

    @property
    def check(self) -> Check:
        """Whether there is room for one more."""
        if self.limit is None:
            return Check(id="quota", holds=Holds.UNKNOWN, found=self.unknown)
        closed = f" ({self.closed} of them closed, which count for 90 days)" if self.closed else ""
        used = f"{self.used} of {self.limit} accounts are there{closed}"
        invited = f", {self.invited} more are invited, which count as well" if self.invited else ""
        waiting = f", {self.waiting} more are under way" if self.waiting else ""
        return Check(
            id="quota", holds=Holds.YES if self.left and self.left > 0 else Holds.NO, found=used + invited + waiting
        )


class Plan(BaseModel):
    """What a request would do, without doing it."""

    model_config = ConfigDict(frozen=True)

    email: str
    ou: str
    rule: str
    approvers_needed: int
    steps: tuple[PlannedCall, ...]
    seconds: int
    ready_at: datetime | None
    """When it would be ready, those before it in the queue counted; None when somebody has to approve it first."""
    quota: AccountQuota
    """What there is of the one quota that an account costs: it takes one of them."""
    checks: tuple[Check, ...]
    """What was found out about it in AWS."""
    rule_because: str
    guardrails: tuple[str, ...]
    """Ids of the guardrails and settings that the account will live under."""
    hash: str


class Choices(BaseModel):
    """What this caller may pick in the form."""

    model_config = ConfigDict(frozen=True)

    teams: Mapping[str, str]
    """Name -> title."""
    templates: Mapping[str, str]
    regions: tuple[str, ...]
    data_classes: tuple[str, ...]
    budget_limits: Mapping[str, int]
    """Template -> highest monthly budget in USD."""
