"""Calls to AWS: as fast as granted, all counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from audit.calls import ATTEMPTS, FIRST_PACE, SLOWER, Answered, Calls, Garbled, Limiter
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

    def client(
        self, service: str, region: str | None = None, account_id: str | None = None, *, once: bool
    ) -> "Answering":
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
    assert clock.waited == [pytest.approx(1 / SLOWER)]


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


def test_the_pace_falls_with_each_refusal_and_rises_a_little_with_each_answer() -> None:
    clock = StandingClock()
    limiter = Limiter(clock, clock.wait)

    falling = [_refuse(limiter, clock) for _ in range(4)]
    rising = [_grant(limiter) for _ in range(60)]

    assert falling == [FIRST_PACE, FIRST_PACE / 2, FIRST_PACE / 4, FIRST_PACE / 8]
    assert rising == sorted(rising)
    assert rising[-1] > FIRST_PACE


def _refuse(limiter: Limiter, clock: StandingClock) -> float | None:
    clock.wait(60)
    limiter.refuse()
    return limiter.pace


def _grant(limiter: Limiter) -> float:
    limiter.grant()
    assert limiter.pace is not None
    return limiter.pace


def test_refusals_of_calls_that_were_under_way_together_cut_the_pace_once() -> None:
    clock = StandingClock()
    limiter = Limiter(clock, clock.wait)

    for _ in range(8):
        limiter.refuse()

    assert limiter.pace == FIRST_PACE


def test_a_bucket_of_five_calls_a_second_is_nearly_used_up() -> None:
    clock = StandingClock()
    limiter = Limiter(clock, clock.wait)
    tokens, at, granted = 5.0, clock.now(), 0
    while granted < 1000:
        limiter.wait()
        now = clock.now()
        tokens, at = min(5.0, tokens + (now - at).total_seconds() * 5), now
        if tokens < 1:
            limiter.refuse()
            continue
        tokens, granted = tokens - 1, granted + 1
        limiter.grant()

    assert (clock.now() - START).total_seconds() < 1000 / 5 * 1.1


def test_an_answer_that_is_no_json_is_asked_for_again_and_then_said_to_be_none() -> None:
    calls = calls_to(Answering([{"ResponseMetadata": {}}] * ATTEMPTS), StandingClock())

    with pytest.raises(Garbled, match="config:list_things with something that is not the JSON"):
        calls.ask("config", "list_things")


def test_a_count_of_its_own_shares_the_limits() -> None:
    clock = StandingClock()
    calls = calls_to(Answering([AwsThrottled("slow down"), {"Items": []}, {"Items": []}]), clock)

    shard = calls.counting()
    shard.ask("config", "list_things")
    waited = len(clock.waited)
    calls.ask("config", "list_things")

    assert (shard.made, calls.made) == (2, 1)
    assert len(clock.waited) > waited


def test_every_answer_is_kept_as_it_came() -> None:
    kept: list[Answered] = []

    class Keeping:
        def keep(self, answered: Answered) -> None:
            kept.append(answered)

        def close(self) -> None:
            """What was handed in is there."""

    aws = Answering([{"Items": [1], "NextToken": "a"}, {"Items": [2]}])
    calls = Calls(cast("Aws", aws), StandingClock(), print, Keeping())
    list(calls.pages("config", "list_things", "eu-west-1", Limit=2))

    assert [(one.operation, one.params, one.answer["Items"]) for one in kept] == [
        ("list_things", {"Limit": 2}, [1]),
        ("list_things", {"Limit": 2, "NextToken": "a"}, [2]),
    ]


def test_calls_that_are_spaced_start_one_gap_apart() -> None:
    clock = StandingClock()
    limiter = Limiter(clock, clock.wait)
    limiter.refuse()

    starts: Sequence[float] = [_start(limiter, clock) for _ in range(3)]

    assert [b - a for a, b in pairwise(starts)] == [pytest.approx(1 / FIRST_PACE, abs=0.001)] * 2


def _start(limiter: Limiter, clock: StandingClock) -> float:
    limiter.wait()
    return clock.now().timestamp()
