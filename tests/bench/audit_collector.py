"""How fast and how sparingly a big organisation is collected, where AWS grants five calls a second of each API.

Time is AWS's: the cloud's clock moves on only while the collector waits. The bound is what the answers need: the pages
of every operation that were granted, at the pace that is granted, one operation after the other.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.config import Config
from botocore.exceptions import ClientError

from audit.catalogue import Catalogue
from audit.collector import Auditor
from audit.run import Run, RunKind
from audit.sources import config
from audit.sources.config import ConfigSource
from audit.sources.foreign_packs import Obligations
from audit.sources.interface import Source
from infra.local.estate.size import Size
from infra.local.limits import Bucket
from tests.audit.ground import FixedBook, account_of, open_audit
from tests.bench.measure import Figures, figure
from tests.cloud import ONE_ATTEMPT, Cloud, start_cloud

SIZE = Size(accounts=200, rules=300, resources=200_000)
"""A fifth of the organisation that is meant: a laptop's cloud judges every result anew for each advanced query, and
the figures are shares. `python -m tests.bench.audit_collector 1000` takes the whole one, in half an hour."""
PATIENT = ONE_ATTEMPT.merge(Config(read_timeout=900))
PACE = 5.0
AT_MOST = 1.3
SHARE = 0.05


class Granting:
    """Grants five calls a second of each operation of Config, and counts what it granted."""

    def __init__(self, cloud: Cloud) -> None:
        self.granted = 0
        self._clock = cloud.clock
        self._buckets: dict[str, Bucket] = {}
        cloud.client("config").meta.events.register("before-call.config", self._judge)

    def _judge(self, model: Any, **_: Any) -> None:
        now = self._clock.now()
        bucket = self._buckets.setdefault(model.name, Bucket(PACE, PACE, now))
        if not bucket.take(now):
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, model.name)
        self.granted += 1


@dataclass
class Collected:
    """One run, measured."""

    run: Run
    seconds: float
    """Of AWS."""
    granted: int

    @property
    def bound(self) -> float:
        """Seconds of AWS that its pages take at the granted pace."""
        return self.granted / PACE


@dataclass
class World:
    """The organisation and who collects it."""

    cloud: Cloud
    auditor: Auditor
    granting: Granting

    def run(self, kind: RunKind) -> Collected:
        """A run six hours after the one before."""
        self.cloud.clock.advance(6 * 3600)
        began, before = self.cloud.clock.now(), self.granting.granted
        run = self.auditor.execute(self.auditor.begin("schedule", kind).id)
        return Collected(run, (self.cloud.clock.now() - began).total_seconds(), self.granting.granted - before)


def figures(size: Size = SIZE) -> Figures:
    """A full run, and incremental ones: nothing changed, one account in a hundred did, everything did a little."""
    with patch("tests.cloud.ONE_ATTEMPT", PATIENT):
        yield from _figures(start_cloud(size=size))


def _figures(cloud: Cloud) -> Figures:
    cloud.limits.enforced = False
    estate = cloud.state.estate
    assert estate is not None, "the cloud is generated"
    with tempfile.TemporaryDirectory() as folder, one_call_at_a_time():
        accounts = _accounts(cloud)
        world = World(cloud, _auditor(cloud, Path(folder), accounts), Granting(cloud))
        full = world.run(RunKind.FULL)
        yield figure("full reconcile", full.seconds, "s of AWS", full.bound, 1)
        yield figure("full reconcile beside 1.3 times its bound", full.seconds, "s of AWS", full.bound * AT_MOST, 1)
        yield figure(
            "full reconcile, predicted calls beside made", full.run.predicted_calls or 0, "", full.run.calls, 1
        )
        share = full.run.calls * SHARE
        yield figure("incremental run, nothing changed", world.run(RunKind.INCREMENTAL).run.calls, "calls", share, 1)
        some = frozenset(one.account_id for one in accounts.accounts[: max(1, len(accounts.accounts) // 100)])
        estate.change(cloud.clock.now(), 0.5, some)
        changed = world.run(RunKind.INCREMENTAL).run
        yield figure("incremental run, 1 % of the accounts changed", changed.calls, "calls", share, 1)
        estate.change(cloud.clock.now(), 0.01)
        spread = world.run(RunKind.INCREMENTAL).run
        yield figure("incremental run, 1 % of all results spread over all", spread.calls, "calls", share, 1)
    cloud.server.stop()


@contextmanager
def one_call_at_a_time() -> Iterator[None]:
    """Calls have no latency here, and a clock that several threads move would move too far."""
    with patch.object(config, "WORKERS", 1), patch("audit.collector.SHARDS_AT_ONCE", 1):
        yield


def _accounts(cloud: Cloud) -> FixedBook:
    pages = cloud.client("organizations").get_paginator("list_accounts").paginate()
    found = [one for page in pages for one in page["Accounts"] if one["Name"][-5:].isdigit()]
    return FixedBook(tuple(account_of(one["Id"], one["Name"], "payments", "Dev") for one in found))


def _auditor(cloud: Cloud, folder: Path, accounts: FixedBook) -> Auditor:
    """Only Config is asked: it is what the bound is about."""

    def pause(seconds: float) -> None:
        cloud.clock.advance(seconds)

    def only_config(catalogue: Catalogue) -> tuple[Source, ...]:
        return (ConfigSource(cloud.clock, catalogue, Obligations({})),)

    auditor = open_audit(cloud, folder, accounts, pause).auditor
    auditor.sources = only_config  # type: ignore[method-assign]
    return auditor


if __name__ == "__main__":
    accounts = int(sys.argv[1])
    for one in figures(Size(accounts=accounts, rules=300, resources=accounts * 1000)):
        print(one.line(), flush=True)  # noqa: T201
