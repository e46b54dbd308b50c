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
    "intent": "VARCHAR",
    "heard_at": "TIMESTAMP",
}
"""One row an identity, gone ones included. `intent` is the same for controls that want the same: rules of Config with
one identifier, one set of parameters and one scope, under whatever names they were deployed.
`heard_at` is the source's time of the event that told the state, null where a run read it; `observed_at` orders
readings; `last_verdict` is the last state that was not unknown; `observed` says whether the last run saw the cell."""

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
    "kind": "VARCHAR",
    "predicted_seconds": "DOUBLE",
    "shards": (
        "STRUCT(name VARCHAR, source VARCHAR, predicted_calls BIGINT, calls BIGINT, seconds DOUBLE, expected BIGINT, "
        "observed BIGINT)[]"
    ),
}

SUMMARY: Columns = {
    "source": "VARCHAR",
    "severity": "VARCHAR",
    "account_id": "VARCHAR",
    "team": "VARCHAR",
    "ou": "VARCHAR",
    "region": "VARCHAR",
    "state": "VARCHAR",
    "findings": "BIGINT",
}
"""How many findings are in which state: each file of findings has one such beside it, written with it. Waivers are not
in it: they are joined when somebody asks."""

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
    "intent": "VARCHAR",
}
ACCOUNT_LINES: Columns = {"account_id": "VARCHAR", "team": "VARCHAR", "ou": "VARCHAR"}


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An empty database in memory, bounded; `spill` is a folder for what does not fit."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET temp_directory = ?", [str(spill) if spill else ""])
    return connection


def load_parquet(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, files: Sequence[Path], where: str = "true"
) -> None:
    """Make a table of the connection's own of what Parquet files hold; an empty one of the columns without files.

    Columns that a file of an earlier version lacks are null.
    """
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({typed})")
    if files:
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT * FROM "  # noqa: S608 - names are our own
            f"read_parquet($files, union_by_name = true, hive_partitioning = false) WHERE {where}",
            {"files": [str(one) for one in files]},
        )


def view_lines(connection: duckdb.DuckDBPyConnection, view: str, columns: Columns, *paths: Path) -> None:
    """Make `view` of files of JSON lines, read whenever it is asked."""
    written = [str(path) for path in paths if path.stat().st_size]
    if not written:
        nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
        connection.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT {nothing} WHERE false")
        return
    listed = ", ".join(quote(path) for path in written)
    typed = ", ".join(f"{name}: {quote(kind)}" for name, kind in columns.items())
    connection.execute(
        f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM read_json([{listed}], columns = {{{typed}}}, "  # noqa: S608
        "format = 'newline_delimited', maximum_object_size = 1048576)"
    )


def quote(text: str) -> str:
    """A text as SQL writes it."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def load_lines(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, *paths: Path) -> None:
    """Make `table` of files of JSON lines."""
    create_table(connection, table, columns)
    if written := [str(path) for path in paths if path.stat().st_size]:
        parameters: dict[str, Any] = {"paths": written, "columns": dict(columns)}
        connection.execute(
            f"INSERT INTO {table} SELECT * FROM "  # noqa: S608 - names are our own
            "read_json($paths, columns = $columns, format = 'newline_delimited', maximum_object_size = 1048576)",
            parameters,
        )


def save_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path, compression: str = "zstd") -> int:
    """Write what a query answers; answers the number of rows."""
    options = f"FORMAT parquet, COMPRESSION {compression}, ROW_GROUP_SIZE 16384"
    done = connection.execute(f"COPY ({query}) TO {quote(str(path))} ({options})").fetchone()
    return int(done[0]) if done else 0


def create_table(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns) -> None:
    """An empty table of the columns."""
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {table} ({typed})")
