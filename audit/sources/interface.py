"""What a source of findings is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from audit.calls import Calls
from audit.estate import Estate
from audit.finding import Cell, Control, Held, Reading, State
from audit.run import RunKind

States = Mapping[tuple[str, str, str, str], Mapping[str, State]]
"""Account id, region, type and id of a resource -> what each rule says of it."""


def _nothing(_: Sequence[tuple[str, str, str, str]]) -> States:
    return {}


@dataclass(frozen=True)
class Known:
    """What the ledger knows of a source when a run begins."""

    held: Mapping[Cell, Held] = field(default_factory=dict)
    kind: RunKind = RunKind.FULL
    since: datetime | None = None
    """When the run before began; None before the first."""
    resources: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Account id and region -> how many resources rules judge there, and how many of these fail any."""
    ous: Mapping[str, str] = field(default_factory=dict)
    """Account id -> the OU it was in: another one means other obligations."""
    states: Callable[[Sequence[tuple[str, str, str, str]]], States] = _nothing
    """What is held of some resources."""
    turn: int = 0
    """Counts the runs, for what is looked at in turn."""

    @property
    def is_incremental(self) -> bool:
        """Whether what has not changed since may be left as it is."""
        return self.kind is RunKind.INCREMENTAL and self.since is not None


@dataclass(frozen=True)
class Shard:
    """A piece of a source's work that is done, written down and never repeated."""

    name: str
    """Unique within a run."""
    source: str
    calls: int
    """How many calls it takes, as far as can be told."""
    work: Mapping[str, Any]
    """What is to be asked, as JSON holds it: another process may do it."""


@dataclass(frozen=True)
class Plan:
    """What a source is going to do: the cells it answers, and the shards of what is still to be asked."""

    ready: tuple[Reading, ...]
    """What planning already answered."""
    shards: tuple[Shard, ...] = ()
    controls: tuple[Control, ...] = ()
    """Every control of the cells, ready or not."""

    @property
    def calls(self) -> int:
        """The calls that the shards are going to take."""
        return sum(shard.calls for shard in self.shards)


class Source(Protocol):
    """One API that tells whether controls hold. Reads only."""

    @property
    def name(self) -> str:
        """The `source` of its findings."""
        ...

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """What goes dark when the source does not answer at all: a cell for `ANY_CONTROL` per place it covers."""
        ...

    def plan(self, calls: Calls, estate: Estate, known: Known) -> Plan:
        """Which cells there are, by the cheapest listing the API has.

        Raises:
            AwsFailed: when the listing itself fails: then the whole territory is unknown.
        """
        ...

    def collect(self, calls: Calls, shard: Shard) -> Iterator[Reading]:
        """One reading for each cell of a shard; a cell that fails is an `Unknown` with AWS's own words."""
        ...
