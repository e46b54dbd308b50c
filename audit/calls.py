"""The audit's calls to AWS: counted, and as fast as AWS grants them."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.errors import AwsThrottled, AwsUnanswered

ATTEMPTS = 8
"""How often a refused or unanswered call is made before it counts as failed."""
FIRST_GAP = 0.1
LONGEST_GAP = 20.0
RECOVERY = 0.9
_TOKENS = ("NextToken", "nextToken")


class Limiter:
    """Spaces the calls of one API: the gap doubles with each refusal and shrinks with each success.

    AWS publishes no rate for most of these APIs, so the rate is found by asking. All time is AWS's.
    """

    def __init__(self, clock: Clock, pause: Callable[[float], object]) -> None:
        self.gap = 0.0
        """Seconds between the starts of two calls."""
        self._clock = clock
        self._pause = pause
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = self._now()
            start = max(now, self._next)
            self._next = start + self.gap
        if start > now:
            self._pause(start - now)

    def refuse(self) -> None:
        """AWS refused: slow down, this call included."""
        with self._lock:
            self.gap = min(max(self.gap * 2, FIRST_GAP), LONGEST_GAP)
            self._next = max(self._next, self._now() + self.gap)

    def grant(self) -> None:
        """AWS answered: dare a little more."""
        with self._lock:
            self.gap = self.gap * RECOVERY if self.gap > FIRST_GAP / 10 else 0.0

    def _now(self) -> float:
        return self._clock.now().timestamp()


class Calls:
    """Makes calls through one limiter per API and counts every attempt."""

    def __init__(self, aws: Aws, clock: Clock, pause: Callable[[float], object]) -> None:
        self._aws = aws
        self._clock = clock
        self._pause = pause
        self._limiters: dict[tuple[str, str, str | None], Limiter] = {}
        self._made: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def made(self) -> int:
        """How many calls were made, refused ones included."""
        return sum(self._made.values())

    @property
    def by_operation(self) -> dict[str, int]:
        """The same, by `service:operation`."""
        return dict(self._made)

    def ask(self, service: str, operation: str, region: str | None = None, **params: Any) -> dict[str, Any]:
        """The answer of one call, made again while AWS says to slow down or does not answer.

        Only for reads: a call without an answer is repeated.

        Raises:
            AwsFailed: as AWS answers at last.
        """
        limiter = self._limiter(service, operation, region)
        method = getattr(self._aws.client(service, region, once=True), operation)
        for attempt in range(1, ATTEMPTS + 1):
            limiter.wait()
            with self._lock:
                self._made[f"{service}:{operation}"] += 1
            try:
                answer: dict[str, Any] = method(**params)
            except (AwsThrottled, AwsUnanswered):
                limiter.refuse()
                if attempt == ATTEMPTS:
                    raise
            else:
                limiter.grant()
                return answer
        raise AssertionError("unreachable: the last attempt returns or raises")

    def pages(self, service: str, operation: str, region: str | None = None, **params: Any) -> Iterator[dict[str, Any]]:
        """Every page of a listing. An empty page with a token is not the end; a refused page is asked for again."""
        while True:
            page = self.ask(service, operation, region, **params)
            yield page
            token = next((name for name in _TOKENS if page.get(name)), None)
            if token is None:
                return
            params[token] = page[token]

    def _limiter(self, service: str, operation: str, region: str | None) -> Limiter:
        with self._lock:
            return self._limiters.setdefault((service, operation, region), Limiter(self._clock, self._pause))
