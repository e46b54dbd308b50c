"""One audit run from start to end: plan, collect, merge, report."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.calls import Calls
from audit.catalogue import Catalogue, read_catalogue
from audit.estate import Estate, survey
from audit.finding import Reading, Unknown
from audit.ledger.batch import Batch, BatchWriter, write_batch
from audit.ledger.ledger import Ledger, unfinished
from audit.run import Run, RunState
from audit.sources.config import ConfigSource
from audit.sources.control_tower import ControlTowerSource
from audit.sources.interface import Plan, Source
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import AwsFailed
from vending.core.identity import Caller
from vending.core.ids import new_id
from vending.core.progress import Progress, Silent
from vending.ports import AccountBook

SILENT = Silent()


@dataclass(frozen=True)
class Planned:
    """A source with what it is going to do."""

    source: Source
    plan: Plan


@dataclass
class Auditor:
    """Starts runs and carries them out. Reads AWS, writes only the ledger."""

    aws: Aws
    company: Company
    clock: Clock
    accounts: AccountBook
    ledger: Ledger
    cache: Path
    pause: Callable[[float], object] = time.sleep
    """Waits so many seconds of AWS time between calls that AWS throttles."""

    def start(self, caller: Caller) -> Run:
        """Record a run as running; somebody has to `execute` it.

        Raises:
            NotAllowed: to those who may not start audit runs.
        """
        caller.require(caller.may_govern, "start an audit run", "an approver")
        now = self.clock.now()
        run = Run(id=new_id("run", now), state=RunState.RUNNING, started_at=now, started_by=caller.username)
        self.ledger.record(run)
        return run

    def unfinished(self) -> Sequence[Run]:
        """Runs that were started and have not ended, the oldest first: executing one again is safe."""
        return unfinished(self.ledger.runs())

    def execute(self, run_id: str, progress: Progress = SILENT) -> Run:
        """Carry a run out; one that has ended is answered as it is.

        Raises:
            NotFound: when there is no such run.
            FreeholdError: when AWS or the ledger failed as a whole: the run is then `failed`, the ledger unchanged.
        """
        run = self.ledger.run(run_id)
        if run.state is not RunState.RUNNING:
            return run
        with self._failing(run):
            return self._carry_out(run, progress)

    def _carry_out(self, run: Run, progress: Progress) -> Run:
        calls = Calls(self.aws, self.clock, self.pause)
        about = calls.ask("organizations", "describe_organization")["Organization"]
        estate = survey(self.accounts.all(), self.company, about["MasterAccountId"])
        catalogue, note = _read_catalogue(calls)
        sources: list[Source] = [
            ConfigSource(calls, self.clock, catalogue),
            ControlTowerSource(calls, self.clock, catalogue),
        ]
        self.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.cache) as folder:
            batch = Batch(Path(folder), tuple(source.name for source in sources))
            with write_batch(batch) as writer:
                planned = [self._plan(source, estate, progress) for source in sources]
                predicted = calls.made + sum(each.plan.calls for each in planned)
                run = run.model_copy(update={"predicted_calls": predicted})
                self.ledger.record(run)
                _collect(planned, writer, progress)
            named = {source.name: source for source in sources}
            controls = [named[name].describe(control) for name, control in sorted(writer.controls)]
            batch.describe([] if note else controls, estate.accounts.values())
            return self.ledger.merge(batch, run, self._finish(calls, writer, note))

    def _plan(self, source: Source, estate: Estate, progress: Progress) -> Planned:
        """A source's plan; one that does not answer at all leaves everything known of it unknown."""
        held = self.ledger.held(source.name)
        try:
            plan = source.plan(estate, held)
        except AwsFailed as failure:
            cells = list(held) or source.territory(estate)
            why = Unknown(failure.sentence)
            plan = Plan(tuple(Reading(cell, why, self.clock.now()) for cell in cells), (), 0)
        progress.begin(source.name, len(plan.ready) + len(plan.open))
        return Planned(source, plan)

    def _finish(self, calls: Calls, writer: BatchWriter, note: str) -> Callable[[Run, Mapping[str, int]], Run]:
        def finish(run: Run, counts: Mapping[str, int]) -> Run:
            coverage = writer.observed / writer.expected if writer.expected else 0.0
            threshold = self.company.audit.coverage_threshold
            complete = coverage >= threshold
            return run.model_copy(
                update={
                    "state": RunState.SUCCEEDED if complete else RunState.PARTIAL,
                    "ended_at": self.clock.now(),
                    "calls": calls.made,
                    "coverage": coverage,
                    "expected_cells": writer.expected,
                    "observed_cells": writer.observed,
                    "counts": counts,
                    "reason": note if complete else f"{_shortfall(writer, threshold)} {note}".rstrip(),
                }
            )

        return finish

    @contextmanager
    def _failing(self, run: Run) -> Iterator[None]:
        """Whatever ends the run early is written into its record, and goes on its way."""
        try:
            yield
        except Exception as error:
            failed = {"state": RunState.FAILED, "ended_at": self.clock.now(), "reason": str(error) or repr(error)}
            self.ledger.record(run.model_copy(update=failed))
            raise


def _collect(planned: Sequence[Planned], writer: BatchWriter, progress: Progress) -> None:
    for each in planned:
        for reading in each.plan.ready:
            writer.add(reading)
        progress.advance(each.source.name, len(each.plan.ready))
        for reading in each.source.collect(each.plan.open):
            writer.add(reading)
            progress.advance(each.source.name)


def _read_catalogue(calls: Calls) -> tuple[Catalogue, str]:
    """The catalogue, or an empty one and what the run has to say about that: findings stand without it."""
    try:
        return read_catalogue(calls), ""
    except AwsFailed as failure:
        return Catalogue(), f"Titles and severities are those of the run before: {failure.sentence}"


def _shortfall(writer: BatchWriter, threshold: float) -> str:
    missing = writer.expected - writer.observed
    return (
        f"{missing} of {writer.expected} expected answers were not seen; the company file demands {threshold:.0%}. "
        "The view `coverage` says where and why."
    )
