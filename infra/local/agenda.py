"""What will happen at a known moment of AWS time: an account's creation ends, a closure takes effect.

Nothing runs in the background. Before each call the cloud runs what has become due, in the order of time, so that
two runs with the same seed and the same calls at the same moments are the same.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

Action = Callable[[datetime], None]
"""Called with the moment it was due, which may be before now."""


@dataclass(slots=True)
class Agenda:
    """Actions waiting for their moment. Not locked: the cloud's lock is held by whoever uses it."""

    _waiting: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def at(self, moment: datetime, action: Action) -> None:
        """Run `action` once the clock has reached `moment`."""
        heapq.heappush(self._waiting, (moment, next(self._order), action))

    def run_due(self, now: datetime) -> None:
        """Run everything due by `now`, and whatever that puts on the agenda up to `now`."""
        while self._waiting and self._waiting[0][0] <= now:
            moment, _, action = heapq.heappop(self._waiting)
            action(moment)

    def clear(self) -> None:
        """Forget everything that was going to happen."""
        self._waiting.clear()
