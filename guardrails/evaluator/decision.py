"""What an evaluation answers: allowed, denied by whom, or unknown for want of which keys."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of policy that take part in a decision."""

    SCP = "scp"
    RCP = "rcp"
    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Because:
    """The place of a denial. Indices count from 0.

    An explicit denial names the policy and the statement. An implicit one names the first level of the
    organisation without an Allow, or the kind of policy that grants nothing; then `policy` and
    `statement` are None.
    """

    kind: Kind
    level: int | None
    """0 is the root of the organisation; None for kinds that know no levels."""
    policy: int | None = None
    statement: int | None = None
    name: str = ""
    """Name of the policy, where the caller gave it one."""
    sid: str = ""

    @property
    def explicit(self) -> bool:
        """Whether a Deny statement spoke, not the absence of an Allow."""
        return self.statement is not None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Nothing denies the call."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The call is denied whatever the unknown keys are."""

    because: Because


@dataclass(frozen=True, slots=True)
class Unknown:
    """The call is denied for some values of the missing keys and allowed for others."""

    because: Because
    """What would deny it, where it is denied."""
    missing: tuple[str, ...]
    """The keys the decision depends on, sorted, spelled as the caller spelled them."""


Decision = Allowed | Denied | Unknown
