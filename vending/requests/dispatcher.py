"""The one that is on schedule: lets waiting requests pass their gates, sees what AWS has finished, and repeats every
wake-up that may be lost.

It keeps nothing that it needs. What it does follows from the table, so running it twice, late or after a crash changes
nothing but the time. However many wait, it reads those inside a gate and, of the others, the lists of gates with room.
"""

import logging
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial

from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.errors import AwsFailed, AwsMissing, Stale
from vending.requests.engine import Engine
from vending.requests.lines import Lines
from vending.requests.lookout import ended
from vending.requests.queue import grants, with_room
from vending.requests.record import ASLEEP, Record, Records, Watch

logger = logging.getLogger(__name__)
GRANTED = "granted"
MOVED_ON = "moved on"
ENDED = "ended"


@dataclass(frozen=True)
class Dispatcher:
    """Runs on a schedule, a few seconds to a minute apart."""

    records: Records
    engine: Engine
    clock: Clock
    aws: Aws
    gates: tuple[str, ...]
    """What requests may wait for, as `queue.gates_of` tells it."""

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.records, self.clock)

    def tick(self) -> int:
        """One round. Gives back how many executions were started or woken; a request that fails delays no other."""
        revived = self._revive()
        moving = self.records.moving()
        woken = sum(_try(self._repeat, record) for record in moving) + self._watch(moving)
        return revived + woken + self._let_pass(moving)

    def _revive(self) -> int:
        """Give each request whose execution broke another one, which goes on after the last step that was done."""
        try:
            broken = self.engine.broken()
        except AwsFailed as error:
            logger.warning("what broke is seen in the next round: %s", error.sentence)
            return 0
        left = [record for record in self.records.open() if record.execution in broken] if broken else []
        return sum(_try(self._take_up_anew, record) for record in left)

    def _take_up_anew(self, record: Record) -> int:
        def revive(found: Record) -> Record | None:
            return revived(found) if found.execution == record.execution else None

        self.records.change(record.id, "dispatcher", "taken up anew", revive, broken=record.execution.name)
        return 1

    def _repeat(self, record: Record) -> int:
        """Start what was never started, and wake what should be awake by now."""
        if not record.started:
            self.engine.start(record.execution)
            return 1
        if record.callback and record.state not in ASLEEP:
            return wake(self.engine, record.callback, MOVED_ON)
        if record.gate and record.has_left:
            return wake(self.engine, record.gate.callback, MOVED_ON)
        if record.gate and not record.gate.passed:
            return wake(self.engine, record.gate.callback, GRANTED)
        return 0

    def _watch(self, moving: Sequence[Record]) -> int:
        """Wake those whose account AWS has made or enrolled, or that have waited for it long enough."""
        watches = [record.watch for record in moving if record.watch]
        seen = {(kind, subject) for kind in {w.kind for w in watches} for subject in self._ended(kind, watches)}
        return sum(_try(partial(self._wake_watcher, seen), record) for record in moving)

    def _wake_watcher(self, seen: Set[tuple[str, str]], record: Record) -> int:
        """Wake one whose wait is over: AWS is done, it waited long enough, or its account is not wanted any more."""
        watch = record.watch
        if watch is None:
            return 0
        unwanted = record.cancel_wanted_by is not None and record.account_id is not None
        over = (watch.kind, watch.subject) in seen or watch.until <= self.clock.now() or unwanted
        return wake(self.engine, watch.callback, ENDED) if over else 0

    def _ended(self, kind: str, watches: Iterable[Watch]) -> frozenset[str]:
        try:
            return ended(self.aws, kind, [watch.subject for watch in watches if watch.kind == kind])
        except AwsFailed as error:
            logger.warning("whether a %s has ended is seen in the next round: %s", kind, error.sentence)
            return frozenset()

    def _let_pass(self, moving: Sequence[Record]) -> int:
        now = self.clock.now()
        moved = {record.id for record in moving}
        waiting = [record for gate in with_room(self.gates, moving, now) for record in self._lines.at(gate, moved)]
        queued = [record for record in (*moving, *waiting) if not record.has_left]
        return sum(_try(self._grant, record) for record in grants(queued, now))

    def _grant(self, record: Record) -> int:
        now = self.clock.now()

        def grant(found: Record) -> Record | None:
            if found.gate is None or found.gate != record.gate:
                return None
            return found.model_copy(update={"gate": found.gate.model_copy(update={"granted_at": now})})

        name = record.gate.name if record.gate else ""
        granted = self.records.change(record.id, "dispatcher", "gate granted", grant, gate=name)
        if granted.gate is None or granted.gate.granted_at is None:
            return 0
        return wake(self.engine, granted.gate.callback, GRANTED)


def _try(act: Callable[[Record], int], record: Record) -> int:
    try:
        return act(record)
    except (AwsFailed, Stale) as error:
        logger.warning("request %s has to wait for the next round: %s", record.id, error.sentence)
        return 0


def revived(record: Record) -> Record:
    """With the next execution, which is still to be started and waits for nothing."""
    counted = record.executions_broken + (record.state not in ASLEEP)
    nothing = {"started": False, "callback": None, "gate": None, "watch": None}
    number = {"execution_number": record.execution_number + 1, "executions_broken": counted}
    return record.model_copy(update={**number, **nothing})


def wake(engine: Engine, callback: str, result: str) -> int:
    """Complete a callback; 0 when nobody waits for it any more."""
    try:
        engine.complete(callback, result)
    except AwsMissing:
        return 0
    return 1
