"""One reading that serves the promises which are verified one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from vending.core.clock import Clock

FRESH = timedelta(seconds=60)
"""For how long one reading serves; no promise is served by it twice, so that asking again is reading again."""

T = TypeVar("T")


@dataclass(frozen=True)
class SharedReading(Generic[T]):
    """What was read at a moment."""

    read_at: datetime
    found: T
    served: set[str] = field(default_factory=set)
    """The promises that were verified by it."""


class SharedReadings(Generic[T]):
    """The latest reading of each thing: an account's path, its conformance packs, an OU's controls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, SharedReading[T]] = {}

    def get(self, thing: str, promise: str, read: Callable[[], T]) -> SharedReading[T]:
        """What is known of the thing, read since the promise was last verified."""
        now = self._clock.now()
        known = self._known.get(thing)
        if known is None or now - known.read_at > FRESH or promise in known.served:
            known = SharedReading(now, read())
            recent = {each: found for each, found in self._known.items() if now - found.read_at <= FRESH}
            self._known = {**recent, thing: known}
        known.served.add(promise)
        return known
