"""Where a merge does its work: it writes the files of the next head, and leaves the head itself alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import duckdb

from audit.ledger.head import Head
from audit.ledger.merge import Merging, bucket_of, load_batch, merge, sum_up
from audit.ledger.store import Store, StoredFile
from audit.ledger.tables import (
    COVERAGE,
    FINDINGS,
    TRANSITIONS,
    Columns,
    create_table,
    load_parquet,
    save_parquet,
)

FILES = 24
"""Up to so many files of one month, or of one kind; then they are written together into one."""
BUCKET_ROWS = 62_500
"""Findings in one file."""
AT_ONCE = 2
"""Buckets that a merge holds in memory at a time: one of so many rows keeps one core busy."""
MOST_BUCKETS = 256
_ORDER = (
    "ORDER BY list_position(['fail', 'unknown', 'pass', 'not_applicable', 'gone'], state), "
    "list_position(['critical', 'high', 'medium', 'low', 'unrated'], severity), "
    "source, control_id, account_id, region, resource_id"
)
"""The worst first, as they are asked for: a page of failures reads the few groups of rows that hold them, and one of a
control the few that hold it. Those of an account are in one file anyway."""
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
        path = self.folder / f"{kind}-{part.replace('/', '-')}.parquet"
        return self.store.keep(kind, path, save_parquet(self.connection, query, path), part)

    @contextmanager
    def side_by_side(self) -> Iterator[ThreadPoolExecutor]:
        """Carries out several statements at a time, each on one core: more of them would wait for each other."""
        self.connection.execute("SET threads = 1")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield pool
        self.connection.execute("RESET threads")

    @contextmanager
    def bench(self) -> Iterator["Workshop"]:
        """A place of its own in the same database: what is temporary there is nobody else's."""
        with self.connection.cursor() as own:
            yield replace(self, connection=own)


@dataclass(frozen=True)
class _Bucket:
    """What became of one bucket."""

    part: str
    findings: StoredFile | None
    """None where nothing changed and nothing had to."""
    summary: StoredFile | None
    """Goes with the findings."""
    changes: Path | None
    counts: Mapping[str, int]


def write(shop: Workshop, before: Head, merging: Merging) -> Written:
    """Write every file that a batch changes; the same head comes back where it changes none."""
    batch = merging.batch
    rows = max(sum(one.rows for one in before.findings), sum(_lines(path) for path in batch.observations))
    buckets = max(before.buckets, min(MOST_BUCKETS, ceil(rows / BUCKET_ROWS)), 1)
    load_batch(shop.connection, batch, buckets, shop.folder)
    create_table(shop.connection, "all_covered", COVERAGE)
    touched = range(buckets) if batch.whole or buckets != before.buckets else _touched(shop)
    findings, summary = ({one.part: one for one in files} for files in _kept(before, buckets))
    with shop.side_by_side() as pool:
        done = list(pool.map(lambda bucket: _merge_bucket(shop, before, merging, bucket, buckets), touched))
    changes = [one.changes for one in done if one.changes]
    if not batch.whole and not any(one.findings for one in done):
        return Written(before, {})
    findings |= {one.part: one.findings for one in done if one.findings}
    summary |= {one.part: one.summary for one in done if one.summary}
    kept = [part for part in sorted(findings) if findings[part].rows]
    update = {
        "buckets": buckets,
        "findings": tuple(findings[part] for part in kept),
        "summary": tuple(summary[part] for part in kept),
        "transitions": _add_history(shop, before.transitions, changes),
    }
    if batch.whole:
        month = merging.moment.strftime("%Y-%m")
        coverage = shop.save("coverage", "FROM all_covered ORDER BY ALL", month)
        update["coverage"] = tuple(_tidy(shop, "coverage", COVERAGE, (*before.coverage, coverage)))
    counts = sum((Counter(one.counts) for one in done), Counter())
    return Written(before.model_copy(update=update), dict(sorted(counts.items())))


def _kept(before: Head, buckets: int) -> tuple[tuple[StoredFile, ...], tuple[StoredFile, ...]]:
    """The files of buckets that need not be written again: none where the findings are divided otherwise now."""
    return (before.findings, before.summary) if buckets == before.buckets else ((), ())


def _merge_bucket(whole_shop: Workshop, before: Head, merging: Merging, bucket: int, buckets: int) -> _Bucket:
    """Merge the findings of some accounts; buckets have nothing to do with each other."""
    part = f"{bucket}/{buckets}"
    with whole_shop.bench() as shop:
        _load_held(shop, before, bucket, buckets)
        merge(shop.connection, merging, bucket, buckets, shop.folder)
        changes = shop.folder / f"changes-{bucket}.parquet"
        changed = save_parquet(shop.connection, f"FROM changes {_HISTORY_ORDER}", changes, "uncompressed")
        if not changed and not merging.batch.whole and not _has_news(shop):
            return _Bucket(part, None, None, None, {})
        findings = shop.save("findings", f"FROM merged {_ORDER}", part)
        counts = sum_up(shop.connection, *shop.store.fetch([findings]))
        summary = shop.save("summary", "FROM summed ORDER BY ALL", part)
        shop.connection.execute("INSERT INTO all_covered BY NAME FROM covered")
        return _Bucket(part, findings, summary, changes if changed else None, counts)


def _has_news(shop: Workshop) -> bool:
    """Whether something is later than what is held; of the same state too, for what is older may come after it."""
    return shop.connection.execute("SELECT 1 FROM news LIMIT 1").fetchall() != []


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
