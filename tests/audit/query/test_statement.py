"""Which statements may be asked, and what is said about the others."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.query.statement import VIEWS, check_statement
from vending.core.errors import BadInput

ALLOWED = [
    ("SELECT * FROM findings", {"findings"}),
    ("select team, count(*) from FINDINGS group by all order by 2 desc limit 5;", {"findings"}),
    ("FROM findings", {"findings"}),
    ('SELECT * FROM "findings" f JOIN accounts a USING (account_id)', {"findings", "accounts"}),
    ("SELECT 1", set()),
    ("VALUES (1), (2)", set()),
    ("SELECT * FROM findings UNION ALL SELECT * FROM findings", {"findings"}),
    ("(SELECT team FROM accounts) EXCEPT (SELECT team FROM findings)", {"accounts", "findings"}),
    ("WITH worst AS (SELECT * FROM findings WHERE status = 'fail') SELECT count(*) FROM worst", {"findings"}),
    ("WITH a AS (SELECT 1 x), b AS (SELECT * FROM a) SELECT * FROM b", set()),
    ("SELECT (SELECT max(observed_at) FROM transitions) - now()", {"transitions"}),
    ("SELECT * FROM runs WHERE id IN (SELECT run_id FROM coverage)", {"runs", "coverage"}),
    ("SELECT EXISTS (SELECT 1 FROM waivers)", {"waivers"}),
    ("SELECT row_number() OVER (PARTITION BY team ORDER BY changed_at) FROM findings", {"findings"}),
    ("SELECT lag(status) OVER (ORDER BY observed_at) FROM transitions QUALIFY true", {"transitions"}),
    ("SELECT unnest(frameworks) AS framework, count(*) FROM findings GROUP BY 1", {"findings"}),
    ("SELECT list_filter(frameworks, lambda f: f LIKE 'CIS%') FROM findings", {"findings"}),
    ("SELECT CASE WHEN status = 'fail' THEN 1 ELSE 0 END::INTEGER FROM findings", {"findings"}),
    (
        "SELECT date_trunc('day', observed_at), count(*) FILTER (status = 'fail') FROM transitions GROUP BY 1",
        {"transitions"},
    ),
    ("SELECT * EXCLUDE (reason) REPLACE (upper(team) AS team) FROM findings", {"findings"}),
    ("SELECT median(calls), quantile_cont(calls, 0.95) FROM runs", {"runs"}),
    ("SELECT * FROM transitions WHERE observed_at > now() - INTERVAL 7 DAYS", {"transitions"}),
    ("SELECT title ILIKE '%public%', regexp_matches(title, 's3') FROM findings -- a comment", {"findings"}),
    ("SELECT a.x FROM (SELECT team AS x FROM findings) AS a", {"findings"}),
    ("SELECT current_date, current_timestamp", set()),
]

REFUSED = [
    # other statements, and more than one
    ("", "cannot be read|one SELECT"),
    ("nonsense", "cannot be read"),
    ("SELECT 1; SELECT 2", "one SELECT is allowed"),
    ("SELECT 1; DROP TABLE findings", "Only SELECT"),
    ("INSERT INTO findings VALUES (1)", "Only SELECT"),
    ("UPDATE findings SET status = 'pass'", "Only SELECT"),
    ("DELETE FROM findings", "Only SELECT"),
    ("CREATE TABLE x AS SELECT * FROM findings", "Only SELECT"),
    ("COPY findings TO '/tmp/out.csv'", "Only SELECT"),
    ("COPY (SELECT 1) TO '/tmp/out.csv'", "Only SELECT"),
    ("ATTACH '/tmp/other.db'", "Only SELECT"),
    ("INSTALL httpfs", "Only SELECT"),
    ("LOAD httpfs", "Only SELECT"),
    ("PRAGMA database_list", "Only SELECT"),
    ("SET memory_limit = '64GB'", "Only SELECT"),
    ("CALL pragma_version()", "Only SELECT"),
    ("EXPLAIN SELECT * FROM findings", "Only SELECT"),
    ("EXPORT DATABASE '/tmp/x'", "Only SELECT"),
    ("PREPARE x AS SELECT 1", "Only SELECT"),
    ("DESCRIBE findings", "not allowed"),
    ("SUMMARIZE findings", "not allowed"),
    ("SELECT * FROM (SHOW ALL TABLES)", "not allowed"),
    ("PIVOT findings ON status USING count(*)", "Only SELECT|not allowed"),
    ("SELECT * FROM (PIVOT findings ON status IN ('fail') USING count(*))", "not allowed"),
    # tables that are no views
    ("SELECT * FROM held", "no view `held`"),
    ("SELECT * FROM file_findings", "no view `file_findings`"),
    ("SELECT * FROM all_accounts", "no view"),
    ("SELECT * FROM information_schema.tables", "schema"),
    ("SELECT * FROM main.findings", "schema"),
    ("SELECT * FROM memory.main.findings", "schema"),
    ("SELECT * FROM duckdb_settings", "no view"),
    ("SELECT * FROM sqlite_master", "no view"),
    ("SELECT * FROM pg_tables", "no view"),
    ("SELECT * FROM '/etc/passwd'", "no view"),
    ("SELECT * FROM 'findings.parquet'", "no view"),
    ('SELECT * FROM "https://example.com/x.csv"', "no view"),
    ("SELECT * FROM findings, 's3://bucket/x.parquet'", "no view"),
    ("SELECT (SELECT count(*) FROM held)", "no view"),
    ("SELECT 1 WHERE EXISTS (FROM held)", "no view"),
    ("SELECT count(*) FROM findings HAVING count(*) > (SELECT max(x) FROM held)", "no view"),
    ("SELECT count(*) FROM findings GROUP BY (SELECT 1 FROM held)", "no view"),
    ("SELECT 1 ORDER BY (SELECT 1 FROM held)", "no view"),
    ("SELECT 1 LIMIT (SELECT 1 FROM held)", "no view"),
    ("SELECT sum(1) FILTER ((SELECT true FROM held)) FROM findings", "no view"),
    ("SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM held)) FROM findings", "no view"),
    ("SELECT 1 UNION SELECT 1 FROM held", "no view"),
    ("VALUES ((SELECT 1 FROM held))", "no view"),
    ("SELECT * FROM findings f JOIN held h ON true", "no view"),
    ("SELECT * FROM findings f JOIN accounts a ON (SELECT true FROM held)", "no view"),
    ("SELECT list_transform([1], lambda x: (SELECT x FROM held))", "no view"),
    # CTEs hide nothing but what they define
    ("WITH x AS (SELECT * FROM held) SELECT * FROM x", "no view"),
    ("WITH a AS (SELECT * FROM duckdb_settings), duckdb_settings AS (SELECT 1) SELECT * FROM a", "no view"),
    ("SELECT * FROM (WITH held AS (SELECT 1) SELECT * FROM held), held", "no view"),
    ("WITH held AS (SELECT * FROM held) SELECT * FROM held", "no view"),
    ("WITH RECURSIVE r AS (SELECT 1 a UNION ALL SELECT a + 1 FROM r) SELECT * FROM r", "recursive"),
    ("WITH x AS (DELETE FROM findings RETURNING *) SELECT * FROM x", "cannot be read|Only SELECT|not allowed"),
    # functions as tables
    ("SELECT * FROM read_csv('/etc/passwd')", "function as a table|not allowed"),
    ("SELECT * FROM read_parquet('x.parquet')", "not allowed"),
    ("SELECT * FROM read_text('/etc/passwd')", "not allowed"),
    ("SELECT * FROM glob('/*')", "not allowed"),
    ("SELECT * FROM range(1000000000000)", "not allowed"),
    ("SELECT * FROM generate_series(1, 10)", "not allowed"),
    ("SELECT * FROM unnest([1, 2])", "not allowed"),
    ("SELECT * FROM query('SELECT 1')", "not allowed"),
    ("SELECT * FROM query_table('held')", "not allowed"),
    ("SELECT * FROM duckdb_secrets()", "not allowed"),
    ("SELECT * FROM pragma_version()", "not allowed"),
    ("SELECT * FROM sniff_csv('/etc/passwd')", "not allowed"),
    ("SELECT * FROM findings f, LATERAL (SELECT * FROM read_text(f.reason))", "not allowed"),
    # functions that look outside, tell of the process, or make much out of little
    ("SELECT getenv('HOME')", "`getenv` is not allowed"),
    ("SELECT GETENV('HOME')", "`getenv` is not allowed"),
    ("SELECT \"getenv\"('HOME')", "`getenv` is not allowed"),
    ("SELECT 'HOME'.getenv()", "`getenv` is not allowed"),
    ("SELECT main.getenv('HOME')", "schema"),
    ("SELECT list_transform(['HOME'], lambda x: getenv(x))", "`getenv` is not allowed"),
    ("SELECT {'a': getenv('HOME')}", "`getenv` is not allowed"),
    ("SELECT sum(1) FILTER (getenv('HOME') = 'x')", "`getenv` is not allowed"),
    ("SELECT CASE WHEN getenv('HOME') = 'x' THEN 1 END", "`getenv` is not allowed"),
    ("SELECT * REPLACE (getenv('HOME') AS team) FROM findings", "`getenv` is not allowed"),
    ("SELECT COLUMNS(lambda c: getenv(c) = 'x') FROM findings", "`getenv` is not allowed"),
    ("SELECT row_number() OVER (PARTITION BY getenv('HOME'))", "`getenv` is not allowed"),
    ("SELECT 1 ORDER BY getenv('HOME')", "`getenv` is not allowed"),
    ("SELECT string_agg(team, ',' ORDER BY getenv('HOME')) FROM findings", "`getenv` is not allowed"),
    ("SELECT * FROM findings TABLESAMPLE reservoir(getenv('HOME')::INTEGER ROWS)", "not allowed|cannot be read"),
    ("SELECT * FROM findings TABLESAMPLE 10%", "TABLESAMPLE"),
    ("SELECT * FROM findings TABLESAMPLE bernoulli(10 PERCENT)", "TABLESAMPLE"),
    ("SELECT * FROM (SELECT 1) TABLESAMPLE 5 ROWS", "TABLESAMPLE"),
    ("SELECT * FROM findings f JOIN accounts a TABLESAMPLE 5 ROWS USING (account_id)", "TABLESAMPLE"),
    ("SELECT * FROM findings USING SAMPLE 10", "USING SAMPLE"),
    ("FROM findings USING SAMPLE reservoir(50 ROWS) REPEATABLE (1)", "USING SAMPLE"),
    ("SELECT (SELECT count(*) FROM findings USING SAMPLE 1)", "USING SAMPLE"),
    ("SELECT read_text('/etc/passwd')", "not allowed"),
    ("SELECT current_setting('memory_limit')", "not allowed"),
    ("SELECT getvariable('x')", "not allowed"),
    ("SELECT nextval('x')", "not allowed"),
    ("SELECT repeat('x', 2000000000)", "`repeat` is not allowed"),
    ("SELECT lpad('x', 2000000000, 'y')", "not allowed"),
    ("SELECT rpad('x', 2000000000, 'y')", "not allowed"),
    ("SELECT range(1000000000)", "not allowed"),
    ("SELECT list_resize([1], 1000000000)", "not allowed"),
    ("SELECT format('{:>1000000000}', 1)", "not allowed"),
    ("SELECT printf('%1000000000d', 1)", "not allowed"),
    ("SELECT bar(1, 0, 1, 1000000000)", "not allowed"),
    ("SELECT write_log('x')", "not allowed"),
    ("SELECT json_serialize_sql('SELECT 1')", "not allowed"),
    ("SELECT json_execute_serialized_sql('x')", "not allowed"),
    ("SELECT $1", "parameter"),
    ("SELECT ?", "parameter"),
    ("SELECT $name", "parameter"),
]


@pytest.mark.parametrize(("sql", "views"), ALLOWED)
def test_a_select_over_the_views_is_allowed(sql: str, views: set[str]) -> None:
    assert check_statement(sql) == views


@pytest.mark.parametrize(("sql", "why"), REFUSED)
def test_anything_else_is_refused_in_words(sql: str, why: str) -> None:
    with pytest.raises(BadInput, match=f"(?i){why}") as refused:
        check_statement(sql)

    assert refused.value.remedy


def test_a_statement_longer_than_any_person_writes_is_refused() -> None:
    with pytest.raises(BadInput, match="longer than"):
        check_statement(f"SELECT '{'x' * 20_000}'")


@pytest.mark.parametrize("depth", [900, 3000])
def test_parentheses_without_end_are_refused(depth: int) -> None:
    with pytest.raises(BadInput, match=r"nested|cannot be read"):
        check_statement("SELECT " + "(1 + " * depth + "1" + ")" * depth)


@given(st.text(max_size=200))
def test_whatever_is_typed_gets_views_or_a_sentence(text: str) -> None:
    views: frozenset[str] = frozenset()

    with suppress(BadInput):
        views = check_statement(text)

    assert views <= set(VIEWS)


TERMS = st.sampled_from(
    [
        "team",
        "*",
        "NULL",
        "DATE '2026-01-01'",
        "INTERVAL 3 DAYS",
        "1::DECIMAL(10, 2)",
        "'x'::VARCHAR[]",
        "CAST(1 AS STRUCT(a INTEGER))",
        "'a'::ENUM('a', 'b')",
        "{'a': [1, NULL]}",
        "MAP {'a': 1}",
        "frameworks[1:2]",
        "[x for x in [1, 2] if x > 1]",
        "lambda x: x",
        "(SELECT 1)",
        "count(*) FILTER (WHERE true)",
        "sum(1) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
        "COLUMNS('t.*')",
        "#1",
        "team COLLATE NOCASE",
        "'x' AT TIME ZONE 'UTC'",
        "TRY_CAST(team AS INTEGER)",
        "GROUPING(team)",
        "$x",
    ]
)
SOURCES = st.sampled_from(
    [
        "findings",
        "findings f(a, b)",
        "findings AT (VERSION => 1)",
        "(VALUES (1, 'a')) v",
        "(SELECT 1) s",
        "findings POSITIONAL JOIN accounts",
        "findings ASOF JOIN accounts USING (team)",
        "findings NATURAL JOIN accounts",
        "range(3)",
        "findings, LATERAL (SELECT team)",
    ]
)
SAMPLES = st.sampled_from(["", "", " TABLESAMPLE 10%", " TABLESAMPLE system(5 PERCENT)", " USING SAMPLE 3"])
TAILS = st.sampled_from(
    [
        "",
        " WHERE team IN ('a') AND NOT team BETWEEN 'a' AND 'b'",
        " GROUP BY ALL",
        " GROUP BY GROUPING SETS ((team), ())",
        " GROUP BY CUBE (team)",
        " QUALIFY true",
        " ORDER BY ALL DESC NULLS LAST",
        " LIMIT 10%",
        " LIMIT 3 OFFSET 1",
        " WINDOW w AS (PARTITION BY team)",
        " USING SAMPLE 10 PERCENT (bernoulli)",
        " UNION BY NAME SELECT 1",
    ]
)


@given(TERMS, st.sampled_from(["", "DISTINCT ", "DISTINCT ON (team) "]), SOURCES, SAMPLES, TAILS)
def test_whatever_sql_can_say_gets_views_or_a_sentence(
    term: str, distinct: str, source: str, sample: str, tail: str
) -> None:
    views: frozenset[str] = frozenset()
    refused = False

    try:
        views = check_statement(f"SELECT {distinct}{term} FROM {source}{sample}{tail}")
    except BadInput:
        refused = True

    assert views <= set(VIEWS)
    assert refused or "SAMPLE" not in sample + tail
