"""The ledger: what is known of every finding, how it came to be, and the runs that saw it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sys import intern
from tempfile import TemporaryDirectory
from typing import TypeVar

import duckdb

from audit.finding import Cell, Control, Held, Severity, State
from audit.ledger.batch import Batch
from audit.ledger.head import Head, ReadHead, head_on, read_head, swap_head
from audit.ledger.merge import Merging
from audit.ledger.store import Store, StoredFile
from audit.ledger.tables import RUNS, connect, load_lines, load_parquet
from audit.ledger.workshop import Workshop, write
from audit.run import Run, RunState
from vending.core.clock import Clock, to_text
from vending.core.errors import AwsConflict, FreeholdError, NotFound

T = TypeVar("T")
Resource = tuple[str, str, str, str]
"""Account id, region, type and id."""
Finish = Callable[[Run, Mapping[str, int]], Run]
Seal = Callable[[Run, Head, Head], str]
RACES = 20
"""How often a merge is made again because another run became visible first."""
EVENTS = "events"
"""Stands where a transition names its run, if no run saw it but an event told it."""
_HELD = """
SELECT control_id, account_id, region, count(*) FILTER (state = 'pass'), count(*) FILTER (state <> 'pass'),
       bool_or(NOT observed)
FROM read_parquet($files) WHERE source = $source AND state <> 'gone' GROUP BY ALL
"""
_WANTED = """
CREATE TEMP TABLE wanted AS SELECT unnest($wanted[1]) AS account_id, unnest($wanted[2]) AS region,
       unnest($wanted[3]) AS resource_type, unnest($wanted[4]) AS resource_id
"""
_STATES = """
SELECT account_id, region, resource_type, resource_id, control_id, state
FROM read_parquet($files) SEMI JOIN wanted USING (account_id, region, resource_type, resource_id)
WHERE source = $source AND observed AND state IN ('pass', 'fail', 'unknown')
"""
_CONTROLS = """
SELECT control_id, any_value(title), any_value(severity), any_value(frameworks), any_value(intent)
FROM read_parquet($files) WHERE source = $source GROUP BY control_id
"""
_RESOURCES = """
SELECT account_id, region, count(DISTINCT about), count(DISTINCT about) FILTER (state <> 'pass')
FROM (SELECT account_id, region, state, hash(resource_type, resource_id) AS about FROM read_parquet($files)
      WHERE source = $source AND observed AND state IN ('pass', 'fail', 'unknown')
        AND NOT starts_with(control_id, 'conformance-pack/'))
GROUP BY account_id, region
"""

_OUS = """
SELECT account_id, arg_max(ou, observed_at) FROM read_parquet($files) WHERE source = $source AND observed GROUP BY 1
"""


class ClockRanBackwards(FreeholdError):
    """The ledger holds what was written after now: ordering by time would be wrong."""

    code = "clock-ran-backwards"


class Ledger:
    """Findings, transitions, coverage and runs in one bucket."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._read: tuple[tuple[StoredFile, ...], list[Run]] = ((), [])
        """The runs that were read last, with the files that hold them: these never change."""

    @property
    def store(self) -> Store:
        """The bucket it lies in."""
        return self._store

    def head(self) -> Head:
        """What is visible now."""
        return read_head(self._store).head

    def fetch(self, files: Sequence[StoredFile]) -> list[Path]:
        """Files of the ledger as paths on disk."""
        return self._store.fetch(files)

    def on(self, moment: datetime) -> Head:
        """What was visible at a moment."""
        return head_on(self._store, moment)

    def at(self, key: str) -> Head:
        """A head by its own key: the present one, or one that another has replaced.

        Raises:
            NotFound: when there is none.
        """
        now = self.head()
        if now.key == key:
            return now
        kept = read_head(self._store, key)
        if kept.version is None:
            raise NotFound("That state of the ledger is not kept.")
        return kept.head

    def held(self, source: str) -> Mapping[Cell, Held]:
        """What is known of each cell of a source."""
        files = self.fetch(self.head().findings)
        if not files:
            return {}
        with self._database() as connection:
            rows = connection.execute(_HELD, {"files": [str(one) for one in files], "source": source}).fetchall()
        return {Cell(source, *map(intern, row[:3])): Held(*row[3:]) for row in rows}

    def ous(self, source: str) -> Mapping[str, str]:
        """Account id -> the OU it was in when a source last said anything of it."""
        files = self.fetch(self.head().findings)
        if not files:
            return {}
        with self._database() as connection:
            return dict(connection.execute(_OUS, {"files": [str(one) for one in files], "source": source}).fetchall())

    def resources(self, source: str) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Account id and region -> how many resources a source judged there, and how many it reported as failing."""
        files = self.fetch(self.head().findings)
        if not files:
            return {}
        with self._database() as connection:
            rows = connection.execute(_RESOURCES, {"files": [str(one) for one in files], "source": source}).fetchall()
        return {(account_id, region): (judged, failing) for account_id, region, judged, failing in rows}

    def states(self, source: str, resources: Sequence[Resource]) -> Mapping[Resource, Mapping[str, State]]:
        """What each control of a source was last seen to say of some resources."""
        files = self.fetch(self.head().findings) if resources else []
        if not files:
            return {}
        found: dict[Resource, dict[str, State]] = {}
        with self._database() as connection:
            connection.execute(_WANTED, {"wanted": [list(column) for column in zip(*resources, strict=True)]})
            told = {"files": [str(one) for one in files], "source": source}
            for *about, control_id, state in connection.execute(_STATES, told).fetchall():
                found.setdefault((about[0], about[1], about[2], about[3]), {})[control_id] = State(state)
        return found

    def controls(self, source: str) -> list[Control]:
        """How every control of a source is called and rated."""
        files = self.fetch(self.head().findings)
        if not files:
            return []
        with self._database() as connection:
            rows = connection.execute(_CONTROLS, {"files": [str(one) for one in files], "source": source}).fetchall()
        return [
            Control(source, control_id, title, Severity(severity), tuple(frameworks), intent)
            for control_id, title, severity, frameworks, intent in rows
        ]

    def record(self, run: Run) -> None:
        """Write down a run that is not visible through the head: one that is under way, or failed."""
        self._store.write(_run_key(run.id), run.model_dump_json().encode())

    def run(self, run_id: str) -> Run:
        """One run.

        Raises:
            NotFound: when there is none of that id.
        """
        found = next((run for run in self.runs() if run.id == run_id), None)
        if found is None:
            raise NotFound(f"There is no audit run {run_id}.", "`freehold audit runs` lists them.")
        return found

    def runs(self) -> list[Run]:
        """Every run, the latest first."""
        head, others = self.present()
        return sorted((*self._visible_runs(head), *others), key=lambda run: (run.started_at, run.id), reverse=True)

    def present(self) -> tuple[Head, list[Run]]:
        """What is visible now, and the runs beside it: those under way, and those that failed.

        A run's own record goes only once the head shows the run, so the records are read before the head: whenever
        a run ends, it is in one of them.
        """
        records = [found for key in self._store.keys("runs-open/") if (found := self._store.read(key))]
        head = self.head()
        visible = {run.id for run in self._visible_runs(head)}
        beside = [run for run in (Run.model_validate_json(found.body) for found in records) if run.id not in visible]
        return head, beside

    def latest(self) -> Run | None:
        """The last run that the head shows."""
        head = self.head()
        return next((run for run in self._visible_runs(head) if run.id == head.run_id), None)

    def merge(self, batch: Batch, run: Run, finish: Finish, seal: Seal | None = None) -> Run:
        """Make what a run found visible, all at once; a run that is visible already is answered as it is.

        Args:
            batch: what was found.
            run: the record so far.
            finish: completes the record with the number of findings in each state.
            seal: signs the record with the heads before and after, and answers the manifest's key.

        Raises:
            AwsFailed: as S3 answers; then nothing is visible.
            DamagedFile: when the ledger cannot be read; then nothing is changed.
            ClockRanBackwards: when what is visible was written after now; then nothing is changed.
        """
        ended = self._race(lambda before: self._merge_run(before, batch, run, finish, seal))
        self._store.remove(_run_key(run.id))
        return ended

    def absorb(self, batch: Batch) -> None:
        """Make what events told visible, all at once. What is older than what is known changes nothing.

        Raises:
            AwsFailed, DamagedFile, ClockRanBackwards: as `merge`.
        """
        self._race(lambda before: self._merge_events(before, batch))

    def _race(self, attempt: Callable[[ReadHead], T]) -> T:
        for race in range(1, RACES + 1):
            try:
                return attempt(read_head(self._store))
            except AwsConflict:
                if race == RACES:
                    raise
        raise AssertionError("unreachable: the last race returns or raises")

    def _merge_run(self, before: ReadHead, batch: Batch, run: Run, finish: Finish, seal: Seal | None) -> Run:
        visible = self._visible_runs(before.head)
        if known := next((one for one in visible if one.id == run.id), None):
            return known
        self._check_clock(before.head)
        with self._workshop() as shop:
            merging = Merging(batch, run.id, run.started_at)
            written = write(shop, before.head, merging)
            after = written.head.model_copy(
                update={
                    "sequence": before.head.sequence + 1,
                    "run_id": run.id,
                    "written_at": self._clock.now(),
                }
            )
            ended = finish(run, written.counts)
            if seal:
                ended = ended.model_copy(update={"manifest": seal(ended, before.head, after)})
            runs = self._save_runs(shop, [*visible, ended])
            swap_head(self._store, after.model_copy(update={"runs": (runs,)}), before)
        return ended

    def _merge_events(self, before: ReadHead, batch: Batch) -> None:
        self._check_clock(before.head)
        with self._workshop() as shop:
            now = self._clock.now()
            written = write(shop, before.head, Merging(batch, EVENTS, now))
            if written.head == before.head:
                return
            sequence = before.head.sequence + 1
            after = written.head.model_copy(update={"sequence": sequence, "written_at": now})
            swap_head(self._store, after, before)

    def _check_clock(self, head: Head) -> None:
        now = self._clock.now()
        if head.written_at is not None and now < head.written_at:
            raise ClockRanBackwards(
                f"It is {to_text(now)} here, but the ledger was last written at {to_text(head.written_at)}.",
                "Set this machine's clock right and start the run again; nothing was changed.",
            )

    @contextmanager
    def _workshop(self) -> Iterator[Workshop]:
        with TemporaryDirectory(dir=self._store.cache) as folder, connect(Path(folder) / "spill") as connection:
            yield Workshop(self._store, connection, Path(folder))

    def _save_runs(self, shop: Workshop, runs: Sequence[Run]) -> StoredFile:
        lines = shop.folder / "runs.jsonl"
        lines.write_text("".join(f"{json.dumps(run_line(run))}\n" for run in runs))
        load_lines(shop.connection, "run_lines", RUNS, lines)
        return shop.save("runs", "FROM run_lines ORDER BY started_at, id")

    def _visible_runs(self, head: Head) -> list[Run]:
        files, runs = self._read
        if files != head.runs:
            runs = self._read_runs(head.runs)
            self._read = (head.runs, runs)
        return list(runs)

    def _read_runs(self, files: tuple[StoredFile, ...]) -> list[Run]:
        with self._database() as connection:
            load_parquet(connection, "runs", RUNS, self.fetch(files))
            cursor = connection.execute(f"SELECT {', '.join(RUNS)} FROM runs")  # noqa: S608 - our own words
            names = list(RUNS)
            return [read_run(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def _database(self) -> duckdb.DuckDBPyConnection:
        return connect(self._store.cache / "spill")


def run_line(run: Run) -> dict[str, object]:
    """A run as a line of JSON with the columns of `RUNS`."""
    return run.model_dump(mode="json") | {
        "started_at": to_text(run.started_at),
        "ended_at": to_text(run.ended_at) if run.ended_at else None,
    }


def read_run(row: Mapping[str, object]) -> Run:
    """A run from a row of `RUNS`."""
    aware = {name: f"{row[name]}Z" for name in ("started_at", "ended_at") if row[name] is not None}
    return Run.model_validate({**row, **aware})


def unfinished(runs: Sequence[Run]) -> list[Run]:
    """The runs that are under way, the oldest first."""
    return [run for run in reversed(runs) if run.state is RunState.RUNNING]


def _run_key(run_id: str) -> str:
    return f"runs-open/{run_id}.json"
