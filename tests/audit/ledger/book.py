"""A ledger with short words, and the readings that its tests make of one bucket."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from audit.finding import Reading, Seen, State
from audit.run import Run
from tests.audit.ground import NINE, batch_of, bucket, end, make_ledger, reading, run_of
from tests.cloud import Cloud

LATER = NINE + timedelta(hours=1)
EVEN_LATER = NINE + timedelta(hours=2)
Row = dict[str, Any]


class Book:
    """A ledger with short words for merging readings and looking at what is kept."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.folder = folder
        self.ledger = make_ledger(cloud, folder / "cache")
        self.runs = 0

    def merge(self, *readings: Reading, **options: Any) -> Run:
        self.runs += 1
        return self.ledger.merge(batch_of(self.folder / "batches", readings, **options), run_of(self.runs), end)

    def rows(self, kind: str) -> list[Row]:
        files = self.ledger.fetch(getattr(self.ledger.head(), kind))
        return list(query("SELECT * FROM read_parquet($files) ORDER BY ALL", files)) if files else []

    def states(self) -> dict[str, str]:
        return {row["resource_id"]: row["state"] for row in self.rows("findings")}

    def finding(self, resource: str = "open") -> Row:
        return next(row for row in self.rows("findings") if row["resource_id"] == resource)

    def changes(self, resource: str = "open") -> list[tuple[str | None, str]]:
        rows = sorted(self.rows("transitions"), key=lambda row: row["observed_at"])
        return [(row["from_status"], row["status"]) for row in rows if row["resource_id"] == resource]


def query(statement: str, files: list[Path]) -> Iterator[Row]:
    with duckdb.connect() as connection:
        found = connection.execute(statement, {"files": [str(one) for one in files]})
        names = [name for name, *_ in found.description or ()]
        yield from (dict(zip(names, row, strict=True)) for row in found.fetchall())


def fails(at: Any = NINE) -> Reading:
    return reading(Seen((bucket("open", State.FAIL, at, "It is public."),)), at=at)


def passes(at: Any = LATER) -> Reading:
    return reading(Seen((bucket("open", State.PASS, at),)), at=at)


def naive(moment: Any) -> Any:
    return moment.replace(tzinfo=None)
