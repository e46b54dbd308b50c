"""One audit run from start to end: plan, collect shard by shard, merge, report.

Every shard that is done is written down, so that a run that was cut off goes on from there in whatever process finds
it. A run does as much as its time allows: on Lambda it is carried out in slices.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from audit.calls import Answered, Calls, Keeper
from audit.catalogue import Catalogue
from audit.estate import AuditedAccount, Estate, survey
from audit.finding import Reading, Unknown
from audit.kept_catalogue import recall_catalogue
from audit.ledger.batch import Batch, BatchWriter, write_batch
from audit.ledger.checkpoint import PLAN, Checkpoints, Done, SavedPlan
from audit.ledger.head import Head
from audit.ledger.ledger import ClockRanBackwards, Ledger, unfinished
from audit.ledger.store import DamagedFile, Store
from audit.run import Run, RunKind, RunState, ShardCost
from audit.sources.baseline import BaselineSource
from audit.sources.config import ConfigSource
from audit.sources.control_tower import ControlTowerSource
from audit.sources.foreign_packs import Obligations
from audit.sources.interface import Known, Plan, Shard, Source
from audit.sources.policies import PolicySource
from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import AwsFailed
from vending.core.identity import Caller
from vending.core.ids import new_id
from vending.core.progress import Progress, Silent
from vending.ports import AccountBook

SILENT = Silent()
FULL_EVERY = timedelta(days=7)
"""A run that nobody asks to be of a kind is full when the last full one is older."""
USUAL_PACE = 5.0
"""Calls a second, for the first prediction: AWS publishes no rate for most of these APIs."""
SHARDS_AT_ONCE = 4


@dataclass
class Auditor:
    """Starts runs and carries them out. Reads AWS, writes only the ledger."""

    aws: Aws
    company: Company
    clock: Clock
    accounts: AccountBook
    ledger: Ledger
    cache: Path
    pause: Callable[[float], None] = time.sleep
    """Waits so many seconds of AWS time between calls that AWS throttles."""
    keeper_of: Callable[[str, str], Keeper | None] = lambda _run, _part: None
    """Who keeps the raw answers of a run's part."""
    seal: Callable[[Run, Head, Head], str] | None = None
    """Signs what a run was made of, before it becomes visible; answers the manifest's key."""

    def start(self, caller: Caller, kind: RunKind | None = None) -> Run:
        """Record a run as running; somebody has to `execute` it.

        Args:
            caller: who starts it.
            kind: full, incremental, or None for a full one once in a while.

        Raises:
            NotAllowed: to those who may not start audit runs.
        """
        caller.require(caller.may_govern, "start an audit run", "an approver")
        return self.begin(caller.username, kind)

    def begin(self, started_by: str, kind: RunKind | None = None) -> Run:
        """The same for the schedule, which nobody has to allow."""
        now = self.clock.now()
        run = Run(
            id=new_id("run", now),
            state=RunState.RUNNING,
            started_at=now,
            started_by=started_by,
            kind=kind or self._due(now),
        )
        self.ledger.record(run)
        return run

    def unfinished(self) -> Sequence[Run]:
        """Runs that were started and have not ended, the oldest first: executing one again is safe."""
        return unfinished(self.ledger.runs())

    def execute(self, run_id: str, progress: Progress = SILENT, until: datetime | None = None) -> Run:
        """Carry a run out; one that has ended is answered as it is.

        Args:
            run_id: of a run that was started.
            progress: is told of every shard.
            until: when to stop and leave the rest to the next call; then the run is still running.

        Raises:
            NotFound: when there is no such run.
            FreeholdError: when AWS or the ledger failed as a whole. The ledger is unchanged; the run is `partial` where
                the ledger is damaged or the clock ran backwards, else `failed`.
        """
        run = self.ledger.run(run_id)
        if run.state is not RunState.RUNNING:
            return run
        with self._failing(run):
            return self._carry_out(run, progress, until)

    def _carry_out(self, run: Run, progress: Progress, until: datetime | None) -> Run:
        self.cache.mkdir(parents=True, exist_ok=True)
        work = Checkpoints(self.ledger.store, run.id)
        calls = self.calls()
        with TemporaryDirectory(dir=self.cache) as folder:
            plan = work.plan() or self._plan(run, calls, work, Path(folder))
            run = run.model_copy(
                update={"predicted_calls": plan.predicted_calls, "predicted_seconds": plan.predicted_seconds}
            )
            self.ledger.record(run)
            batch = Batch(Path(folder), plan.sources)
            done = work.done()
            todo = [shard for shard in plan.shards if shard.name not in done]
            progress.begin("shards", len(plan.shards))
            progress.advance("shards", len(plan.shards) - len(todo))
            if not _Collection(self, calls, work, batch, run).all(todo, progress, until):
                return run
            done = work.done()
            for part in done:
                if not batch.part(part)[1].exists():
                    work.fetch(batch, part)
            batch.describe([] if plan.note else plan.controls, [_owned(one) for one in plan.accounts])
            ended = self.ledger.merge(batch, run, self._finish(plan, done), self.seal)
        self._sweep()
        return ended

    def _sweep(self) -> None:
        """Remove what runs left that are over, this one's and those that were cut off; copies nobody uses, too."""
        under_way = {run.id for run in self.unfinished()}
        for run_id in Checkpoints.left(self.ledger.store) - under_way:
            Checkpoints(self.ledger.store, run_id).clear()
        self.ledger.store.sweep()

    def calls(self) -> Calls:
        """What a run asks AWS through."""
        return Calls(self.aws, self.clock, self.pause)

    def sources(self, catalogue: Catalogue) -> tuple[Source, ...]:
        """Every source, in the order in which they are asked; of Control Tower where there is one."""
        guardrails = self._guardrails()
        tower = ControlTowerSource(self.clock, catalogue)
        known = catalogue.with_guardrails(guardrails.catalogue)
        return (
            ConfigSource(self.clock, known, Obligations.of(guardrails.conformance)),
            *((tower,) if self.company.landing_zone.control_tower else ()),
            PolicySource(guardrails),
            BaselineSource(self._baseline, guardrails.catalogue, self.clock),
        )

    def obligations(self) -> Obligations:
        """Which of our conformance packs bind whom."""
        return Obligations.of(self._guardrails().conformance)

    def _guardrails(self) -> Guardrails:
        return Guardrails(self.aws, self.company, self.clock, self.accounts, self.pause)

    def _baseline(self, aws: Aws) -> AccountBaseline:
        return AccountBaseline(aws, self.company, self.clock, self.pause)

    def _plan(self, run: Run, calls: Calls, work: Checkpoints, folder: Path) -> SavedPlan:
        """What is to be asked, and what the listings answered already: written down before the first shard."""
        began = self.clock.now()
        keeper = self.keeper_of(run.id, PLAN)
        counted = calls.counting(keeper)
        about = counted.ask("organizations", "describe_organization")["Organization"]
        book = self.accounts.all()
        _keep_own(keeper, self.clock.now(), accounts=[one.model_dump(mode="json") for one in book])
        _keep_own(keeper, self.clock.now(), ledger=self.ledger.head().model_dump(mode="json"))
        estate = survey(book, self.company, about["MasterAccountId"])
        catalogue, note = _read_catalogue(counted, self.ledger.store, self.clock)
        sources = self.sources(catalogue)
        plans = [self._plan_source(source, counted, estate, run) for source in sources]
        batch = Batch(folder, tuple(source.name for source in sources))
        with write_batch(batch, PLAN) as writer:
            for reading in (reading for plan in plans for reading in plan.ready):
                writer.add(reading)
        spent = (self.clock.now() - began).total_seconds()
        if keeper:
            keeper.close()
        work.save(batch, PLAN, _done(PLAN, "", counted.made, counted.made, spent, writer))
        predicted = sum(plan.calls for plan in plans)
        saved = SavedPlan(
            predicted_calls=counted.made + predicted,
            predicted_seconds=round(spent + predicted / self._pace(), 1),
            planned_at=began,
            sources=batch.sources,
            note=note,
            shards=tuple(shard for plan in plans for shard in plan.shards),
            controls=tuple({(c.source, c.control_id): c for plan in plans for c in plan.controls}.values()),
            accounts=tuple(asdict(one) for one in estate.accounts.values()),
        )
        work.save_plan(saved)
        return saved

    def _plan_source(self, source: Source, calls: Calls, estate: Estate, run: Run) -> Plan:
        """A source's plan; one that does not answer at all leaves everything known of it unknown."""
        known = self._known(source, run)
        try:
            return source.plan(calls, estate, known)
        except AwsFailed as failure:
            why = Unknown(failure.sentence)
        except (LookupError, TypeError, ValueError) as strange:
            why = Unknown(f"What AWS answered for {source.name} cannot be read: {strange!r}.", strange=True)
        cells = list(known.held) or source.territory(estate)
        return Plan(tuple(Reading(cell, why, self.clock.now()) for cell in cells))

    def _known(self, source: Source, run: Run) -> Known:
        latest = self.ledger.latest()
        return Known(
            self.ledger.held(source.name),
            run.kind,
            latest.started_at if latest else None,
            self.ledger.resources(source.name) if run.kind is RunKind.INCREMENTAL else {},
            self.ledger.ous(source.name) if run.kind is RunKind.INCREMENTAL else {},
            partial(self.ledger.states, source.name),
            self.ledger.head().sequence,
        )

    def _pace(self) -> float:
        """The calls a second that AWS granted the run before."""
        latest = self.ledger.latest()
        seconds = sum(shard.seconds for shard in latest.shards) if latest else 0.0
        return sum(shard.calls for shard in latest.shards) / seconds if latest and seconds > 1 else USUAL_PACE

    def _due(self, now: datetime) -> RunKind:
        ended = (RunState.SUCCEEDED, RunState.PARTIAL)
        full = (run for run in self.ledger.runs() if run.kind is RunKind.FULL and run.state in ended and run.manifest)
        last = next(full, None)
        return RunKind.INCREMENTAL if last and now - last.started_at < FULL_EVERY else RunKind.FULL

    def _finish(self, plan: SavedPlan, done: Mapping[str, Done]) -> Callable[[Run, Mapping[str, int]], Run]:
        costs = [one.cost for one in done.values()]
        expected, observed = sum(one.expected for one in costs), sum(one.observed for one in costs)
        strange = sum(one.strange for one in done.values())
        coverage = observed / expected if expected else 0.0
        threshold = self.company.audit.coverage_threshold
        doubts = (
            _shortfall(expected, observed, threshold) if coverage < threshold else "",
            f"{strange} answers of AWS had no meaning here; they are unknown." if strange else "",
        )

        def finish(run: Run, counts: Mapping[str, int]) -> Run:
            return run.model_copy(
                update={
                    "state": RunState.PARTIAL if any(doubts) else RunState.SUCCEEDED,
                    "ended_at": self.clock.now(),
                    "calls": sum(one.calls for one in costs),
                    "coverage": coverage,
                    "expected_cells": expected,
                    "observed_cells": observed,
                    "counts": counts,
                    "reason": " ".join(filter(None, (*doubts, plan.note))),
                    "shards": tuple(sorted(costs, key=lambda one: one.name)),
                }
            )

        return finish

    @contextmanager
    def _failing(self, run: Run) -> Iterator[None]:
        """Whatever ends the run early is written into its record, and goes on its way."""
        try:
            yield
        except Exception as error:
            held_back = isinstance(error, (DamagedFile, ClockRanBackwards))
            state = RunState.PARTIAL if held_back else RunState.FAILED
            told = {"state": state, "ended_at": self.clock.now(), "reason": str(error) or repr(error)}
            self.ledger.record(run.model_copy(update=told))
            raise


@dataclass(frozen=True)
class _Collection:
    """The shards of one run, several at a time, each written down when it is done."""

    auditor: Auditor
    calls: Calls
    work: Checkpoints
    batch: Batch
    run: Run

    def all(self, shards: Sequence[Shard], progress: Progress, until: datetime | None) -> bool:
        """Collect shards until none is left or the time is over; answers whether none is left."""
        sources = {source.name: source for source in self.auditor.sources(Catalogue())}
        left = list(reversed(shards))
        with ThreadPoolExecutor(SHARDS_AT_ONCE) as pool:
            under_way: set[Future[None]] = set()
            while left or under_way:
                late = until is not None and self.auditor.clock.now() >= until
                while left and not late and len(under_way) < SHARDS_AT_ONCE:
                    shard = left.pop()
                    under_way.add(pool.submit(self.one, sources[shard.source], shard))
                if not under_way:
                    return False
                ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
                    progress.advance("shards")
        return True

    def one(self, source: Source, shard: Shard) -> None:
        """Collect a shard and write it down."""
        clock, began = self.auditor.clock, self.auditor.clock.now()
        keeper = self.auditor.keeper_of(self.run.id, shard.name)
        counted = self.calls.counting(keeper)
        with write_batch(self.batch, shard.name) as writer:
            for reading in source.collect(counted, shard):
                writer.add(reading)
        spent = (clock.now() - began).total_seconds()
        if keeper:
            keeper.close()
        self.work.save(
            self.batch, shard.name, _done(shard.name, shard.source, shard.calls, counted.made, spent, writer)
        )


def _keep_own(keeper: Keeper | None, now: datetime, **content: Any) -> None:
    """What the run knows beside what AWS answers belongs to its evidence too."""
    if keeper:
        for name, value in content.items():
            keeper.keep(Answered("freehold", name, None, {}, {"content": value}, now))


def _done(name: str, source: str, predicted: int, made: int, seconds: float, writer: BatchWriter) -> Done:
    cost = ShardCost(
        name=name,
        source=source,
        predicted_calls=predicted,
        calls=made,
        seconds=round(seconds, 3),
        expected=writer.expected,
        observed=writer.observed,
    )
    return Done(cost=cost, strange=writer.strange)


def _owned(about: Mapping[str, str | None]) -> AuditedAccount:
    return AuditedAccount(str(about["account_id"]), str(about["name"]), about["team"], str(about["ou"]))


def _read_catalogue(calls: Calls, store: Store, clock: Clock) -> tuple[Catalogue, str]:
    """The catalogue, or an empty one and what the run has to say about that: findings stand without it."""
    try:
        return recall_catalogue(calls, store, clock), ""
    except AwsFailed as failure:
        return Catalogue(), f"Titles and severities are those of the run before: {failure.sentence}"


def _shortfall(expected: int, observed: int, threshold: float) -> str:
    return (
        f"{expected - observed} of {expected} expected answers were not seen; the company file demands "
        f"{threshold:.0%}. The view `coverage` says where and why."
    )
