"""The columns of the ledger's files. Times are UTC without a zone, as DuckDB and Athena both read them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

MEMORY = "256MB"
Columns = Mapping[str, str]

FINDINGS: Columns = {
    "finding_id": "VARCHAR",
    "source": "VARCHAR",
    "control_id": "VARCHAR",
    "title": "VARCHAR",
    "severity": "VARCHAR",
    "state": "VARCHAR",
    "reason": "VARCHAR",
    "account_id": "VARCHAR",
    "team": "VARCHAR",
    "ou": "VARCHAR",
    "about_ou": "VARCHAR",
    "region": "VARCHAR",
    "resource_id": "VARCHAR",
    "resource_type": "VARCHAR",
    "first_seen": "TIMESTAMP",
    "last_seen": "TIMESTAMP",
    "changed_at": "TIMESTAMP",
    "frameworks": "VARCHAR[]",
    "times_failed": "INTEGER",
    "last_verdict": "VARCHAR",
    "valid_at": "TIMESTAMP",
    "observed_at": "TIMESTAMP",
    "observed": "BOOLEAN",
}
"""One row an identity, gone ones included. `observed_at` orders readings; `last_verdict` is the last state that was not
unknown; `observed` says whether the last run saw the cell."""

TRANSITIONS: Columns = {
    "finding_id": "VARCHAR",
    "source": "VARCHAR",
    "control_id": "VARCHAR",
    "title": "VARCHAR",
    "severity": "VARCHAR",
    "from_status": "VARCHAR",
    "status": "VARCHAR",
    "reason": "VARCHAR",
    "account_id": "VARCHAR",
    "team": "VARCHAR",
    "ou": "VARCHAR",
    "region": "VARCHAR",
    "resource_id": "VARCHAR",
    "resource_type": "VARCHAR",
    "valid_at": "TIMESTAMP",
    "observed_at": "TIMESTAMP",
    "run_id": "VARCHAR",
}
"""One row a change of state, never rewritten. `team` and `ou` are the account's at that time."""

COVERAGE: Columns = {
    "run_id": "VARCHAR",
    "source": "VARCHAR",
    "account_id": "VARCHAR",
    "team": "VARCHAR",
    "ou": "VARCHAR",
    "region": "VARCHAR",
    "expected": "BIGINT",
    "observed": "BIGINT",
    "reason": "VARCHAR",
}
"""One row for each source, account and region of a run; `expected` and `observed` count cells."""

RUNS: Columns = {
    "id": "VARCHAR",
    "state": "VARCHAR",
    "started_at": "TIMESTAMP",
    "ended_at": "TIMESTAMP",
    "started_by": "VARCHAR",
    "predicted_calls": "BIGINT",
    "calls": "BIGINT",
    "coverage": "DOUBLE",
    "expected_cells": "BIGINT",
    "observed_cells": "BIGINT",
    "manifest": "VARCHAR",
    "reason": "VARCHAR",
    "counts": "MAP(VARCHAR, BIGINT)",
}

CELL_LINES: Columns = {
    "source": "VARCHAR",
    "control_id": "VARCHAR",
    "account_id": "VARCHAR",
    "region": "VARCHAR",
    "observed_at": "TIMESTAMP",
    "outcome": "VARCHAR",
    "reason": "VARCHAR",
}
OBSERVATION_LINES: Columns = {
    "source": "VARCHAR",
    "control_id": "VARCHAR",
    "account_id": "VARCHAR",
    "region": "VARCHAR",
    "observed_at": "TIMESTAMP",
    "resource_id": "VARCHAR",
    "resource_type": "VARCHAR",
    "state": "VARCHAR",
    "reason": "VARCHAR",
    "valid_at": "TIMESTAMP",
    "ou": "VARCHAR",
}
CONTROL_LINES: Columns = {
    "source": "VARCHAR",
    "control_id": "VARCHAR",
    "title": "VARCHAR",
    "severity": "VARCHAR",
    "frameworks": "VARCHAR[]",
}
ACCOUNT_LINES: Columns = {"account_id": "VARCHAR", "team": "VARCHAR", "ou": "VARCHAR"}


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An empty database in memory, bounded; `spill` is a folder for what does not fit."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET temp_directory = ?", [str(spill) if spill else ""])
    return connection


def load_parquet(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, files: Sequence[Path]) -> None:
    """Make `table` of what Parquet files hold; an empty table of the columns without files."""
    _create(connection, table, columns)
    if files:
        names = ", ".join(columns)
        connection.execute(
            f"INSERT INTO {table} SELECT {names} FROM read_parquet($files)",  # noqa: S608 - names are our own
            {"files": [str(one) for one in files]},
        )


def load_lines(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, path: Path) -> None:
    """Make `table` of a file of JSON lines."""
    _create(connection, table, columns)
    if path.stat().st_size:
        parameters: dict[str, Any] = {"path": str(path), "columns": dict(columns)}
        connection.execute(
            f"INSERT INTO {table} SELECT * FROM "  # noqa: S608 - names are our own
            "read_json($path, columns = $columns, format = 'newline_delimited', maximum_object_size = 1048576)",
            parameters,
        )


def save_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write what a query answers; answers the number of rows."""
    target = str(path).replace("'", "''")
    done = connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return int(done[0]) if done else 0


def _create(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns) -> None:
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {table} ({typed})")
