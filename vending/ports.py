"""What the other packages may use of vending beside its core, and what they may plug into it.

`guardrails` implements `Baseline`; `guardrails` and `audit` read accounts through `AccountBook` and contribute
pages, API routes and panels to the portal as a `Contribution`. Vending knows none of them by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from vending.core.identity import Caller

if TYPE_CHECKING:
    from fastapi import APIRouter


class AccountState(StrEnum):
    """Where an account stands in its life."""

    ACTIVE = "active"
    FROZEN = "frozen"
    QUARANTINED = "quarantined"
    CLOSING = "closing"
    CLOSED = "closed"


class Account(BaseModel):
    """An account that a team owns, or that the platform owns (`team` is None)."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    name: str
    team: str | None
    ou: str
    """Name of the OU that holds it."""
    ou_class: str | None = None
    """The OU's class, or that of the nearest OU above it that has one; None where there is none."""
    template: str | None
    state: AccountState
    request_id: str | None
    email: str
    baseline_version: str | None
    monthly_budget_usd: int | None
    regions: tuple[str, ...]
    tags: Mapping[str, str]
    created_at: datetime | None
    ends_at: datetime | None
    compliance: str = "unknown"
    """`pass`, `fail` or `unknown`, as the last audit run says."""


class AccountBook(Protocol):
    """The accounts of the organisation with the teams that own them."""

    def all(self) -> Sequence[Account]:
        """Every account of the organisation, the management account included."""
        ...

    def get(self, account_id: str) -> Account:
        """One account.

        Raises:
            NotFound: when the organisation has no such account.
        """
        ...


class Holds(StrEnum):
    """Whether what was promised is so."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Promise:
    """One thing that an account is born with: a setting, or a guardrail it lives under."""

    id: str
    """Stable, unique within an account: `ebs-encryption/eu-west-1`."""
    title: str
    guardrail: str
    """Id of the guardrail or setting in the catalogue."""
    region: str | None
    applied: bool
    """Whether it must be applied in the account; False for what the OU brings along and is only read back."""


@dataclass(frozen=True)
class Reading:
    """What was read back about one promise, from AWS itself."""

    promise_id: str
    holds: Holds
    expected: str
    found: str
    """What AWS answered, or why it did not."""
    read_at: datetime
    settling: bool = False
    """Whether what does not hold yet comes about by itself, because AWS or a schedule is at it."""


@dataclass(frozen=True)
class NewAccount:
    """What the baseline has to know about an account."""

    account_id: str
    name: str
    team: str
    ou_class: str
    regions: tuple[str, ...] = field(default=())
    """The regions the team asked for; settings go to every governed region all the same."""


class Baseline(Protocol):
    """What every account of a class is born with. Each call is idempotent; errors are `AwsFailed`."""

    @property
    def version(self) -> str:
        """Changes when any promise or document changes."""
        ...

    def isolate(self, account_id: str) -> None:
        """Attach the quarantine guardrail: only platform roles can act in the account."""
        ...

    def release(self, account_id: str) -> None:
        """Detach the quarantine guardrail."""
        ...

    def isolated(self, account_id: str) -> bool:
        """Whether the quarantine guardrail is attached, as AWS says."""
        ...

    def describe(self, account: NewAccount) -> Sequence[Promise]:
        """Everything promised for such an account, in the order in which it is applied."""
        ...

    def apply(self, account: NewAccount, promise_id: str) -> None:
        """Make one promise true."""
        ...

    def verify(self, account: NewAccount, promise_id: str) -> Reading:
        """Read one promise back from AWS."""
        ...


@dataclass(frozen=True)
class Audience:
    """Whom to tell: where they are written to is the company file's to say."""

    kind: Literal["approvers", "operators", "security", "escalation", "team", "person"]
    name: str = ""
    """The team, or the person's username."""

    def __str__(self) -> str:
        """`approvers`, `team payments`."""
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True)
class Notice:
    """Something to tell people once."""

    event: str
    """Names the template: `request-parked` is `notices/request-parked.txt` in somebody's templates."""
    once: str
    """The same event with the same `once` is told once, however often it is handed in: `req-1/round 2`."""
    to: tuple[Audience, ...]
    context: Mapping[str, Any]
    """What the template shows; `portal`, the portal's address, and `company` are there besides."""
    team: str | None = None
    """Whose affair it is: its members see it in the mailbox; without it only who sees everything."""


class Notices(Protocol):
    """Tells people by e-mail and webhook. What cannot be delivered is tried again and listed; it stops nobody."""

    def tell(self, notice: Notice) -> None:
        """Keep it for delivery.

        Raises:
            AwsFailed: when it cannot be kept; handing it in again is safe.
        """
        ...


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the portal's main menu."""

    label: str
    href: str
    order: int
    visible: Callable[[Caller], bool] = lambda _: True


@dataclass(frozen=True)
class Panel:
    """A part of the account page: `template` is rendered with what `load` answers."""

    title: str
    template: str
    order: int
    load: Callable[[Account, Caller], Mapping[str, Any]]


@dataclass(frozen=True)
class Contribution:
    """What a package adds to the portal and the REST API."""

    api: "APIRouter | None" = None
    """Mounted under `/api/v1`."""
    pages: "APIRouter | None" = None
    """Mounted at the portal's root."""
    menu: tuple[MenuEntry, ...] = ()
    account_panels: tuple[Panel, ...] = ()
    templates: Path | None = None
    """A folder that is added to the template search path; templates of notices are in `notices/` within."""
