"""Where a merge does its work: it writes the files of the next head, and leaves the head itself alone."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import duckdb

from audit.ledger.head import Head
from audit.ledger.merge import Merging, bucket_of, load_batch, merge
from audit.ledger.store import Store, StoredFile
from audit.ledger.tables import COVERAGE, FINDINGS, SUMMARY, TRANSITIONS, Columns, load_parquet, save_parquet

FILES = 24
"""Up to so many files of one month, or of one kind; then they are written together into one."""
BUCKET_ROWS = 125_000
"""Findings in one file: what a merge holds in memory at a time."""
MOST_BUCKETS = 256
_ORDER = "ORDER BY account_id, source, control_id, region, resource_id"
_HISTORY_ORDER = "ORDER BY account_id, finding_id, observed_at, valid_at"


@dataclass(frozen=True)
class Written:
    """The files of the next head, its number and time still those of the one before."""

    head: Head
    counts: dict[str, int]
    """How many findings are in which state, gone ones left out."""


@dataclass(frozen=True)
class Workshop:
    """A database and a folder for as long as one merge takes."""

    store: Store
    connection: duckdb.DuckDBPyConnection
    folder: Path

    def save(self, kind: str, query: str, part: str = "") -> StoredFile:
        """Keep what a query answers as a file of the ledger."""
        path = self.folder / f"{kind}.parquet"
        return self.store.keep(kind, path, save_parquet(self.connection, query, path), part)


def write(shop: Workshop, before: Head, merging: Merging) -> Written:
    """Write every file that a batch changes; the same head comes back where it changes none."""
    batch = merging.batch
    rows = max(sum(one.rows for one in before.findings), sum(_lines(path) for path in batch.observations))
    buckets = max(before.buckets, min(MOST_BUCKETS, ceil(rows / BUCKET_ROWS)), 1)
    load_batch(shop.connection, batch, buckets, shop.folder)
    touched = range(buckets) if batch.whole or buckets != before.buckets else _touched(shop)
    findings = {one.part: one for one in before.findings} if buckets == before.buckets else {}
    changes: list[Path] = []
    counts: Counter[str] = Counter()
    for nth, bucket in enumerate(touched):
        part = f"{bucket}/{buckets}"
        _load_held(shop, before, bucket, buckets)
        merge(shop.connection, merging, bucket, buckets, shop.folder)
        changed = shop.folder / f"changes-{bucket}.parquet"
        if save_parquet(shop.connection, f"FROM changes {_HISTORY_ORDER}", changed):
            changes.append(changed)
        elif not batch.whole:
            continue
        findings[part] = shop.save("findings", f"FROM merged {_ORDER}", part)
        _gather(shop, nth == 0)
        counts.update(_counts(shop.connection))
    if not batch.whole and not changes:
        return Written(before, {})
    kept = tuple(findings[part] for part in sorted(findings) if findings[part].rows)
    update = {
        "buckets": buckets,
        "findings": kept,
        "transitions": _add_history(shop, before.transitions, changes),
    }
    if batch.whole:
        month = merging.moment.strftime("%Y-%m")
        coverage = shop.save("coverage", "FROM all_covered ORDER BY ALL", month)
        summary = shop.save("summary", _summary(merging), month)
        update["coverage"] = tuple(_tidy(shop, "coverage", COVERAGE, (*before.coverage, coverage)))
        update["summary"] = tuple(_tidy(shop, "summary", SUMMARY, (*before.summary, summary)))
    return Written(before.model_copy(update=update), dict(sorted(counts.items())))


def _lines(path: Path) -> int:
    """About how many lines a file has: enough to choose the number of buckets."""
    return path.stat().st_size // 300


def _touched(shop: Workshop) -> list[int]:
    found = shop.connection.execute("SELECT DISTINCT bucket FROM cell_lines ORDER BY 1")
    return [int(bucket) for (bucket,) in found.fetchall()]


def _load_held(shop: Workshop, before: Head, bucket: int, buckets: int) -> None:
    """The findings of a bucket up to now; of every file where they were divided otherwise."""
    same = [one for one in before.findings if one.part == f"{bucket}/{buckets}"]
    if buckets == before.buckets and (same or buckets > 1):
        load_parquet(shop.connection, "held", FINDINGS, shop.store.fetch(same))
        return
    where = f"{bucket_of(buckets)} = {bucket}"
    load_parquet(shop.connection, "held", FINDINGS, shop.store.fetch(before.findings), where)


def _gather(shop: Workshop, first: bool) -> None:
    """Put the coverage and the counts of a bucket to those of the others; a control's counts span buckets."""
    for table in ("covered", "summed"):
        if first:
            shop.connection.execute(f"CREATE OR REPLACE TABLE all_{table} AS FROM {table}")
        else:
            shop.connection.execute(f"INSERT INTO all_{table} FROM {table}")


def _summary(merging: Merging) -> str:
    """The counts of all buckets together, with the run they belong to."""
    told = {"run_id": f"'{merging.run_id}'", "counted_at": f"TIMESTAMP '{merging.moment}'"}
    added = {name: f"sum({name})" for name in ("findings", "intents")} | {"frameworks": "any_value(frameworks)"}
    columns = ", ".join(f"{(told | added).get(name, name)} AS {name}" for name in SUMMARY)
    keys = ", ".join(name for name in SUMMARY if name not in told | added)
    return f"SELECT {columns} FROM all_summed GROUP BY {keys} ORDER BY {keys}"  # noqa: S608 - our own words


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    found = connection.execute("SELECT state, count(*) FROM merged WHERE state <> 'gone' GROUP BY ALL")
    return {str(state): int(count) for state, count in found.fetchall()}


def _add_history(shop: Workshop, before: tuple[StoredFile, ...], changes: Iterable[Path]) -> tuple[StoredFile, ...]:
    """The changes as files of their months; many files of one month become one, in order of account and finding."""
    paths = [str(path) for path in changes]
    if not paths:
        return before
    listed = ", ".join(f"'{path}'" for path in paths)
    shop.connection.execute(f"CREATE OR REPLACE VIEW new_changes AS FROM read_parquet([{listed}])")
    months = shop.connection.execute("SELECT DISTINCT strftime(observed_at, '%Y-%m') FROM new_changes ORDER BY 1")
    after = list(before)
    for (month,) in months.fetchall():
        query = f"FROM new_changes WHERE strftime(observed_at, '%Y-%m') = '{month}'"
        after.append(shop.save("transitions", query, str(month)))
    return tuple(_tidy(shop, "transitions", TRANSITIONS, after, _HISTORY_ORDER))


def _tidy(
    shop: Workshop, kind: str, columns: Columns, files: Iterable[StoredFile], order: str = "ORDER BY ALL"
) -> Iterator[StoredFile]:
    """The files of a kind, month by month; many of one month become one. Files without rows are left out."""
    months: dict[str, list[StoredFile]] = {}
    for one in files:
        if one.rows:
            months.setdefault(one.part, []).append(one)
    for month, held in sorted(months.items()):
        if len(held) <= FILES:
            yield from held
            continue
        load_parquet(shop.connection, "together", columns, shop.store.fetch(held))
        yield shop.save(kind, f"FROM together {order}", month)
