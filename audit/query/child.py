"""Runs one statement in a process of its own, which holds nothing but the rows its asker may see.

Started by `sandbox`; reads the question from stdin, writes the answer to stdout. Before the statement runs, the
process has given up files, network and memory: what a hole in the statement's check could reach is what was asked.
"""

import json
import math
import os
import resource
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import duckdb

from audit.ledger.tables import connect
from audit.query.views import Window, build_views, set_clock

DATA = 448 << 20
"""Bytes that the process may write to, whatever it is: DuckDB's own limit does not count every string and list."""
ZONED = "TIMESTAMP WITH TIME ZONE"


def main() -> None:
    """One question, one answer."""
    question = json.load(sys.stdin)
    answers = _take_stdout()
    _shrink()
    try:
        answer = _answer(question)
    except duckdb.InterruptException:
        answer = {"error": "slow"}
    except (duckdb.OutOfMemoryException, MemoryError):
        answer = {"error": "large"}
    except duckdb.Error as error:
        answer = {"error": "wrong", "detail": str(error).strip().splitlines()[0]}
    with answers:
        json.dump(answer, answers)


def _take_stdout() -> IO[str]:
    """Stdout for the answer alone: whatever else is said in this process goes to stderr."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _shrink() -> None:
    with suppress(ValueError, OSError):  # where the system knows no such limit, DuckDB's own still hold
        resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    window = Window(**question["window"])
    connection = connect()
    connection.execute("SET threads = 1")
    copy = window.teams is not None
    build_views(connection, window, question["views"], copy=copy)
    set_clock(connection, window.now)
    allowed = [path for part in window.own for path in window.files[part]] if copy else window.paths
    connection.execute("SET allowed_paths = ?", [allowed])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    timer = threading.Timer(question["seconds"], connection.interrupt)
    timer.start()
    began = time.perf_counter()
    try:
        columns, rows, truncated = _fetch(connection, question)
    finally:
        timer.cancel()
    elapsed = round((time.perf_counter() - began) * 1000, 1)
    return {"columns": columns, "rows": rows, "truncated": truncated, "elapsed_ms": elapsed}


def _fetch(
    connection: duckdb.DuckDBPyConnection, question: Mapping[str, Any]
) -> tuple[list[str], list[list[Any]], bool]:
    connection.execute(question["sql"])
    described = connection.description or []
    if any(ZONED in str(kind) for _, kind, *_ in described):
        raise duckdb.InvalidInputException("a column has a time zone; all times here are UTC: cast it to TIMESTAMP.")
    columns = [str(name) for name, *_ in described]
    rows: list[list[Any]] = []
    size = 0
    while (row := connection.fetchone()) is not None:
        plain = [_plain(value) for value in row]
        size += len(json.dumps(plain))
        if len(rows) == question["rows"] or size > question["bytes"]:
            return columns, rows, True
        rows.append(plain)
    return columns, rows, False


def _plain(value: Any) -> Any:
    """A value as JSON knows it; times are UTC and say so."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='milliseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return str(value)


if __name__ == "__main__":
    main()
