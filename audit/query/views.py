"""The six views over the ledger's files, cut to what somebody may see."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from audit.ledger.tables import COVERAGE, FINDINGS, RUNS, SUMMARY, TRANSITIONS, Columns
from audit.query.cover import TABLES, any_approved, join_waivers, with_idle

ACCOUNTS: Columns = {
    "account_id": "VARCHAR",
    "name": "VARCHAR",
    "team": "VARCHAR",
    "ou": "VARCHAR",
    "template": "VARCHAR",
    "state": "VARCHAR",
    "request_id": "VARCHAR",
    "email": "VARCHAR",
    "baseline_version": "VARCHAR",
    "monthly_budget_usd": "BIGINT",
    "regions": "VARCHAR[]",
    "tags": "MAP(VARCHAR, VARCHAR)",
    "created_at": "TIMESTAMP",
    "ends_at": "TIMESTAMP",
}
WAIVERS: Columns = {
    "id": "VARCHAR",
    "control_id": "VARCHAR",
    "account_id": "VARCHAR",
    "resource_id": "VARCHAR",
    "ou": "VARCHAR",
    "team": "VARCHAR",
    "reason": "VARCHAR",
    "ticket": "VARCHAR",
    "owner": "VARCHAR",
    "approver": "VARCHAR",
    "expires_at": "TIMESTAMP",
    "state": "VARCHAR",
    "proposed_at": "TIMESTAMP",
    "approved_at": "TIMESTAMP",
    "ended_at": "TIMESTAMP",
    "revoked_by": "VARCHAR",
}
PARTS: Mapping[str, Columns] = {
    "findings": FINDINGS,
    "transitions": TRANSITIONS,
    "runs": RUNS,
    "coverage": COVERAGE,
    "summary": SUMMARY,
}
HISTORY = frozenset({"transitions", "coverage"})
"""The parts that are only ever added to; their rows name the team themselves."""
COUNTS = "counts"
"""The product's own view: how many findings there are, without looking at each."""
NEEDS: Mapping[str, tuple[str, ...]] = {"accounts": ("findings",), "waivers": ("findings",), COUNTS: ("summary",)}
"""The files that a view is made of, where they are not those of its name."""

COMPLIANCE = """
SELECT account_id, CASE WHEN bool_or({status} = 'fail') THEN 'fail' WHEN bool_or(NOT observed) THEN 'unknown'
                        ELSE 'pass' END AS compliance
FROM {findings} WHERE {status} <> 'gone' GROUP BY account_id
"""
"""The worst that is known of an account. What AWS answers without checking it makes no account unknown, and what is
waived does not fail."""


@dataclass(frozen=True)
class Window:
    """What a question is answered from: files, the rows that no file holds, and whose rows may be seen."""

    files: Mapping[str, Sequence[str]]
    """Paths of Parquet files by part."""
    accounts: Sequence[Mapping[str, Any]]
    waivers: Sequence[Mapping[str, Any]]
    open_runs: Sequence[Mapping[str, Any]]
    """Runs that are under way or failed."""
    teams: Sequence[str] | None
    """Whose rows may be seen; None: everybody's. Runs concern all and name nobody: they are seen by all."""
    now: str
    """The moment that `now()` answers, ISO 8601 without a zone."""
    own: Collection[str] = ()
    """The parts whose files hold nothing but rows that may be seen."""

    @property
    def paths(self) -> list[str]:
        """Every file."""
        return [path for files in self.files.values() for path in files]


def parts_of(views: Iterable[str]) -> set[str]:
    """The parts of the ledger whose files views are made of."""
    return {part for view in views for part in NEEDS.get(view, (view,))}


def needs_of_counts(waivers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The views to open for counts: waivers are joined to findings."""
    return (COUNTS, "findings") if any_approved(waivers) else (COUNTS,)


def build_views(connection: duckdb.DuckDBPyConnection, window: Window, views: Iterable[str], *, copy: bool) -> None:
    """Make the views; with `copy` as tables that hold the visible rows and nothing else, unless their files do.

    All of it is temporary: the connection's own, and gone with it.

    Rows of no team, like the management account's, are seen by those who see everything.
    """
    parts = parts_of(views)
    _create_rows(connection, "all_accounts", ACCOUNTS, window.accounts)
    _create_rows(connection, "all_waivers", WAIVERS, window.waivers)
    _create_rows(connection, "open_runs", RUNS, window.open_runs)
    for part in parts:
        _create_part(connection, part, window.files.get(part, ()))
    if "findings" in parts:
        join_waivers(connection, window.waivers)
    for view in sorted(set(views), key=COUNTS.__eq__):  # it is made of the others
        kind = "TABLE" if copy and view not in window.own else "VIEW"
        connection.execute(f"CREATE TEMP {kind} {view} AS {_definition(view, window)}")
    if copy:
        _forget(connection, parts - set(window.own))


def _forget(connection: duckdb.DuckDBPyConnection, parts: Iterable[str]) -> None:
    """Drop what the tables were copied from: it holds rows of others."""
    for name in ("all_accounts", "all_waivers", "open_runs"):
        connection.execute(f"DROP TABLE {name}")
    if "findings" in parts:
        connection.execute("DROP VIEW stated")
    for name in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for part in parts:
        connection.execute(f"DROP VIEW file_{part}")


def set_clock(connection: duckdb.DuckDBPyConnection, now: str) -> None:
    """Let SQL tell the time by the product's clock, in UTC and without a zone, like every time in the views."""
    for name in ("now", "current_timestamp", "get_current_timestamp"):
        connection.execute(f"CREATE TEMP MACRO {name}() AS TIMESTAMP '{now}'")
    for name in ("today", "current_date"):
        connection.execute(f"CREATE TEMP MACRO {name}() AS DATE '{now[:10]}'")


def _create_part(connection: duckdb.DuckDBPyConnection, part: str, files: Sequence[str]) -> None:
    """The rows that files hold, as the view `file_<part>`."""
    if files:
        listed = ", ".join(_text(path) for path in files)
        connection.execute(f"CREATE TEMP VIEW file_{part} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608
    else:
        nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in PARTS[part].items())
        connection.execute(f"CREATE TEMP VIEW file_{part} AS SELECT {nothing} WHERE false")


def _create_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, rows: Sequence[Mapping[str, Any]]
) -> None:
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE TEMP TABLE {table} ({typed})")
    if rows:
        structure = json.dumps([dict(columns)])
        connection.execute(
            f"INSERT INTO {table} SELECT unnest(from_json($rows, $structure), max_depth := 2)",
            {"rows": json.dumps(list(rows)), "structure": structure},
        )


def _definition(view: str, window: Window) -> str:
    teams = window.teams
    if view == "runs":
        return f"SELECT {_RUN} FROM (FROM file_runs UNION ALL BY NAME FROM open_runs)"  # noqa: S608 - our own words
    if view == "findings":
        team = "CASE WHEN a.account_id IS NULL THEN f.team ELSE a.team END"
        everything = with_idle(_FINDINGS.format(team=team), window.waivers, window.now)
        return f"SELECT * FROM ({everything}) WHERE {sight_of('team', teams)}"  # noqa: S608 - our own words
    if view == COUNTS:
        waived = any_approved(window.waivers)
        counted = f"{_COUNTS} {_COUNTED_WAIVED if waived else ''}"
        return f"SELECT * FROM ({counted}) WHERE {sight_of('team', teams)}"  # noqa: S608 - our own words
    if view == "accounts":
        return f"{_ACCOUNTS} WHERE {sight_of('a.team', teams)}"
    if view == "waivers":
        seen = "true" if teams is None else _may_cover(teams)
        return f"SELECT * FROM all_waivers w WHERE {seen}"  # noqa: S608 - our own words
    return f"SELECT * FROM file_{view} WHERE {sight_of('team', teams)}"  # noqa: S608 - both are our own words


def _may_cover(teams: Sequence[str]) -> str:
    """A waiver is seen by a team of which it can cover something; one that names a resource, if it is the team's."""
    return _MAY_COVER.format(account=sight_of("a.team", teams), finding=sight_of("f.team", teams))


def sight_of(column: str, teams: Sequence[str] | None) -> str:
    """SQL for whether a row of the team in a column may be seen."""
    if teams is None:
        return "true"
    return f"coalesce(({column}) IN ({', '.join(map(_text, teams)) or 'NULL'}), false)"


_RUN = "id, state, started_at, ended_at, predicted_calls, calls, coverage, manifest, started_by, reason"
_FINDINGS = """
SELECT f.finding_id, f.source, f.control_id, f.title, f.severity, f.status, f.reason, f.account_id,
       {team} AS team, f.ou, f.region, f.resource_id, f.resource_type, f.first_seen, f.last_seen,
       f.status_since AS changed_at, f.frameworks, f.waiver_id,
       greatest(f.times_failed - 1, 0) + f.lapses AS reopened, f.valid_at, f.observed, f.intent
FROM stated f LEFT JOIN all_accounts a ON a.account_id = f.account_id
WHERE f.state <> 'gone'
"""
_COUNTS = """
SELECT s.source, s.severity, s.account_id, CASE WHEN a.account_id IS NULL THEN s.team ELSE a.team END AS team, s.ou,
       s.region, s.state AS status, s.findings
FROM file_summary s LEFT JOIN all_accounts a ON a.account_id = s.account_id
"""
_COUNTED_WAIVED = """
UNION ALL BY NAME
SELECT source, severity, account_id, team, ou, region, unnest(['fail', 'waived']) AS status,
       unnest([-1, 1]) AS findings
FROM findings WHERE status = 'waived'
UNION ALL BY NAME
SELECT source, severity, account_id, team, ou, region, status, 1 AS findings FROM findings WHERE source = 'waivers'
"""
"""What is waived failed when it was counted; waivers that cover nothing were not counted."""
_MAY_COVER = """
EXISTS (SELECT 1 FROM all_accounts a
        WHERE (w.account_id IS NULL OR w.account_id = a.account_id) AND (w.ou IS NULL OR w.ou = a.ou)
          AND (w.team IS NULL OR w.team = a.team) AND {account})
AND (w.resource_id IS NULL OR w.account_id IS NOT NULL OR w.team IS NOT NULL
     OR EXISTS (SELECT 1 FROM file_findings f WHERE f.resource_id = w.resource_id AND {finding}))
"""
_ACCOUNTS = f"""
SELECT a.*, coalesce(f.compliance, 'unknown') AS compliance
FROM all_accounts a LEFT JOIN ({COMPLIANCE.format(findings="stated", status="status")}) f USING (account_id)
"""  # noqa: S608 - our own words


def _text(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"
