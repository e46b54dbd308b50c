"""A run that is cut off wherever it may be: the next process goes on, and no change of state is lost or told twice."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.calls import Calls
from audit.estate import Estate
from audit.finding import Cell, Control, Observation, Reading, Seen, State
from audit.ledger.ledger import ClockRanBackwards
from audit.query.filters import Filters
from audit.run import Run, RunState
from audit.service import Audit, VaultPlace
from audit.sources.interface import Known, Plan, Shard
from tests.audit.ground import BUCKET, EVIDENCE, PAYMENTS, RULE, SEARCH, acme, open_audit, person
from tests.cloud import Cloud
from tests.vending.parts import TABLE
from vending.core.clock import Clock
from vending.core.signing import KmsSigner
from vending.core.table import Table

ACCOUNTS = (PAYMENTS.account_id, SEARCH.account_id)


@dataclass(frozen=True)
class PastClock:
    """A machine whose clock is two days behind."""

    right: Clock

    def now(self) -> datetime:
        return self.right.now() - timedelta(days=2)


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


@dataclass
class Buckets:
    """Takes the part of AWS: an account's bucket is open or closed; each account is a shard."""

    clock: Clock
    state: State = State.PASS
    collected: Counter[str] = field(default_factory=Counter)
    name: str = "config"

    def territory(self, estate: Estate) -> list[Cell]:
        return [Cell("config", "*", account, "eu-west-1") for account in estate.accounts]

    def plan(self, calls: Calls, estate: Estate, known: Known) -> Plan:
        shards = tuple(Shard(f"shard-{account}", "config", 1, {"account": account}) for account in ACCOUNTS)
        return Plan((), shards, (Control("config", RULE, "No public bucket"),))

    def collect(self, calls: Calls, shard: Shard) -> Iterator[Reading]:
        account = shard.work["account"]
        self.collected[account] += 1
        seen = Observation("shop", "AWS::S3::Bucket", self.state, "", self.clock.now())
        yield Reading(Cell("config", RULE, account, "eu-west-1"), Seen((seen,)), self.clock.now())


@dataclass
class World:
    """The ledger's bucket, and processes that come and go."""

    cloud: Cloud
    folder: Path
    buckets: Buckets
    audit: Audit
    processes: int = 0

    def process(self) -> Audit:
        """Another process: nothing of the one before is left but what is in the bucket."""
        self.processes += 1
        folder = self.folder / f"process-{self.processes}"
        audit = Audit(
            self.audit.auditor.aws,
            acme(),
            self.cloud.clock,
            self.audit.auditor.accounts,
            BUCKET,
            folder,
            self.table,
            VaultPlace(EVIDENCE, KmsSigner(self.audit.auditor.aws)),
            self.pause,
        )
        audit.auditor.sources = lambda _: (self.buckets,)  # type: ignore[method-assign, assignment]
        return audit

    @property
    def table(self) -> Table:
        return Table(self.audit.auditor.aws, TABLE, self.cloud.clock)

    def pause(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)

    def turn(self, state: State) -> None:
        self.buckets.state = state
        self.cloud.clock.advance(600)

    def run(self) -> Run:
        audit = self.process()
        return audit.auditor.execute(audit.auditor.begin("schedule").id)

    def survives(self) -> bool:
        """A run; False if it was killed."""
        try:
            self.run()
        except Killed:
            return False
        return True

    def changes(self, process: Audit | None = None) -> list[tuple[str | None, str]]:
        rows = (process or self.process()).reader.ask(
            person("sam"), ("transitions",), "SELECT * FROM transitions ORDER BY account_id, observed_at"
        )
        return [(row["from_status"], row["status"]) for row in rows]


@pytest.fixture
def world(cloud: Cloud, tmp_path: Path) -> Iterator[World]:
    cloud.limits.enforced = False
    yield World(cloud, tmp_path, Buckets(cloud.clock), open_audit(cloud, tmp_path / "first"))
    cloud.limits.enforced = True


@contextmanager
def killed_at(cloud: Cloud, number: int) -> Iterator[list[str]]:
    """The process dies before its n-th change of the bucket."""
    made: list[str] = []

    def count(model: Any, params: dict[str, Any], **_: Any) -> None:
        if model.name in ("PutObject", "DeleteObject"):
            made.append(params["url_path"])
            if len(made) == number:
                raise Killed

    events = cloud.client("s3").meta.events
    events.register("before-call.s3", count)
    try:
        yield made
    finally:
        events.unregister("before-call.s3", count)


def test_killing_the_collector_at_a_write_of_every_kind_loses_no_transition(world: World) -> None:
    """`make bench` kills it at every single one."""
    world.run()
    with killed_at(world.cloud, 0) as writes:
        world.turn(State.FAIL)
        world.run()

    numbers = first_of_each_kind(writes)

    kinds = {writes[number - 1].split("/")[1] for number in numbers}
    assert kinds >= {"runs-open", "work", "findings", "summary", "transitions", "coverage", "runs", "heads", "HEAD"}
    for _ in die(world, numbers, [(None, "pass"), ("pass", "fail")]):
        pass


def die(world: World, numbers: Iterable[int], told: list[tuple[str | None, str]]) -> Iterator[bool]:
    """Whether a run is killed before its n-th change of the bucket, for each n; whatever came of it is lossless.

    Args:
        world: after runs that told of `told`, the changes of each account.
        numbers: from 1.
        told: is added to.
    """
    for number in numbers:
        before, after = (State.PASS, State.FAIL) if told[-1][1] == "pass" else (State.FAIL, State.PASS)
        world.turn(after)
        with killed_at(world.cloud, number) as writes:
            killed = not world.survives()
        again = world.process()
        left = again.auditor.unfinished() or ([again.auditor.begin("schedule")] if number == 1 else [])
        for run in left:
            again.auditor.execute(run.id)
        told.append((before.value, after.value))

        assert again.auditor.unfinished() == [], f"after {writes[-1]}"
        assert world.changes(again) == [*told, *told], f"killed before {writes[-1]}"
        yield killed
    assert {run.state for run in world.process().ledger.runs()} == {RunState.SUCCEEDED}
    world.run()
    assert list(world.process().ledger.store.keys("work/")) == []


def first_of_each_kind(writes: list[str]) -> list[int]:
    """The numbers of the first write and the first removal of each kind; ids and hashes make no kind."""
    kinds: dict[tuple[str, bool], int] = {}
    for number, path in enumerate(writes, 1):
        kind = re.sub(r"run-[0-9a-z]+|[0-9a-f]{64}|[0-9TZ:.-]{12,}|plan|shard-[0-9]+", "", path)
        again = path in writes[: number - 1]
        kinds.setdefault((kind, again), number)
    return sorted(kinds.values())


def test_what_was_collected_is_not_asked_again(world: World) -> None:
    world.run()
    with killed_at(world.cloud, 0) as writes:
        world.run()
    last_mark = max(writes.index(path) for path in writes if path.endswith(".done"))
    world.buckets.collected.clear()
    world.cloud.clock.advance(600)

    audit = world.process()
    started = audit.auditor.begin("schedule")
    with killed_at(world.cloud, last_mark), pytest.raises(Killed):
        audit.auditor.execute(started.id)
    before = dict(world.buckets.collected)
    world.process().auditor.execute(started.id)

    assert sum(before.values()) == len(ACCOUNTS)
    assert sum(world.buckets.collected.values()) == len(ACCOUNTS) + 1, "only the shard without a mark"


def test_a_run_is_carried_out_in_slices_and_is_running_in_between(world: World) -> None:
    started = world.process().auditor.begin("schedule")

    late = world.cloud.clock.now() - timedelta(seconds=1)
    first = world.process().auditor.execute(started.id, until=late)
    last = world.process().auditor.execute(started.id)

    assert (first.state, last.state) == (RunState.RUNNING, RunState.SUCCEEDED)
    assert first.predicted_calls is not None
    assert [cost.name for cost in last.shards] == ["plan", *(f"shard-{account}" for account in ACCOUNTS)]


def test_two_collectors_at_once_end_in_one_run(world: World) -> None:
    started = world.process().auditor.begin("schedule")
    other = world.process()
    hooked: list[Run] = []
    run_other: Callable[[], None] = lambda: hooked.append(other.auditor.execute(started.id))  # noqa: E731

    with before_write(world.cloud, "HEAD", run_other):
        ended = world.process().auditor.execute(started.id)

    assert ended == hooked[0] == world.process().ledger.run(started.id)
    assert world.process().ledger.head().sequence == 1
    assert world.changes() == [(None, "pass")] * 2


@contextmanager
def before_write(cloud: Cloud, key: str, act: Callable[[], None]) -> Iterator[None]:
    """Do something once, right before an object of that name is first written."""
    done: list[bool] = []

    def look(model: Any, params: dict[str, Any], **_: Any) -> None:
        if model.name == "PutObject" and params["url_path"].endswith(key) and not done:
            done.append(True)
            act()

    events = cloud.client("s3").meta.events
    events.register("before-call.s3", look)
    try:
        yield
    finally:
        events.unregister("before-call.s3", look)


def test_a_clock_that_ran_backwards_leaves_the_ledger_as_it_is(world: World) -> None:
    world.cloud.clock.advance(86400)
    world.run()
    audit, before = world.process(), world.process().ledger.head()
    started = audit.auditor.begin("schedule")
    world.turn(State.FAIL)
    past = PastClock(world.cloud.clock)
    for holder in (audit.auditor, audit.ledger):
        setattr(holder, "clock" if holder is audit.auditor else "_clock", past)

    with pytest.raises(ClockRanBackwards, match="the ledger was last written at"):
        audit.auditor.execute(started.id)

    run = audit.ledger.run(started.id)
    assert run.state is RunState.PARTIAL
    assert "last written" in run.reason
    assert audit.ledger.head() == before
    fails = audit.reader.all_findings(person("sam"), Filters(status=("fail",)))
    assert fails == []
