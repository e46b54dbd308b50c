"""Statements that reach for what is not theirs: none of them gets as far as running."""

import pytest

from audit.query.statement import check_statement
from vending.core.errors import BadInput

HOSTILE = (
    "SELECT * FROM 'f.parquet'",
    "SELECT * FROM read_parquet('x')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT getenv('HOME')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM file_findings",
    "SELECT * FROM all_accounts",
    "SELECT * FROM stated",
    "SELECT * FROM findings; SELECT 1",
    "COPY findings TO 'x'",
    "ATTACH 'x'",
    "INSTALL httpfs",
    "PRAGMA database_list",
    "DESCRIBE findings",
    "SUMMARIZE findings",
    "SHOW TABLES",
    "FROM findings PIVOT (count(*) FOR status IN ('fail'))",
    "PIVOT findings ON status",
    "SELECT * FROM findings POSITIONAL JOIN file_findings",
    "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n+1 FROM r) SELECT * FROM r",
    "WITH findings AS (SELECT * FROM file_findings) SELECT * FROM findings",
    "WITH f AS (SELECT * FROM findings) SELECT (SELECT count(*) FROM file_findings) FROM f",
    "SELECT * FROM findings, LATERAL (SELECT * FROM file_findings) x",
    "SELECT * FROM (WITH file_findings AS (SELECT 1) SELECT * FROM file_findings) a, file_findings b",
    "SELECT * FROM (WITH file_findings AS (SELECT 1 AS x) SELECT x FROM file_findings) a JOIN file_findings b ON true",
    "SELECT 1 WHERE EXISTS (FROM file_findings)",
    "SELECT * FROM findings UNION SELECT * FROM file_findings",
    "SELECT * FROM range(1000000000)",
    "SELECT unnest(range(10000000000)) FROM findings",
    "SELECT repeat('x',1000000000) FROM findings",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('file_findings')",
    "CREATE MACRO m() AS 1",
    "CREATE TABLE x AS SELECT * FROM findings",
    "SET memory_limit='1TB'",
    "CALL pragma_version()",
    "EXPLAIN ANALYZE SELECT * FROM findings",
    "SELECT * FROM memory.main.file_findings",
    "SELECT * FROM main.findings",
    "SELECT current_setting('memory_limit')",
    "SELECT nextval('x')",
    "SELECT * FROM findings TABLESAMPLE 10%",
    "SELECT * FROM findings ORDER BY (SELECT count(*) FROM file_findings)",
    "SELECT * FROM findings LIMIT (SELECT count(*) FROM file_findings)",
    "SELECT * FROM findings GROUP BY ALL HAVING (SELECT count(*) FROM file_findings) > 0",
    "SELECT count(*) FILTER (WHERE (SELECT count(*) FROM file_findings) > 0) FROM findings",
    "SELECT sum(1) OVER (PARTITION BY (SELECT count(*) FROM file_findings)) FROM findings",
    "SELECT DISTINCT ON ((SELECT count(*) FROM file_findings)) * FROM findings",
    "SELECT * REPLACE ((SELECT count(*) FROM file_findings) AS status) FROM findings",
    "SELECT list_transform([1], x -> (SELECT count(*) FROM file_findings)) FROM findings",
    "VALUES ((SELECT count(*) FROM file_findings))",
    "SELECT [x for x in (SELECT list(finding_id) FROM file_findings)] FROM findings",
    "SELECT * FROM findings ASOF JOIN file_findings USING (observed_at)",
    "SELECT * FROM findings WHERE finding_id IN (TABLE file_findings)",
    "SELECT {'a': (SELECT count(*) FROM file_findings)} FROM findings",
    "WITH x AS MATERIALIZED (SELECT * FROM file_findings) SELECT * FROM x",
    "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
    'SELECT * FROM "file_findings"',
    "SELECT * FROM findings AS file_findings, file_findings.frameworks",
    "SELECT $1",
    "SELECT * FROM findings UNPIVOT (v FOR n IN (status, reason))",
    "SELECT a.x FROM (SELECT 1) a(x), read_csv('/etc/passwd')",
    "SELECT error('x')",
    "SELECT write_log('x')",
    'WITH "duc\N{KELVIN SIGN}db_tables" AS (SELECT 1) SELECT * FROM duckdb_tables',
    f"SELECT {'(' * 5000}1{')' * 5000}",
    f"SELECT {'NOT ' * 4900}true",
    f"SELECT * FROM {'(SELECT * FROM ' * 1200}findings{')' * 1200}",
    "WITH gone AS (DELETE FROM findings RETURNING *) SELECT * FROM gone",
    "SELECT reason.getenv() FROM findings",
    "SELECT 1 OPERATOR(pg_catalog.+) 1",
    "SELECT * FROM findings QUALIFY row_number() OVER (ORDER BY (SELECT 1 FROM file_findings)) = 1",
)
"""Files, settings, catalogues and the views' own parts, from every corner of the language that can name a table."""


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_hostile_statement_is_refused_in_words(sql: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_statement(sql)

    assert refused.value.sentence
    assert refused.value.remedy


def test_a_name_within_a_subquery_opens_nothing_outside_it() -> None:
    with pytest.raises(BadInput, match="no view `file_findings`"):
        check_statement("SELECT * FROM (WITH file_findings AS (SELECT 1) FROM file_findings) a, file_findings b")
