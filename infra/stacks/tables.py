"""The ledger's files as Athena sees them: the same columns, in Athena's words."""

import re
from collections.abc import Mapping

from audit.ledger.tables import COVERAGE, FINDINGS, RUNS, SUMMARY, TRANSITIONS, Columns

HIVE: Mapping[str, str] = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DOUBLE": "double",
    "INTEGER": "int",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "string",
    "MAP(": "map<",
    "STRUCT(": "struct<",
    ")": ">",
    ", ": ",",
    " ": ":",
}
"""DuckDB's words for types -> Hive's, which are what Glue knows (sqlglot says the same, but loading it takes a tenth of
the time that synthesis does)."""
_WORDS = re.compile(r"[A-Z]+\(?|\)|, | ")


def _in_athena(columns: Columns) -> dict[str, str]:
    """`VARCHAR[]` is `array<string>`, `STRUCT(name VARCHAR, calls BIGINT)` is `struct<name:string,calls:bigint>`."""
    return {name: _word(kind) for name, kind in columns.items()}


def _word(kind: str) -> str:
    return f"array<{_word(kind[:-2])}>" if kind.endswith("[]") else _WORDS.sub(lambda word: HIVE[word[0]], kind)


TABLES: Mapping[str, dict[str, str]] = {
    "findings": _in_athena(FINDINGS),
    "transitions": _in_athena(TRANSITIONS),
    "coverage": _in_athena(COVERAGE),
    "runs": _in_athena(RUNS),
    "summary": _in_athena(SUMMARY),
}
"""Table -> column -> type."""
