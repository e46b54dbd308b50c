"""What the audit knows: cells it expects to see, and what was seen in them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ANY_CONTROL = "*"
"""Stands for every control of a source where not even the controls' names could be read."""
ACCOUNT_TYPE = "AWS::::Account"
"""The resource type Config itself gives to an account as a whole."""

UNREAD = "Config judged it NON_COMPLIANT; its annotation was not read."
"""The reason of a failure that was read without its annotation: one that was read before still stands."""

FIELDS = (
    "finding_id",
    "source",
    "control_id",
    "title",
    "severity",
    "status",
    "reason",
    "account_id",
    "team",
    "ou",
    "region",
    "resource_id",
    "resource_type",
    "first_seen",
    "last_seen",
    "changed_at",
    "frameworks",
    "waiver_id",
)
"""A finding's fields, in the order in which every table and file shows them."""


class State(StrEnum):
    """The state of one resource under one control."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - a state, not a password
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    GONE = "gone"
    """Its source no longer reports it. Kept for history, shown among transitions only."""


class Severity(StrEnum):
    """How bad a failure is, as AWS's control catalogue says, or else the guardrail that brought the rule."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNRATED = "unrated"
    """Neither knows the control; it is shown all the same."""


STATUSES = ("fail", "unknown", "waived", "pass", "not_applicable")
"""The status of a finding, worst first; `waived` is a failure under a waiver and is never stored."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One control in one account and region: what a complete run has an answer for."""

    source: str
    control_id: str
    account_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What a source says about one resource of a cell."""

    resource_id: str
    resource_type: str
    state: State
    reason: str
    valid_at: datetime
    """Since when it is so, as far as the source tells; else when it was read."""
    ou: str | None = None
    """The OU that the observation itself is about; the account's own otherwise."""
    strange: bool = False
    """Whether the source said something that has no meaning here."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A complete answer: what is not among the observations is no longer reported."""

    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """News of some resources: it says nothing of the others in the cell, which stand as they are held."""

    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The source says what it said last time; what the ledger holds still stands."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, and why. It is never taken for a pass."""

    reason: str
    strange: bool = False
    """Whether there was an answer, but one that has no meaning here."""


Answer = Seen | Told | Unchanged | Unknown


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run has to say about one cell."""

    cell: Cell
    answer: Answer
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Control:
    """How a control is called and rated."""

    source: str
    control_id: str
    title: str
    severity: Severity = Severity.UNRATED
    frameworks: tuple[str, ...] = ()
    intent: str = ""
    """The same for controls that want the same; the control's own id where it is empty."""


@dataclass(frozen=True, slots=True)
class Held:
    """How many resources of a cell the ledger holds in which state."""

    passes: int
    others: int
    dark: bool = field(default=False, compare=False)
    """Whether the last run did not see it."""
