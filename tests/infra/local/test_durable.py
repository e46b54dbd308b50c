import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python.types import WaitForCallbackContext

from infra.local.clock import CloudClock
from infra.local.durable import LocalEngine, RunnerClock
from vending.core.errors import AwsMissing
from vending.requests.engine import Execution

PATIENCE_SECONDS = 20


def until(engine: LocalEngine, reached: Callable[[], bool]) -> None:
    """Let hours pass as fast as the executions let them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline
        engine.pass_time(600)


class Function:
    """A durable function of two steps with a sleep between them; it tells what it did."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.callbacks: list[str] = []

    def handler(self) -> Callable[[Any, Any], Any]:
        @durable_execution
        def run(event: dict[str, str], context: DurableContext) -> str:
            context.step(lambda _: self.done.append(f"before {event['request_id']}"), name="before")
            context.wait_for_callback(self._sleep, name="sleep")
            context.wait(Duration.from_seconds(3600))
            context.step(lambda _: self.done.append(f"after {event['request_id']}"), name="after")
            return "done"

        return run

    def _sleep(self, callback: str, _: WaitForCallbackContext) -> None:
        self.callbacks.append(callback)


@pytest.fixture
def function() -> Function:
    return Function()


@pytest.fixture
def engine(function: Function, tmp_path: Path) -> Iterator[LocalEngine]:
    engine = opened(function, tmp_path)
    yield engine
    engine.close()


def opened(function: Function, folder: Path) -> LocalEngine:
    engine = LocalEngine(folder / "executions.sqlite", CloudClock.manual(), "eu-west-1")
    engine.serve(function.handler())
    return engine


def wake(engine: LocalEngine, callback: str) -> None:
    """The callback is known a moment before its sleeper sleeps."""

    def woken() -> bool:
        try:
            engine.complete(callback, "go")
        except AwsMissing:
            return False
        return True

    until(engine, woken)


def test_an_execution_sleeps_until_it_is_woken_and_hours_pass_at_once(engine: LocalEngine, function: Function) -> None:
    engine.start(Execution("req-1"))
    until(engine, lambda: bool(function.callbacks))
    asleep = list(function.done)

    wake(engine, function.callbacks[0])
    until(engine, lambda: len(function.done) == 2)

    assert asleep == ["before req-1"]
    assert function.done == ["before req-1", "after req-1"]


def test_a_request_has_one_execution_however_often_it_is_started(engine: LocalEngine, function: Function) -> None:
    for _ in range(3):
        engine.start(Execution("req-1"))
    engine.start(Execution("req-2"))

    until(engine, lambda: len(function.callbacks) == 2)

    assert sorted(function.done) == ["before req-1", "before req-2"]


def test_an_execution_that_is_done_is_not_started_again(engine: LocalEngine, function: Function) -> None:
    engine.start(Execution("req-1"))
    until(engine, lambda: bool(function.callbacks))
    wake(engine, function.callbacks[0])
    until(engine, lambda: len(function.done) == 2)

    engine.start(Execution("req-1"))

    assert function.done == ["before req-1", "after req-1"]


def test_a_callback_that_nobody_waits_for_is_missing(engine: LocalEngine, function: Function) -> None:
    engine.start(Execution("req-1"))
    until(engine, lambda: bool(function.callbacks))
    wake(engine, function.callbacks[0])
    until(engine, lambda: len(function.done) == 2)

    with pytest.raises(AwsMissing):
        engine.complete(function.callbacks[0], "again")


def test_what_a_process_left_is_taken_up_by_the_next_without_repeating_a_step(
    function: Function, tmp_path: Path
) -> None:
    first = opened(function, tmp_path)
    first.start(Execution("req-1"))
    until(first, lambda: bool(function.callbacks))
    first.close()

    second = opened(function, tmp_path)
    wake(second, function.callbacks[0])
    until(second, lambda: len(function.done) == 2)
    second.close()

    assert function.done == ["before req-1", "after req-1"]


def test_on_a_running_clock_a_sleeper_waits_its_share_of_real_time() -> None:
    clock = CloudClock.scaled(60)

    seconds = RunnerClock(clock).arm(clock.now() + timedelta(seconds=600))

    assert 9 < seconds <= 10


def test_on_a_standing_clock_time_passes_to_where_the_next_sleeper_wakes_and_no_further(
    engine: LocalEngine, function: Function
) -> None:
    engine.start(Execution("req-1"))
    engine.settle()
    wake(engine, function.callbacks[0])
    engine.settle()
    asleep, wakes_at = list(function.done), engine.wakes_at

    engine.pass_time(60)
    too_early = list(function.done)
    engine.pass_time(86_400)

    assert asleep == too_early == ["before req-1"]
    assert function.done == ["before req-1", "after req-1"]
    assert wakes_at == engine._aws_clock.now()
