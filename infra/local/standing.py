"""The local runner's scheduler on time that passes only when nothing is under way."""

import heapq
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from aws_durable_execution_sdk_python_testing.scheduler import Event, Scheduler

from infra.local.clock import CloudClock

PATIENCE_SECONDS = 120.0
"""How long, in real seconds, something may be under way."""


@dataclass(order=True)
class Timer:
    """Something to be done at a moment of AWS time."""

    at: datetime
    number: int
    action: Callable[[], Any] = field(compare=False)
    told: Event | None = field(compare=False)
    future: "Future[Any]" = field(compare=False, default_factory=Future)


class StandingScheduler(Scheduler):
    """Does at once what is to be done at once, and keeps the rest until somebody lets time pass."""

    def __init__(self, clock: CloudClock) -> None:
        super().__init__()
        self._clock = clock
        self._timers: list[Timer] = []
        self._numbers = count()
        self._under_way = 0
        self._changed = threading.Condition()

    def call_later(
        self,
        func: Callable[[], Any],
        delay: float = 0,
        count: int | None = 1,
        completion_event: Event | None = None,
    ) -> "Future[Any]":
        """The runner's own, with the delay in seconds of AWS time."""
        if delay > 0:
            timer = Timer(self._clock.now() + timedelta(seconds=delay), next(self._numbers), func, completion_event)
            with self._changed:
                heapq.heappush(self._timers, timer)
            return timer.future
        with self._changed:
            self._under_way += 1
        future: Future[Any] = super().call_later(func, 0, count, completion_event)
        future.add_done_callback(self._end)
        return future

    def settle(self) -> None:
        """Wait until nothing is under way.

        Raises:
            TimeoutError: when something takes too long to be anything but stuck.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way == 0, PATIENCE_SECONDS):
                raise TimeoutError(f"{self._under_way} executions are still under way")

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way."""
        with self._changed:
            return self._under_way == 0

    def next_at(self) -> datetime | None:
        """When the next timer is due."""
        with self._changed:
            while self._timers and self._timers[0].future.cancelled():
                heapq.heappop(self._timers)
            return self._timers[0].at if self._timers else None

    def run_due(self) -> None:
        """Begin everything that is due by now."""
        while (at := self.next_at()) is not None and at <= self._clock.now():
            with self._changed:
                timer = heapq.heappop(self._timers)
            if timer.future.set_running_or_notify_cancel():
                timer.future.set_result(None)
                self.call_later(timer.action, 0, 1, timer.told)

    def _end(self, _: "Future[Any]") -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()
