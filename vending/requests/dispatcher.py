"""The one that is on schedule: lets waiting requests pass their gates and repeats every wake-up that may be lost.

It keeps nothing of its own. What it does follows from the table, so running it twice, late or after a crash changes
nothing but the time.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from vending.core.clock import Clock
from vending.core.errors import AwsFailed, AwsMissing, Stale
from vending.requests.engine import Engine
from vending.requests.model import ENDED, State
from vending.requests.queue import grants
from vending.requests.record import Record, Records

logger = logging.getLogger(__name__)
GRANTED = "granted"
MOVED_ON = "moved on"
ASLEEP = frozenset({State.AWAITING_APPROVAL, State.PARKED})
"""States in which the workflow sleeps until a person acts."""
AT_REST = ASLEEP | ENDED
"""States in which no step is made."""


@dataclass(frozen=True)
class Dispatcher:
    """Runs on a schedule, a few seconds to a minute apart."""

    records: Records
    engine: Engine
    clock: Clock

    def tick(self) -> int:
        """One round. Gives back how many executions were started or woken; a request that fails delays no other."""
        records = self.records.open()
        woken = sum(_try(self._repeat, record) for record in records)
        waiting = [record for record in records if not has_left(record)]
        return woken + sum(_try(self._grant, record) for record in grants(waiting, self.clock.now()))

    def _repeat(self, record: Record) -> int:
        """Start what was never started, and wake what should be awake by now."""
        if not record.started:
            self.engine.start(record.id)
            return 1
        if record.callback and record.state not in ASLEEP:
            return wake(self.engine, record.callback, MOVED_ON)
        if record.gate and (record.gate.granted_at or has_left(record)):
            return wake(self.engine, record.gate.callback, GRANTED)
        return 0

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


def has_left(record: Record) -> bool:
    """Whether the request waits at a gate that it need not pass any more: cancelled, or back at its approvers."""
    waits = record.gate is not None and record.gate.granted_at is None
    return waits and (record.state in AT_REST or record.cancel_wanted_by is not None)


def wake(engine: Engine, callback: str, result: str) -> int:
    """Complete a callback; 0 when nobody waits for it any more."""
    try:
        engine.complete(callback, result)
    except AwsMissing:
        return 0
    return 1
