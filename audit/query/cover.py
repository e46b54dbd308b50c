"""What waivers cover, joined when somebody asks: the status of a finding is its state, or `waived`."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from audit.query.names import names_of

TABLES = ("waived_controls", "pairs", "covered")
SOURCE = "waivers"
"""The source of findings about waivers themselves."""
CONTROL = "waiver-covers-something"
_CONTROLS = f"""
CREATE TEMP TABLE waived_controls AS
SELECT c.source, c.control_id, w.* EXCLUDE (control_id)
FROM all_waivers w JOIN (SELECT DISTINCT source, control_id FROM file_findings WHERE state <> 'gone') c
  ON list_contains({names_of("c.control_id")}, w.control_id)
WHERE w.approved_at IS NOT NULL
"""  # noqa: S608 - our own words
"""One row for each waiver that covers or did, and each control that it names."""
_PAIRS = """
CREATE TEMP TABLE pairs AS
SELECT f.finding_id, f.state AS finding_state, f.changed_at, w.id, w.state, w.expires_at, w.approved_at, w.ended_at
FROM file_findings f JOIN waived_controls w ON w.source = f.source AND w.control_id = f.control_id
LEFT JOIN all_accounts a ON a.account_id = f.account_id
WHERE f.state IN ('fail', 'pass', 'not_applicable', 'unknown')
  AND (w.account_id IS NULL OR w.account_id = f.account_id)
  AND (w.resource_id IS NULL OR w.resource_id = f.resource_id)
  AND (w.ou IS NULL OR w.ou = f.ou)
  AND (w.team IS NULL OR w.team IS NOT DISTINCT FROM CASE WHEN a.account_id IS NULL THEN f.team ELSE a.team END)
  AND (f.state = 'fail' OR w.state = 'active')
"""
_COVERED = """
CREATE TEMP TABLE covered AS
SELECT finding_id, arg_max(id, expires_at) FILTER (state = 'active') AS waiver_id,
       arg_max(approved_at, expires_at) FILTER (state = 'active') AS waived_at,
       max(ended_at) FILTER (state <> 'active') AS lapsed_at,
       count(*) FILTER (state <> 'active' AND ended_at >= changed_at) AS lapses
FROM pairs WHERE finding_state = 'fail' GROUP BY finding_id
"""
_STATED = """
CREATE TEMP VIEW stated AS
SELECT f.*, CASE WHEN c.waiver_id IS NULL THEN f.state ELSE 'waived' END AS status, c.waiver_id,
       greatest(f.changed_at, coalesce(c.waived_at, c.lapsed_at)) AS status_since, coalesce(c.lapses, 0) AS lapses
FROM file_findings f LEFT JOIN covered c USING (finding_id) WHERE f.state = 'fail'
UNION ALL BY NAME
SELECT *, state AS status, NULL::VARCHAR AS waiver_id, changed_at AS status_since, 0 AS lapses
FROM file_findings WHERE state <> 'fail'
"""
_PLAINLY = """
CREATE TEMP VIEW stated AS
SELECT *, state AS status, NULL::VARCHAR AS waiver_id, changed_at AS status_since, 0 AS lapses FROM file_findings
"""
_IDLE = f"""
SELECT sha256(concat_ws(chr(31), '{SOURCE}', '{CONTROL}', w.id))[:32] AS finding_id, '{SOURCE}' AS source,
       '{CONTROL}' AS control_id, 'A waiver covers something that fails' AS title, 'low' AS severity,
       'fail' AS status,
       CASE WHEN EXISTS (SELECT 1 FROM pairs p WHERE p.id = w.id)
            THEN 'What it covers does not fail (any more): end the waiver.'
            ELSE 'It matches no finding: correct its scope, or end the waiver.' END AS reason,
       coalesce(w.account_id, '') AS account_id, coalesce(w.team, a.team) AS team, coalesce(w.ou, a.ou) AS ou,
       'global' AS region, w.id AS resource_id, 'Freehold::Waiver' AS resource_type,
       w.approved_at AS first_seen, TIMESTAMP '{{now}}' AS last_seen, w.approved_at AS changed_at,
       []::VARCHAR[] AS frameworks, NULL::VARCHAR AS waiver_id, 0 AS reopened,
       w.approved_at AS valid_at, true AS observed
FROM all_waivers w LEFT JOIN all_accounts a ON a.account_id = w.account_id
WHERE w.state = 'active' AND EXISTS (SELECT 1 FROM file_findings)
  AND NOT EXISTS (SELECT 1 FROM pairs p WHERE p.id = w.id AND p.finding_state = 'fail')
"""  # noqa: S608 - our own words
"""Active waivers that cover nothing that fails are findings themselves, once anything was audited."""


def join_waivers(connection: duckdb.DuckDBPyConnection, waivers: Sequence[Mapping[str, Any]]) -> None:
    """Make the view `stated`: the findings' files with `status`, `waiver_id`, and since when that is so.

    Without a waiver that was ever approved the files are read as they are, and cost what they cost.
    """
    for statement in (_CONTROLS, _PAIRS, _COVERED, _STATED) if any_approved(waivers) else (_PLAINLY,):
        connection.execute(statement)


def any_approved(waivers: Sequence[Mapping[str, Any]]) -> bool:
    """Whether any of them covers anything, or did."""
    return any(waiver.get("approved_at") for waiver in waivers)


def with_idle(findings: str, waivers: Sequence[Mapping[str, Any]], now: str) -> str:
    """The findings, and those about waivers that cover nothing; `now` is when that is seen."""
    return f"{findings} UNION ALL BY NAME {_IDLE.format(now=now)}" if any_approved(waivers) else findings
