"""Those that wait at the gates, as the dispatcher sees them: a long line is not read anew in every round.

Who is let pass is decided on the request as the table has it then, so what is a little old here delays at most.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vending.core.clock import Clock
from vending.requests.record import Record, Records

KEPT = timedelta(minutes=1)
"""How old a line may be."""
SHORT = 10
"""A line of no more is read in every round: who comes to it may be the next one. AWS lets five pass at once."""


@dataclass(frozen=True)
class Line:
    """Who waited at a gate at a moment, but for those that were seen to move on since."""

    read_at: datetime
    waiting: tuple[Record, ...]


@dataclass(frozen=True)
class Lines:
    """The lines of a process, by gate."""

    records: Records
    clock: Clock
    _read: dict[str, Line] = field(default_factory=dict)

    def at(self, gate: str, moved: Set[str]) -> tuple[Record, ...]:
        """Those that wait at a gate, without the requests whose ids are in `moved`."""
        line = self._read.get(gate)
        left = tuple(record for record in line.waiting if record.id not in moved) if line else ()
        if line and len(left) > SHORT and self.clock.now() - line.read_at < KEPT:
            self._read[gate] = Line(line.read_at, left)
            return left
        found = self.records.waiting(gate)
        self._read[gate] = Line(self.clock.now(), found)
        return found
