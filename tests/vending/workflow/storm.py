"""Everything at once, as it is drawn: workers die, answers are lost, calls are throttled, messages come in disorder."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from random import Random

from hypothesis import strategies as st

from infra.local.durable import LocalEngine
from infra.local.faults.fault import (
    Delay,
    DropConnection,
    EmptyPage,
    FailLater,
    Fault,
    LoseAnswer,
    ServerError,
    TakeLonger,
    Throttle,
)
from tests.cloud import Cloud
from tests.vending.line import OVER, Line
from tests.vending.parts import person
from tests.vending.workflow.disorder import FATES, Disorder
from tests.vending.workflow.doom import Dead, Doom, live_on, mortal
from vending.core.aws import Aws
from vending.core.chain import Head, flaws
from vending.core.errors import FreeholdError
from vending.requests.engine import Engine
from vending.requests.model import State
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.vend import make_workflow

ROUNDS = 3000
"""Of the dispatcher, thirty seconds of AWS time each: beyond every step's patience."""
TRIES = 20
"""Of a step that only reads and writes the table."""
LATEST_CALL = 250
"""A worker that makes an account without being disturbed makes about so many calls, checkpoints included."""
CALLS = (
    "*",
    "dynamodb.*",
    "organizations.*",
    "organizations.CreateAccount",
    "organizations.MoveAccount",
    "organizations.*CreateAccountStatus",
    "sso-admin.*",
    "sts.AssumeRole",
    "controltower.*",
    "*.Put*",
)
FINAL = ("EMAIL_ALREADY_EXISTS", "INTERNAL_FAILURE", "MISSING_PAYMENT_INSTRUMENT")
"""Reasons for which AWS makes no account after all; the second is one that passes."""


@dataclass(frozen=True)
class Weather:
    """What is drawn. Every fault ends some time, so that in the end every request is ready, but for `refusals`."""

    deaths: tuple[tuple[str, int], ...]
    """When each worker dies: before or after the how-manieth of its calls."""
    fates: tuple[str, ...]
    """What becomes of each message, in turn."""
    faults: tuple[Fault, ...]
    refusals: tuple[str, ...]
    """Reasons for which AWS fails creations in the end, one each."""
    requests: int
    workers: int
    """At work on the same requests."""
    seed: int


def _faults() -> st.SearchStrategy[Fault]:
    struck = {
        "calls": st.sampled_from(CALLS),
        "count": st.integers(1, 8),
        "probability": st.sampled_from([0.1, 0.3, 1.0]),
    }
    many = {**struck, "count": st.integers(1, 60)}
    lists = {**struck, "calls": st.sampled_from(["organizations.List*", "organizations.ListCreateAccountStatus"])}
    slow = {**struck, "calls": st.sampled_from(["organizations.CreateAccount", "organizations.MoveAccount"])}
    return st.one_of(
        st.builds(LoseAnswer, kind=st.just("lose_answer"), **struck),
        st.builds(DropConnection, kind=st.just("drop_connection"), **struck),
        st.builds(Throttle, kind=st.just("throttle"), **many),
        st.builds(ServerError, kind=st.just("server_error"), after=st.booleans(), **struck),
        st.builds(Delay, kind=st.just("delay"), aws_seconds=st.sampled_from([5, 90, 300]), **struck),
        st.builds(TakeLonger, kind=st.just("take_longer"), aws_seconds=st.sampled_from([60, 900]), **slow),
        st.builds(EmptyPage, kind=st.just("empty_page"), **lists),
    )


def weathers() -> st.SearchStrategy[Weather]:
    """Every kind of weather, the fair one included."""
    death = st.tuples(st.sampled_from(["before", "after"]), st.integers(1, LATEST_CALL))
    return st.builds(
        Weather,
        deaths=st.lists(death, max_size=6).map(tuple),
        fates=st.lists(st.sampled_from(FATES), max_size=9).map(tuple),
        faults=st.lists(_faults(), max_size=6).map(tuple),
        refusals=st.lists(st.sampled_from(FINAL), max_size=2).map(tuple),
        requests=st.integers(1, 2),
        workers=st.integers(1, 2),
        seed=st.integers(0, 1000),
    )


class DrawnDoom(Doom):
    """Kills one worker after the other at the drawn number of its calls; the last one lives."""

    def __init__(self, deaths: tuple[tuple[str, int], ...], line: Line) -> None:
        super().__init__("", line)
        self._deaths = iter(deaths)
        self._counting = threading.Lock()
        self._next = next(self._deaths, None)
        self._calls = 0

    def falls(self, when: str, kind: str) -> bool:
        """Whether this call is the one; called before and after each."""
        with self._counting:
            self._calls += when == "before"
            if self._next != (when, self._calls):
                return False
            self._next = next(self._deaths, None)
            self._calls = 0
            return True


@dataclass
class Storm:
    """A line in that weather."""

    line: Line
    doom: DrawnDoom
    disorder: Disorder
    order: Random
    before: int
    """How many accounts there were."""
    asked: list[str] = field(default_factory=list)

    def until_over(self) -> list[Record]:
        """Let time pass until every request is; what became of them."""
        for _ in range(ROUNDS):
            self._dispatch()
            self.disorder.deliver_again(self.order)
            self._dispatch()
            live_on(self.line, self.doom)
            for engine in self.disorder.beside:
                engine.pass_time(0)
            if all(record.state.value in OVER for record in self.records()):
                break
        self.line.cloud.state.faults.disarm()
        return self.records()

    def records(self) -> list[Record]:
        return [self._read(request_id) for request_id in self.asked]

    def _read(self, request_id: str) -> Record:
        """As the table has it, whatever the weather."""
        while True:
            with suppress(FreeholdError):
                return self.line.records.get(request_id)

    def _dispatch(self) -> None:
        """In the worker's process, so that it dies with it; what failed is made up for in the next round."""
        services = self.line.services
        with suppress(Dead, FreeholdError):
            replace(self.line.dispatcher, records=services.records, aws=services.aws).tick()


def survive(cloud: Cloud, aws: Aws, weather: Weather) -> int:
    """Make accounts in that weather, resume what it parked, and hold the end against what was promised.

    Gives back how many requests were parked in between.
    """
    with tempfile.TemporaryDirectory() as folder, storm(cloud, aws, Path(folder), weather) as raging:
        parked = [record for record in raging.until_over() if not _is_ready(raging, record, weather)]
        for record in parked:
            raging.line.desk.resume(person("ada"), record.id)
        ready = [_is_ready(raging, record, weather) for record in raging.until_over()]

        assert ready == [True] * weather.requests
        assert _count_accounts(cloud) == raging.before + weather.requests
        assert list(flaws(raging.line.table.log(), Head(*raging.line.table.head()))) == []
    return len(parked)


@contextmanager
def storm(cloud: Cloud, aws: Aws, folder: Path, weather: Weather) -> Iterator[Storm]:
    """Ask for accounts, then let the weather break."""
    cloud.reset()
    line = Line(cloud, aws, folder)
    line.stop()
    disorder = Disorder(line.engine, cycle((*weather.fates, "once")))
    doom = DrawnDoom(weather.deaths, line)
    mortal(line, doom)
    among: Engine = disorder
    doomed = line.wrap

    def wrap(services: Services) -> Services:
        disorder.engine = line.engine
        return replace(doomed(services), engine=among)

    line.wrap = wrap
    line.start()
    doom.haunt()
    storm = Storm(line, doom, disorder, Random(weather.seed), _count_accounts(cloud))
    disorder.beside = tuple(_beside(line, folder / f"{n}.sqlite", among) for n in range(1, weather.workers))
    storm.asked = [line.ask(name=f"payments-{n}").id for n in range(weather.requests)]
    cloud.state.faults.add((*weather.faults, *map(_refusal, weather.refusals)), weather.seed)
    yield storm
    line.stop()
    for engine in disorder.beside:
        engine.close()


def _refusal(reason: str) -> Fault:
    return FailLater(kind="fail_later", calls="organizations.CreateAccount", count=1, reason=reason)


def _beside(line: Line, store: Path, among: Engine) -> LocalEngine:
    """Another worker on the same requests, which lives."""
    engine = LocalEngine(store, line.cloud.clock, "eu-west-1")
    plain = replace(
        line.services, aws=line.aws, table=line.table, records=line.records, baseline=line.baseline, engine=among
    )
    engine.serve(make_workflow(plain))
    return engine


def _is_ready(raging: Storm, record: Record, weather: Weather) -> bool:
    """Whether it is, in its one account nothing missing; if it is parked, its reason is true and its account closed."""
    made = raging.line.accounts_of(record.id)
    if record.state is State.READY:
        assert [account["Id"] for account in made] == [record.account_id]
        assert raging.line.accounts.evidence(person("ada"), str(record.account_id)).missing == ()
        assert not raging.line.baseline.isolated(str(record.account_id))
        return True
    assert record.state is State.PARKED, record.state
    assert record.parked is not None
    assert record.parked.code in _true_reasons(raging, weather), record.parked
    assert [account["Id"] for account in made] == ([record.account_id] if record.account_id else [])
    assert all(raging.line.baseline.isolated(account["Id"]) for account in made)
    return False


def _true_reasons(raging: Storm, weather: Weather) -> set[str]:
    """What AWS said; and that executions broke, as they do when the table is away for longer than a step is tried."""
    struck = raging.line.cloud.state.faults.by_call
    away = sum(count for call, count in struck.items() if call.startswith("dynamodb."))
    return {*weather.refusals, *(["executions-broke"] if away >= TRIES else [])}


def _count_accounts(cloud: Cloud) -> int:
    """How many the organisation has."""
    pages = cloud.client("organizations").get_paginator("list_accounts").paginate()
    return sum(len(page["Accounts"]) for page in pages)
