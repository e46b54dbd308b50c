"""Calls to AWS: as fast as granted, all counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from audit.calls import ATTEMPTS, FIRST_GAP, Calls, Limiter
from vending.core.aws import Aws
from vending.core.errors import AwsDenied, AwsFailed, AwsThrottled, AwsUnanswered

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class StandingClock:
    """Moves on only by waiting."""

    waited: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return START + timedelta(seconds=sum(self.waited))

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@dataclass
class Answering:
    """Takes the part of AWS: gives these answers one after the other."""

    answers: list[dict[str, Any] | AwsFailed]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def client(self, service: str, region: str | None = None, *, once: bool) -> "Answering":
        assert once
        return self

    def list_things(self, **params: Any) -> dict[str, Any]:
        self.asked.append(params)
        answer = self.answers.pop(0)
        if isinstance(answer, AwsFailed):
            raise answer
        return answer


def calls_to(aws: Answering, clock: StandingClock) -> Calls:
    return Calls(cast("Aws", aws), clock, clock.wait)


def test_pages_are_read_to_the_end_even_past_an_empty_one() -> None:
    aws = Answering([{"Items": [1], "NextToken": "a"}, {"Items": [], "NextToken": "b"}, {"Items": [2]}])
    calls = calls_to(aws, StandingClock())

    pages = list(calls.pages("config", "list_things", Limit=5))

    assert [page["Items"] for page in pages] == [[1], [], [2]]
    assert aws.asked == [{"Limit": 5}, {"Limit": 5, "NextToken": "a"}, {"Limit": 5, "NextToken": "b"}]
    assert calls.made == 3
    assert calls.by_operation == {"config:list_things": 3}


@pytest.mark.parametrize("refusal", [AwsThrottled("slow down"), AwsUnanswered("no answer")])
def test_a_refused_page_is_asked_for_again_later(refusal: AwsFailed) -> None:
    clock = StandingClock()
    aws = Answering([{"Items": [1], "nextToken": "a"}, refusal, {"Items": [2]}])
    calls = calls_to(aws, clock)

    pages = list(calls.pages("controltower", "list_things"))

    assert [page["Items"] for page in pages] == [[1], [2]]
    assert calls.made == 3
    assert clock.waited == [pytest.approx(FIRST_GAP)]


def test_who_is_always_refused_gives_up_with_awss_words() -> None:
    calls = calls_to(Answering([AwsThrottled("slow down")] * ATTEMPTS), StandingClock())

    with pytest.raises(AwsThrottled, match="slow down"):
        calls.ask("config", "list_things")

    assert calls.made == ATTEMPTS


def test_a_denial_is_not_tried_again() -> None:
    calls = calls_to(Answering([AwsDenied("no")]), StandingClock())

    with pytest.raises(AwsDenied):
        calls.ask("config", "list_things")

    assert calls.made == 1


def test_the_gap_doubles_with_each_refusal_and_shrinks_with_each_answer() -> None:
    clock = StandingClock()
    limiter = Limiter(clock, clock.wait)

    widening = [_after(limiter.refuse, limiter) for _ in range(4)]
    shrinking = [_after(limiter.grant, limiter) for _ in range(60)]

    assert widening == [FIRST_GAP, FIRST_GAP * 2, FIRST_GAP * 4, FIRST_GAP * 8]
    assert shrinking == sorted(shrinking, reverse=True)
    assert shrinking[-1] == 0


def _after(told: Any, limiter: Limiter) -> float:
    told()
    return limiter.gap


def test_calls_that_are_spaced_start_one_gap_apart() -> None:
    clock = StandingClock()
    limiter = Limiter(clock, clock.wait)
    limiter.refuse()

    starts: Sequence[float] = [_start(limiter, clock) for _ in range(3)]

    assert [b - a for a, b in pairwise(starts)] == [pytest.approx(FIRST_GAP, abs=0.001)] * 2


def _start(limiter: Limiter, clock: StandingClock) -> float:
    limiter.wait()
    return clock.now().timestamp()
