"""What a statement can reach once it is allowed, and when it is stopped."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from audit.ledger.tables import FINDINGS, connect, save_parquet
from audit.query import sandbox
from audit.query.sandbox import ask_sql
from audit.query.views import Window
from vending.core.errors import BadInput


def window(folder: Path, teams: Sequence[str] | None = None, findings: int = 3) -> Window:
    """Findings of payments and search in turn."""
    path = folder / "findings.parquet"
    columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in FINDINGS.items() if name not in ("team", "state"))
    with connect() as connection:
        team = "CASE WHEN n % 2 = 0 THEN 'payments' ELSE 'search' END AS team"
        save_parquet(connection, f"SELECT {columns}, {team}, 'fail' AS state FROM range({findings}) t(n)", path)
    return Window(
        files={"findings": [str(path)]},
        accounts=[{"account_id": "1", "name": "payments-dev", "team": "payments", "regions": ["eu-west-1"]}],
        waivers=[],
        open_runs=[],
        teams=teams,
        now="2026-03-02T09:00:00.000",
    )


def ask(sql: str, seen: Window) -> list[list[Any]]:
    return ask_sql(sql, lambda views: seen).rows


def test_an_answer_has_columns_rows_and_a_time(tmp_path: Path) -> None:
    answer = ask_sql("SELECT team, count(*) AS n FROM findings GROUP BY 1 ORDER BY 1", lambda _: window(tmp_path))

    assert answer.columns == ["team", "n"]
    assert answer.rows == [["payments", 2], ["search", 1]]
    assert answer.truncated is False
    assert answer.elapsed_ms > 0


def test_values_come_as_json_knows_them(tmp_path: Path) -> None:
    sql = (
        "SELECT TIMESTAMP '2026-03-02 09:00:00', DATE '2026-03-02', 1.50::DECIMAL(4,2), 2::DECIMAL(4,2), [1, NULL], "
        "{'a': true}, 'nan'::DOUBLE, NULL, 'x'::BLOB, INTERVAL 90 MINUTES"
    )

    (row,) = ask(sql, window(tmp_path))

    assert row[:8] == ["2026-03-02T09:00:00.000Z", "2026-03-02", 1.5, 2, [1, None], {"a": True}, None, None]
    assert all(isinstance(value, str) for value in row[8:])


def test_now_is_the_products_clock(tmp_path: Path) -> None:
    assert ask("SELECT now(), current_date, current_timestamp", window(tmp_path)) == [
        ["2026-03-02T09:00:00.000Z", "2026-03-02", "2026-03-02T09:00:00.000Z"]
    ]


def test_a_time_with_a_zone_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cast it to TIMESTAMP"):
        ask("SELECT now()::TIMESTAMPTZ", window(tmp_path))


def test_only_the_rows_of_ones_teams_are_there(tmp_path: Path) -> None:
    seen = window(tmp_path, teams=["search"])

    assert ask("SELECT DISTINCT team FROM findings", seen) == [["search"]]
    assert ask("SELECT count(*) FROM findings WHERE true OR team = 'payments'", seen) == [[1]]
    assert ask("SELECT * FROM accounts", seen) == []


def test_somebody_of_no_team_sees_nothing(tmp_path: Path) -> None:
    assert ask("SELECT count(*) FROM findings", window(tmp_path, teams=[])) == [[0]]


def test_a_teams_name_is_only_ever_a_name(tmp_path: Path) -> None:
    assert ask("SELECT count(*) FROM findings", window(tmp_path, teams=["x') OR true --"])) == [[0]]


def test_a_wrong_statement_is_told_in_duckdbs_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"statement is wrong.*no_such_column"):
        ask("SELECT no_such_column FROM findings", window(tmp_path))


def test_more_rows_than_anybody_reads_are_cut_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "ROWS", 2)

    answer = ask_sql("SELECT team FROM findings", lambda _: window(tmp_path))

    assert (len(answer.rows), answer.truncated) == (2, True)


def test_a_statement_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 2.5)  # by then DuckDB would show a progress bar on stdout
    endless = "SELECT count(*) FROM findings a, findings b, findings c WHERE length(a.team || b.team || c.team) = 1"

    with pytest.raises(BadInput, match="did not finish"):
        ask(endless, window(tmp_path, findings=3000))


def test_a_statement_that_wants_too_much_memory_is_stopped(tmp_path: Path) -> None:
    doubled = "SELECT 'xxxxxxxxxxxxxxxx' AS s"
    for _ in range(9):
        doubled = f"SELECT s || s || s || s || s || s || s || s AS s FROM ({doubled})"

    with pytest.raises(BadInput, match="256 MB"):
        ask(f"SELECT length(s) FROM ({doubled})", window(tmp_path))


ESCAPES = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '/tmp/escaped.csv'",
    "ATTACH '/tmp/escaped.db'",
    "INSTALL httpfs",
    "SET enable_external_access = true",
    "SET memory_limit = '64GB'",
    "SET temp_directory = '/tmp'",
    "SELECT * FROM file_findings",
    "SELECT * FROM all_accounts",
    "SELECT * FROM open_runs",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_a_hole_in_the_check_would_open_on_nothing(sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_check(_: str) -> Iterable[str]:
        return ("findings", "accounts")

    monkeypatch.setattr(sandbox, "check_statement", no_check)

    with pytest.raises(BadInput):
        ask(sql, window(tmp_path, teams=["search"]))


def test_a_hole_in_the_check_would_not_show_other_teams_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "check_statement", lambda _: ("findings",))
    seen = window(tmp_path, teams=["search"])

    with pytest.raises(BadInput, match=r"disabled|Cannot access"):
        ask(f"SELECT * FROM read_parquet('{seen.files['findings'][0]}')", seen)


def test_the_process_has_no_environment_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_TOKEN", "a secret")
    monkeypatch.setattr(sandbox, "check_statement", lambda _: ())

    assert "a secret" not in json.dumps(sandbox._run(json.dumps(question(window(tmp_path)))))


def question(seen: Window) -> dict[str, Any]:
    sql = "SELECT name, value FROM duckdb_settings()"
    return {"sql": sql, "views": [], "window": asdict(seen), "seconds": 5, "rows": 1000, "bytes": 1 << 30}
