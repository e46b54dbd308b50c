"""The ledger's files as Athena sees them: the same columns, in Athena's words."""

from collections.abc import Mapping

from sqlglot import exp

from audit.ledger.tables import COVERAGE, FINDINGS, RUNS, SUMMARY, TRANSITIONS, Columns


def _in_athena(columns: Columns) -> dict[str, str]:
    """DuckDB's types as Hive writes them, which is what Glue knows: `VARCHAR[]` is `array<string>`."""
    return {name: _word(kind) for name, kind in columns.items()}


def _word(kind: str) -> str:
    return exp.DataType.build(kind, dialect="duckdb").sql("hive").lower().replace(": ", ":").replace(", ", ",")


TABLES: Mapping[str, dict[str, str]] = {
    "findings": _in_athena(FINDINGS),
    "transitions": _in_athena(TRANSITIONS),
    "coverage": _in_athena(COVERAGE),
    "runs": _in_athena(RUNS),
    "summary": _in_athena(SUMMARY),
}
"""Table -> column -> type."""
