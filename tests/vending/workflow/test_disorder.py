"""What wakes executions is delivered at least once, in any order, or not at all; there is one account all the same."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.local.durable import LocalEngine
from infra.local.provision import make_permission_sets
from tests.cloud import Cloud
from tests.vending.ground import Ground, make_ground
from tests.vending.parts import acme, connect
from tests.vending.web.ground import TwoPromises
from vending.core.aws import Aws
from vending.core.errors import AwsMissing
from vending.ports import Holds, NewAccount, Reading
from vending.requests.engine import Engine, Execution
from vending.requests.model import State
from vending.workflow.vend import make_workflow

ROUNDS = 400
TICK_SECONDS = 30
NAMES = ("payments-one", "payments-two")
OVER = (State.READY, State.PARKED)
FATES = ("once", "twice", "late", "lost")


@dataclass
class Disorder:
    """Takes the part of the network before Lambda: each message arrives once, twice, late or never."""

    engine: LocalEngine
    fates: Iterator[str]
    sent: list[Callable[[], None]] = field(default_factory=list)

    def start(self, execution: Execution) -> None:
        self._send(partial(self.engine.start, execution))

    def broken(self) -> frozenset[Execution]:
        return self.engine.broken()

    def complete(self, callback: str, result: str) -> None:
        self._send(partial(self.engine.complete, callback, result))

    def deliver_again(self, order: Random) -> None:
        """Everything that was ever sent, whether it arrived or not, in an order of its own."""
        sent = list(self.sent)
        order.shuffle(sent)
        for message in sent:
            with suppress(AwsMissing):
                message()

    def _send(self, message: Callable[[], None]) -> None:
        fate = next(self.fates)
        self.sent.append(message)
        if fate in ("once", "twice"):
            message()
        if fate == "twice":
            with suppress(AwsMissing):
                message()


class Kept(TwoPromises):
    """The smallest baseline, both of whose promises hold."""

    def verify(self, account: NewAccount, promise_id: str) -> Reading:
        return replace(super().verify(account, promise_id), holds=Holds.YES, found="on")


@contextmanager
def unruly(cloud: Cloud, aws: Aws, fates: Sequence[str]) -> Iterator[tuple[Ground, Disorder]]:
    """A worker and a dispatcher with that network between them."""
    cloud.reset()
    ground, engine = make_ground(cloud), LocalEngine(None, cloud.clock, "eu-west-1")
    disorder = Disorder(engine, cycle((*fates, "once")))
    among: Engine = disorder
    services = replace(ground.services, aws=aws, engine=among, baseline=Kept())
    make_permission_sets(aws, acme())
    engine.serve(make_workflow(services))
    yield replace(ground, services=services), disorder
    engine.close()


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.sampled_from(FATES), min_size=3, max_size=9), st.integers(0, 1000))
def test_messages_that_come_twice_late_or_never_leave_one_account_for_each_request(
    running_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, fates: list[str], seed: int
) -> None:
    with unruly(running_cloud, connect(running_cloud, monkeypatch), fates) as (ground, disorder):
        asked, order = [ground.ask(name=name).id for name in NAMES], Random(seed)

        for _ in range(ROUNDS):
            dispatcher = replace(ground.dispatcher, engine=disorder)
            dispatcher.tick()
            disorder.deliver_again(order)
            dispatcher.tick()
            disorder.engine.pass_time(TICK_SECONDS)
            if all(record.state in OVER for record in map(ground.records.get, asked)):
                break

        assert [(record.state, record.parked) for record in map(ground.records.get, asked)] == [(State.READY, None)] * 2
        assert [len(ground.accounts_named(name)) for name in NAMES] == [1, 1]
