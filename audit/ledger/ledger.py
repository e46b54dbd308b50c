"""The ledger: what is known of every finding, how it came to be, and the runs that saw it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from audit.finding import Cell, Held
from audit.ledger.batch import Batch
from audit.ledger.head import Head, ReadHead, read_head, swap_head
from audit.ledger.merge import merge
from audit.ledger.store import Store, StoredFile
from audit.ledger.tables import (
    COVERAGE,
    FINDINGS,
    RUNS,
    TRANSITIONS,
    Columns,
    connect,
    load_lines,
    load_parquet,
    save_parquet,
)
from audit.run import Run, RunState
from vending.core.clock import Clock, to_text
from vending.core.errors import AwsConflict, NotFound

RACES = 20
"""How often a merge is made again because another run became visible first."""
FILES = 64
"""Up to so many files of one kind; then they are written together into one."""
_HELD = """
SELECT control_id, account_id, region, count(*) FILTER (state = 'pass'), count(*) FILTER (state <> 'pass')
FROM held WHERE source = $source AND state <> 'gone' GROUP BY ALL
"""
_ORDER = "ORDER BY team, account_id, source, control_id, region, resource_id"


class Ledger:
    """Findings, transitions, coverage and runs in one bucket."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def head(self) -> Head:
        """What is visible now."""
        return read_head(self._store).head

    def fetch(self, files: Sequence[StoredFile]) -> list[Path]:
        """Files of the ledger as paths on disk."""
        return self._store.fetch(files)

    def held(self, source: str) -> Mapping[Cell, Held]:
        """What is known of each cell of a source."""
        with self._database() as connection:
            self._load(connection, self.head())
            rows = connection.execute(_HELD, {"source": source}).fetchall()
        return {Cell(source, *where): Held(passes, others) for *where, passes, others in rows}

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

    def merge(self, batch: Batch, run: Run, finish: Callable[[Run, Mapping[str, int]], Run]) -> Run:
        """Make what a run found visible, all at once; a run that is visible already is answered as it is.

        Args:
            batch: what was found.
            run: the record so far.
            finish: completes the record with the number of findings in each state.

        Raises:
            AwsFailed: as S3 answers; then nothing is visible.
            DamagedFile: when the ledger cannot be read; then nothing is changed.
        """
        for race in range(1, RACES + 1):
            before = read_head(self._store)
            visible = {one.id: one for one in self._visible_runs(before.head)}
            if run.id in visible:
                return visible[run.id]
            try:
                ended = self._merge_on(before, batch, run, finish)
            except AwsConflict:
                if race == RACES:
                    raise
                continue
            self._store.remove(_run_key(run.id))
            return ended
        raise AssertionError("unreachable: the last race returns or raises")

    def _merge_on(
        self, before: ReadHead, batch: Batch, run: Run, finish: Callable[[Run, Mapping[str, int]], Run]
    ) -> Run:
        head = before.head
        with TemporaryDirectory(dir=self._store.cache) as folder, connect(Path(folder) / "spill") as connection:
            self._load(connection, head)
            counts = merge(connection, batch, run.id, run.started_at)
            here = Path(folder)
            findings = self._save(connection, "findings", f"FROM merged {_ORDER}", here)
            transitions = self._save(connection, "transitions", f"FROM changes {_ORDER}", here)
            coverage = self._save(connection, "coverage", "FROM covered ORDER BY ALL", here)
            after = Head(
                sequence=head.sequence + 1,
                run_id=run.id,
                written_at=self._clock.now(),
                findings=(findings,),
                transitions=self._extend(connection, "transitions", TRANSITIONS, head.transitions, transitions, here),
                coverage=self._extend(connection, "coverage", COVERAGE, head.coverage, coverage, here),
            )
            ended = finish(run, counts)
            ended = ended.model_copy(update={"manifest": self._write_manifest(ended, batch, head, after)})
            runs = self._save_runs(connection, [*self._visible_runs(head), ended], here)
            swap_head(self._store, after.model_copy(update={"runs": (runs,)}), before)
        return ended

    def _write_manifest(self, run: Run, batch: Batch, before: Head, after: Head) -> str:
        """What the run read and what it wrote, under the hash of just that."""
        files = (*after.findings, *after.transitions, *after.coverage)
        manifest = {
            "run": run.model_dump(mode="json", exclude={"manifest"}),
            "previous_run": before.run_id,
            "sources": list(batch.sources),
            "read": {path.name: _hash(path) for path in (batch.cells, batch.observations)},
            "wrote": [one.model_dump() for one in files],
        }
        body = json.dumps(manifest, sort_keys=True).encode()
        key = f"manifests/{hashlib.sha256(body).hexdigest()}.json"
        self._store.write(key, body)
        return key

    def _extend(
        self,
        connection: duckdb.DuckDBPyConnection,
        kind: str,
        columns: Columns,
        before: tuple[StoredFile, ...],
        new: StoredFile,
        folder: Path,
    ) -> tuple[StoredFile, ...]:
        """One more file of a kind; many small ones become one. Files without rows are left out."""
        files = tuple(one for one in (*before, new) if one.rows)
        if len(files) <= FILES:
            return files
        load_parquet(connection, "together", columns, self.fetch(files))
        return (self._save(connection, kind, "FROM together", folder),)

    def _save(self, connection: duckdb.DuckDBPyConnection, kind: str, query: str, folder: Path) -> StoredFile:
        path = folder / f"{kind}.parquet"
        rows = save_parquet(connection, query, path)
        return self._store.keep(kind, path, rows)

    def _save_runs(self, connection: duckdb.DuckDBPyConnection, runs: Sequence[Run], folder: Path) -> StoredFile:
        lines = folder / "runs.jsonl"
        lines.write_text("".join(f"{json.dumps(run_line(run))}\n" for run in runs))
        load_lines(connection, "run_lines", RUNS, lines)
        return self._save(connection, "runs", "FROM run_lines ORDER BY started_at, id", folder)

    def _visible_runs(self, head: Head) -> list[Run]:
        with self._database() as connection:
            load_parquet(connection, "runs", RUNS, self.fetch(head.runs))
            cursor = connection.execute("FROM runs")
            names = list(RUNS)
            return [read_run(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def _load(self, connection: duckdb.DuckDBPyConnection, head: Head) -> None:
        load_parquet(connection, "held", FINDINGS, self.fetch(head.findings))

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


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
