"""The audit's calls to AWS: counted, kept, and as fast as AWS grants them."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, Self

from vending.core.aws import Aws, Client
from vending.core.clock import Clock
from vending.core.errors import AwsFailed, AwsThrottled, AwsUnanswered

ATTEMPTS = 8
"""How often a refused or unanswered call is made before it counts as failed."""
SLOWER = 0.7
"""What a refusal leaves of the pace; of one that follows another, half."""
FASTER = 0.1
"""Calls a second that each answer adds to the pace."""
SLOWEST = 0.05
"""Calls a second at least: one in twenty seconds."""
FIRST_PACE = 5.0
"""The pace after a refusal before anything was answered."""
REFUSED = "$refused"
"""Stands for a refusal where an answer would be; AWS's models have no member of this name."""
_TOLD = ("service", "operation", "aws_code", "aws_reason")
_WINDOW = 1.0
_TOKENS = ("NextToken", "nextToken")


class Garbled(AwsUnanswered):
    """AWS answered, but not in the shape its model promises: a page that is no JSON, or empty."""


class Limiter:
    """Spaces the calls of one API in one region: a refusal cuts the pace, each answer adds a little.

    AWS publishes no rate for most of these APIs, so the rate is found by asking: unlimited at first, then from the
    pace that was granted when the first refusal came. All time is AWS's.
    """

    def __init__(self, clock: Clock, pause: Callable[[float], None]) -> None:
        self.pace: float | None = None
        """Calls a second; None until AWS has refused one."""
        self._clock = clock
        self._pause = pause
        self._next = 0.0
        self._cut_at = 0.0
        self._again = False
        """Whether the last answer was a refusal."""
        self._granted: deque[float] = deque(maxlen=100)
        self._lock = threading.Lock()

    @property
    def gap(self) -> float:
        """Seconds between the starts of two calls."""
        return 1 / self.pace if self.pace else 0.0

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = self._now()
            start = max(now, self._next)
            self._next = start + self.gap
        if start > now:
            self._pause(start - now)

    def refuse(self) -> None:
        """AWS refused: slow down, this call included. Refusals of calls that were under way together count once."""
        with self._lock:
            now = self._now()
            if self.pace is None:
                recent = sum(moment > now - _WINDOW for moment in self._granted)
                self.pace = recent * SLOWER / _WINDOW or FIRST_PACE
            elif now - self._cut_at >= self.gap:
                self.pace = max(self.pace * (0.5 if self._again else SLOWER), SLOWEST)
            self._cut_at, self._again = now, True
            self._next = max(self._next, now + self.gap)

    def grant(self) -> None:
        """AWS answered: dare a little more."""
        with self._lock:
            self._granted.append(self._now())
            self._again = False
            if self.pace is not None:
                self.pace += FASTER

    def _now(self) -> float:
        return self._clock.now().timestamp()


@dataclass(frozen=True)
class Answered:
    """One answer of AWS, as it came."""

    service: str
    operation: str
    region: str | None
    params: Mapping[str, Any]
    answer: Mapping[str, Any]
    at: datetime
    account_id: str | None = None
    """The member account that was asked; None for the management account."""


class Keeper(Protocol):
    """Is handed every answer that findings are made of."""

    def keep(self, answered: Answered) -> None:
        """Called in the thread that asked, before anything is made of the answer."""
        ...

    def close(self) -> None:
        """There are no more answers: what was handed in is kept when this returns."""
        ...


class Calls:
    """Makes calls through one limiter per API and region and counts every attempt."""

    def __init__(self, aws: Aws, clock: Clock, pause: Callable[[float], None], keeper: Keeper | None = None) -> None:
        self.aws = aws
        self._clock = clock
        self._pause = pause
        self._keeper = keeper
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

    def counting(self, keeper: Keeper | None = None) -> "Calls":
        """The same limits under a count of their own, which is not part of this one's."""
        other = Calls(self.aws, self._clock, self._pause, keeper or self._keeper)
        other._limiters, other._lock = self._limiters, self._lock
        return other

    def ask(
        self,
        service: str,
        operation: str,
        region: str | None = None,
        account_id: str | None = None,
        *,
        may_be_empty: bool = False,
        **params: Any,
    ) -> dict[str, Any]:
        """The answer of one call, made again while AWS says to slow down or does not answer.

        Only for reads: a call without an answer is repeated. `account_id` asks in a member account; an answer with
        nothing in it counts as none unless it `may_be_empty`.

        Raises:
            AwsFailed: as AWS answers at last.
        """
        limiter = self._limiter(service, operation, account_id or region)
        method = getattr(self.aws.client(service, region, account_id, once=True), operation)
        for attempt in range(1, ATTEMPTS + 1):
            limiter.wait()
            self.count(service, operation)
            try:
                answer: dict[str, Any] = method(**params)
                if answer.keys() <= {"ResponseMetadata"} and not may_be_empty:
                    raise _garbled(service, operation)
            except (AwsThrottled, AwsUnanswered):
                limiter.refuse()
                if attempt == ATTEMPTS:
                    raise
            except AwsFailed as refusal:
                self._keep(
                    Answered(service, operation, region, params, told_of(refusal), self._clock.now(), account_id)
                )
                raise
            else:
                limiter.grant()
                self._keep(Answered(service, operation, region, params, answer, self._clock.now(), account_id))
                return answer
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _keep(self, answered: Answered) -> None:
        if self._keeper:
            self._keeper.keep(answered)

    def count(self, service: str, operation: str, calls: int = 1) -> None:
        """Add calls that somebody else made for this count."""
        with self._lock:
            self._made[f"{service}:{operation}"] += calls

    def pages(
        self, service: str, operation: str, region: str | None = None, account_id: str | None = None, **params: Any
    ) -> Iterator[dict[str, Any]]:
        """Every page of a listing. An empty page with a token is not the end; a refused page is asked for again."""
        while True:
            page = self.ask(service, operation, region, account_id, **params)
            yield page
            token = next((name for name in _TOKENS if page.get(name)), None)
            if token is None:
                return
            params = {**params, token: page[token]}

    def _limiter(self, service: str, operation: str, region: str | None) -> Limiter:
        with self._lock:
            return self._limiters.setdefault((service, operation, region), Limiter(self._clock, self._pause))


class CountedAws(Aws):
    """Clients for code that reads AWS on its own: its calls are counted and limited like the audit's.

    Only reads get through: a call that may write is not repeated, and so is none of the audit's.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.home_region = calls.aws.home_region

    def client(
        self, service: str, region: str | None = None, account_id: str | None = None, *, once: bool = False
    ) -> "CountedClient":
        """A client as `Aws.client` has it."""
        return CountedClient(self.calls, service, region, account_id, once=once)


class CountedClient(Client):
    """A client whose calls go through a `Calls`."""

    def __init__(self, calls: Calls, service: str, region: str | None, account_id: str | None, *, once: bool) -> None:
        self._calls = calls
        self._where = (service, region, account_id)
        super().__init__(calls.aws.client(service, region, account_id, once=once)._raw)

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if not operation.startswith(_READS):
            raise AttributeError(f"the audit only reads: {operation} is none of its calls")
        service, region, account_id = self._where
        return partial(self._calls.ask, service, operation, region, account_id, may_be_empty=True)

    @property
    def patient(self) -> Self:
        """Itself: `Calls` repeats a refused read already."""
        return self


_READS = ("describe_", "get_", "head_", "list_")


def told_of(refusal: AwsFailed) -> dict[str, Any]:
    """A refusal as it is kept in the place of an answer: that a setting was never made is an observation, too."""
    about = {name: getattr(refusal, name) for name in _TOLD}
    return {REFUSED: {"code": refusal.code, "sentence": refusal.sentence, **about}}


def refusal_of(answer: Mapping[str, Any]) -> AwsFailed | None:
    """The refusal that was kept; None for an answer."""
    if REFUSED not in answer:
        return None
    about = answer[REFUSED]
    known: list[type[AwsFailed]] = [AwsFailed, *AwsFailed.__subclasses__()]
    kinds = {kind.code: kind for kind in known}
    return kinds[about["code"]](about["sentence"], **{name: about[name] for name in _TOLD})


def _garbled(service: str, operation: str) -> Garbled:
    return Garbled(
        f"AWS answered {service}:{operation} with something that is not the JSON its model promises.",
        "Something stands between here and AWS (a proxy?), or AWS is in trouble; it was asked again in vain.",
        service=service,
        operation=operation,
    )
