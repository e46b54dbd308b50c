"""An execution of the workflow may break: its table was away for longer than a step is tried."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.cloud import Cloud
from tests.vending.line import Line
from tests.vending.parts import TABLE, connect, person
from vending.core.aws import Aws
from vending.core.table import Table
from vending.requests.dispatcher import MOVED_ON
from vending.requests.engine import Execution
from vending.requests.model import State
from vending.requests.record import Records
from vending.workflow.services import Services
from vending.workflow.vend import EXECUTIONS

HOUR = 3600.0
MOST = 50
"""Wakings until an execution gives up, or never."""


class Worker(Aws):
    """AWS as the workflow sees it; what it writes may not arrive."""

    lost: frozenset[str] = frozenset()
    """Operations of the table that do not arrive."""

    def _open(self, *args: Any, **named: Any) -> Any:
        client = super()._open(*args, **named)
        client._raw.meta.events.register("before-call.dynamodb", self._lose)
        return client

    def _lose(self, model: Any, **_: Any) -> None:
        if model.name in self.lost:
            raise ConnectionClosedError(endpoint_url=f"dynamodb:{model.name}")


@dataclass
class Wired(Line):
    """A line whose worker may lose the table, while everybody else has it."""

    def __post_init__(self) -> None:
        self.worker = Worker.connect("eu-west-1")
        self.wrap = self._on_the_wire
        super().__post_init__()

    def _on_the_wire(self, services: Services) -> Services:
        table = Table(self.worker, TABLE, services.clock)
        return replace(services, table=table, records=Records(table, services.clock))

    def break_execution(self, request_id: str, number: int = 1) -> None:
        """Let time pass without a table until the request's execution has tried often enough."""
        self.dispatcher.tick()
        wakings = iter(range(MOST))
        while Execution(request_id, number) not in self.engine.broken():
            assert next(wakings, None) is not None, "it is tried for ever"
            self.engine.pass_time(HOUR)


@pytest.fixture
def line(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Wired]:
    line = Wired(cloud, connect(cloud, monkeypatch), tmp_path)
    yield line
    line.stop()


def cancelled_with_an_account(line: Wired) -> str:
    """A request whose account waits to be enrolled, and is not wanted any more; the workflow has not heard of it, and
    cannot park it."""
    request = line.ask()
    line.until(request.id, lambda r: r.account_id is not None and line.records.get(r.id).waits)
    line.records.mark(request.id, lambda r: r.model_copy(update={"cancel_wanted_by": "ada"}))
    line.worker.lost = frozenset({"TransactWriteItems"})
    return request.id


def test_a_request_whose_execution_broke_before_it_was_approved_is_made_by_another(line: Wired) -> None:
    request = line.ask(template="workload-prod")
    line.engine.settle()
    line.worker.lost = frozenset({"PutItem"})
    line.engine.complete(str(line.records.get(request.id).callback), MOVED_ON)
    line.break_execution(request.id)
    line.worker.lost = frozenset()

    line.dispatcher.tick()
    line.desk.approve(person("grace"), request.id, request.hash)
    line.until(request.id, lambda r: r.account_id is not None)

    assert len(line.accounts_of(request.id)) == 1
    assert line.records.get(request.id).execution == Execution(request.id, 2)


def test_a_request_that_could_not_be_parked_is_parked_by_the_next_execution(line: Wired) -> None:
    request_id = cancelled_with_an_account(line)
    line.break_execution(request_id)
    line.worker.lost = frozenset()

    parked = line.until_over(request_id)

    assert parked.parked is not None
    assert (parked.state, parked.parked.code) == (State.PARKED, "cancelled")
    assert line.baseline.isolated(str(parked.account_id))
    assert [entry.what for entry in line.table.log() if entry.subject == request_id].count("taken up anew") == 1


def test_what_breaks_again_and_again_is_parked_and_goes_on_when_it_is_resumed(line: Wired) -> None:
    line.worker.lost = frozenset({"PutItem"})
    request_id = line.ask().id
    for number in range(1, EXECUTIONS + 1):
        line.break_execution(request_id, number)
    line.worker.lost = frozenset()

    parked = line.until_over(request_id)
    line.desk.resume(person("ada"), request_id)
    ready = line.until_over(request_id)

    assert parked.parked is not None
    assert (parked.state, parked.parked.code) == (State.PARKED, "executions-broke")
    assert ready.state is State.READY
    assert len(line.accounts_of(request_id)) == 1
