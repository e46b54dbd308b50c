"""Turning what a run found into the next state of every finding, in SQL.

Each statement's comment says what it promises. A reading that is older than what the ledger holds of the same
identity changes nothing, so merging a batch twice, or two batches in either order, ends in the same state.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from audit.finding import UNREAD
from audit.ledger.batch import Batch
from audit.ledger.tables import (
    ACCOUNT_LINES,
    CELL_LINES,
    CONTROL_LINES,
    OBSERVATION_LINES,
    load_lines,
    load_parquet,
    quote,
    view_lines,
)

_CELLS = """
-- One reading a cell: the last one.
CREATE OR REPLACE TEMP TABLE cells AS
SELECT * EXCLUDE (bucket) FROM cell_lines WHERE {here}
QUALIFY row_number() OVER (PARTITION BY source, control_id, account_id, region ORDER BY observed_at DESC) = 1
"""

_SEEN = """
-- One row an identity that a source reported, with the hash that names it for good.
CREATE OR REPLACE TEMP TABLE seen AS
SELECT sha256(concat_ws(chr(31), source, control_id, account_id, region, resource_type, resource_id))[:32]
         AS finding_id,
       source, control_id, account_id, region, resource_id, resource_type,
       state, reason, valid_at, observed_at, ou AS about_ou, true AS observed
FROM observation_lines
"""

_TWICE = "SELECT count(*) > count(DISTINCT finding_id) FROM seen"

_LAST = """
-- Of an identity that was reported more than once, what was reported last.
CREATE OR REPLACE TEMP TABLE seen AS
FROM seen QUALIFY row_number() OVER (PARTITION BY finding_id ORDER BY observed_at DESC, valid_at DESC) = 1
"""

_SILENT = """
-- Known identities that were not reported: unknown where their cell is, gone where it was seen without them or is no
-- longer expected, as before where the source says that nothing changed or told what did. The reason says how much is
-- gone with it.
CREATE OR REPLACE TEMP TABLE silent AS
SELECT c.finding_id, c.source, c.control_id, c.account_id, c.region, c.resource_id, c.resource_type,
       CASE k.outcome WHEN 'unknown' THEN 'unknown' WHEN 'unchanged' THEN c.state WHEN 'told' THEN c.state
                      ELSE 'gone' END AS state,
       CASE k.outcome WHEN 'unknown' THEN k.reason WHEN 'unchanged' THEN c.reason WHEN 'told' THEN c.reason
                      WHEN 'seen' THEN 'AWS does not report this resource any more.'
                      ELSE CASE WHEN a.account_id IS NULL THEN 'It is no longer expected: its account is gone.'
                                WHEN r.control_id IS NULL
                                  THEN 'AWS reports neither its control nor this resource any more.'
                                ELSE 'AWS does not report this resource any more.' END END AS reason,
       CASE WHEN k.outcome IN ('unchanged', 'told') OR (k.outcome = 'unknown' AND c.state = 'unknown') THEN c.valid_at
            ELSE coalesce(k.observed_at, $as_of) END AS valid_at,
       coalesce(k.observed_at, $as_of) AS observed_at, c.about_ou,
       coalesce(k.outcome, 'seen') <> 'unknown' AS observed
FROM held c LEFT JOIN cells k USING (source, control_id, account_id, region)
LEFT JOIN account_lines a ON a.account_id = c.account_id
LEFT JOIN (SELECT DISTINCT source, control_id FROM cell_lines) r
       ON r.source = c.source AND r.control_id = c.control_id
WHERE list_contains($sources, c.source) AND c.state <> 'gone' AND $whole
  AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.finding_id = c.finding_id)
"""

_DARK = """
-- Unknown cells of which nothing was known: the account itself stands for what is in them.
CREATE OR REPLACE TEMP TABLE dark AS
SELECT sha256(concat_ws(chr(31), source, control_id, account_id, region, 'AWS::::Account', account_id))[:32]
         AS finding_id,
       source, control_id, account_id, region, account_id AS resource_id, 'AWS::::Account' AS resource_type,
       'unknown' AS state, reason, observed_at AS valid_at, observed_at, NULL::VARCHAR AS about_ou, false AS observed
FROM cells k
WHERE outcome = 'unknown' AND NOT EXISTS (
    SELECT 1 FROM held c WHERE c.source = k.source AND c.control_id = k.control_id
       AND c.account_id = k.account_id AND c.region = k.region AND c.state <> 'gone')
"""

_NEWS = """
-- All of these, but for what is older than what the ledger holds. Runs are ordered by when they looked, events by when
-- the source recorded what they tell; a listing that does not know yet what an event told is older than the event.
CREATE OR REPLACE TEMP TABLE news AS
SELECT n.* FROM (FROM seen UNION ALL BY NAME FROM silent UNION ALL BY NAME FROM dark) n
LEFT JOIN held c USING (finding_id)
WHERE c.finding_id IS NULL
   OR CASE WHEN $whole THEN n.observed_at >= c.observed_at AND n.valid_at >= coalesce(c.heard_at, n.valid_at)
           ELSE n.valid_at > c.valid_at END
"""

_TRANSITIONS = """
-- The changes of state, with the owner of now.
CREATE OR REPLACE TEMP VIEW changes AS
SELECT n.finding_id, n.source, n.control_id, coalesce(k.title, c.title, n.control_id) AS title,
       coalesce(k.severity, c.severity, 'unrated') AS severity, c.state AS from_status, n.state AS status, n.reason,
       n.account_id, CASE WHEN a.account_id IS NULL THEN c.team ELSE a.team END AS team,
       coalesce(n.about_ou, a.ou, c.ou) AS ou, n.region, n.resource_id, n.resource_type,
       n.valid_at, n.observed_at, {run} AS run_id
FROM news n LEFT JOIN held c USING (finding_id)
LEFT JOIN account_lines a ON a.account_id = n.account_id
LEFT JOIN control_lines k ON k.source = n.source AND k.control_id = n.control_id
WHERE n.state IS DISTINCT FROM c.state AND NOT (c.finding_id IS NULL AND n.state = 'gone')
"""

_FINDINGS = """
-- Every identity in its next state. An annotation that was read once stands while the failure does.
CREATE OR REPLACE TEMP VIEW merged AS
SELECT coalesce(n.finding_id, c.finding_id) AS finding_id, coalesce(n.source, c.source) AS source,
       coalesce(n.control_id, c.control_id) AS control_id,
       coalesce(k.title, c.title, n.control_id) AS title, coalesce(k.severity, c.severity, 'unrated') AS severity,
       coalesce(n.state, c.state) AS state,
       CASE WHEN n.reason = {unread} AND n.state = c.state THEN c.reason
            ELSE coalesce(n.reason, c.reason) END AS reason,
       coalesce(n.account_id, c.account_id) AS account_id,
       CASE WHEN a.account_id IS NULL THEN c.team ELSE a.team END AS team,
       coalesce(n.about_ou, c.about_ou, a.ou, c.ou) AS ou, coalesce(n.about_ou, c.about_ou) AS about_ou,
       coalesce(n.region, c.region) AS region, coalesce(n.resource_id, c.resource_id) AS resource_id,
       coalesce(n.resource_type, c.resource_type) AS resource_type,
       coalesce(c.first_seen, n.observed_at) AS first_seen,
       CASE WHEN n.observed AND n.state <> 'gone' THEN n.observed_at ELSE c.last_seen END AS last_seen,
       CASE WHEN n.finding_id IS NULL OR n.state IS NOT DISTINCT FROM c.state THEN c.changed_at
            ELSE n.observed_at END AS changed_at,
       coalesce(k.frameworks, c.frameworks, []) AS frameworks,
       coalesce(c.times_failed, 0)
         + (n.state IS NOT DISTINCT FROM 'fail' AND c.last_verdict IS DISTINCT FROM 'fail')::INTEGER AS times_failed,
       CASE WHEN n.state <> 'unknown' THEN n.state ELSE c.last_verdict END AS last_verdict,
       coalesce(n.valid_at, c.valid_at) AS valid_at, coalesce(n.observed_at, c.observed_at) AS observed_at,
       coalesce(n.observed, c.observed) AS observed,
       coalesce(k.intent, c.intent, n.control_id, c.control_id) AS intent,
       CASE WHEN n.finding_id IS NULL OR n.valid_at IS NOT DISTINCT FROM c.valid_at THEN c.heard_at
            WHEN NOT {whole} THEN n.valid_at END AS heard_at
FROM news n FULL JOIN held c ON n.finding_id = c.finding_id
LEFT JOIN account_lines a ON a.account_id = coalesce(n.account_id, c.account_id)
LEFT JOIN control_lines k
       ON k.source = coalesce(n.source, c.source) AND k.control_id = coalesce(n.control_id, c.control_id)
"""

_COVERAGE = """
-- How much of each source, account and region this run saw.
CREATE OR REPLACE TEMP TABLE covered AS
SELECT $run AS run_id, k.source, k.account_id, any_value(a.team) AS team, any_value(a.ou) AS ou, k.region,
       count(*) AS expected, count(*) FILTER (outcome <> 'unknown') AS observed,
       string_agg(DISTINCT k.reason, ' ' ORDER BY k.reason) FILTER (outcome = 'unknown') AS reason
FROM cells k LEFT JOIN account_lines a USING (account_id)
GROUP BY k.source, k.account_id, k.region
"""


_SUMMARY = """
-- How many findings are in which state, of a file of them.
CREATE OR REPLACE TEMP TABLE summed AS
SELECT source, severity, account_id, team, ou, region, state, count(*) AS findings
FROM read_parquet($file) WHERE state <> 'gone' GROUP BY ALL
"""


@dataclass(frozen=True)
class Merging:
    """A batch that is being merged: what the statements need to know beside it."""

    batch: Batch
    run_id: str
    """Written into transitions and coverage."""
    as_of: datetime
    """Aware; when the run began: what it did not expect by then, and was not seen since, is gone."""

    @property
    def moment(self) -> datetime:
        """The same in UTC without a zone, as the ledger's files have it."""
        return self.as_of.astimezone(UTC).replace(tzinfo=None)


def load_batch(connection: duckdb.DuckDBPyConnection, batch: Batch, buckets: int, folder: Path) -> None:
    """Make tables and views of a batch's lines, divided into buckets of accounts where there are several."""
    load_lines(connection, "cell_lines", CELL_LINES, *batch.cells)
    connection.execute("ALTER TABLE cell_lines ADD COLUMN bucket INTEGER")
    connection.execute(f"UPDATE cell_lines SET bucket = {bucket_of(buckets)}")  # noqa: S608 - our own words
    load_lines(connection, "control_lines", CONTROL_LINES, batch.controls)
    load_lines(connection, "account_lines", ACCOUNT_LINES, batch.accounts)
    if buckets == 1:
        load_lines(connection, "observation_lines", OBSERVATION_LINES, *batch.observations)
        return
    view_lines(connection, "all_observations", OBSERVATION_LINES, *batch.observations)
    target = quote(str(folder / "divided"))
    connection.execute(
        f"COPY (SELECT *, {bucket_of(buckets)} AS bucket FROM all_observations) TO {target} "  # noqa: S608
        "(FORMAT parquet, COMPRESSION lz4, PARTITION_BY (bucket))"
    )


def merge(connection: duckdb.DuckDBPyConnection, merging: Merging, bucket: int, buckets: int, folder: Path) -> None:
    """From the table `held` and a loaded batch make the views `merged` and `changes` and the table `covered`.

    All of these are the connection's own: several buckets can be merged side by side. The views are made to be written
    to a file once: a million rows are not put down in between.

    Args:
        connection: to the database of the batch, with a table `held`: the findings of this bucket up to now.
        merging: what is merged.
        bucket: which accounts, from 0.
        buckets: of how many.
        folder: where `load_batch` divided the batch.
    """
    if buckets > 1:
        divided = sorted((folder / "divided" / f"bucket={bucket}").glob("*.parquet"))
        load_parquet(connection, "observation_lines", OBSERVATION_LINES, divided)
    cells_here = f"bucket = {bucket}" if buckets > 1 else "true"
    connection.execute(_CELLS.replace("{here}", cells_here))
    connection.execute(_SEEN)
    if connection.execute(_TWICE).fetchall() == [(True,)]:
        connection.execute(_LAST)
    told = {"as_of": merging.moment, "sources": list(merging.batch.sources), "whole": merging.batch.whole}
    connection.execute(_SILENT, told)
    connection.execute(_DARK)
    connection.execute(_NEWS, {"whole": merging.batch.whole})
    connection.execute(_TRANSITIONS.format(run=quote(merging.run_id)))
    connection.execute(_FINDINGS.format(whole=merging.batch.whole, unread=quote(UNREAD)))
    connection.execute(_COVERAGE, {"run": merging.run_id})


def sum_up(connection: duckdb.DuckDBPyConnection, findings: Path) -> dict[str, int]:
    """Make the table `summed` of a file of findings; answers how many there are in each state, gone ones left out."""
    connection.execute(_SUMMARY, {"file": str(findings)})
    found = connection.execute("SELECT state, sum(findings) FROM summed GROUP BY ALL").fetchall()
    return {str(state): int(count) for state, count in found}


def bucket_of(buckets: int) -> str:
    """SQL for the bucket of a row: by its account, the same everywhere and for good."""
    return f"(('0x' || md5(account_id)[:4])::INTEGER % {buckets})"


def place_of(account_id: str, buckets: int) -> int:
    """The same for one account."""
    return int(hashlib.md5(account_id.encode(), usedforsecurity=False).hexdigest()[:4], 16) % buckets
