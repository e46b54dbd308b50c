"""What a source of findings is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.estate import Estate
from audit.finding import Cell, Control, Held, Reading


@dataclass(frozen=True)
class Plan:
    """What a source is going to do: the cells it answers, and how many calls that takes."""

    ready: tuple[Reading, ...]
    """What planning already answered."""
    open: tuple[Cell, ...]
    """What is still to be asked."""
    calls: int
    """The calls that the open cells are going to take."""


class Source(Protocol):
    """One API that tells whether controls hold. Reads only."""

    @property
    def name(self) -> str:
        """The `source` of its findings."""
        ...

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """What goes dark when the source does not answer at all: a cell for `ANY_CONTROL` per place it covers."""
        ...

    def plan(self, estate: Estate, held: Mapping[Cell, Held]) -> Plan:
        """Which cells there are, by the cheapest listing the API has.

        Args:
            estate: what is to be audited.
            held: what the ledger holds of this source.

        Raises:
            AwsFailed: when the listing itself fails: then the whole territory is unknown.
        """
        ...

    def collect(self, cells: Sequence[Cell]) -> Iterator[Reading]:
        """One reading for each open cell; a cell that fails is an `Unknown` with AWS's own words."""
        ...

    def describe(self, control_id: str) -> Control:
        """Title, severity and frameworks of a control."""
        ...
