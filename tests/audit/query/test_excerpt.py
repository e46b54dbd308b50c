"""History that a team's own SQL is answered from: excerpts of files, with nothing of others in them."""

import json
import os
from pathlib import Path

import duckdb
import pytest

from audit.ledger.store import Store
from audit.ledger.tables import TRANSITIONS, connect, save_parquet
from audit.query import sandbox
from audit.query.excerpt import cut_history
from audit.query.sandbox import ask_sql
from audit.query.views import Window
from tests.audit.ground import BUCKET
from tests.audit.ground import connect as connect_to
from tests.cloud import Cloud
from vending.core.errors import BadInput


def history(folder: Path, teams: list[str] | None, rows: int = 10) -> Window:
    """Changes of payments and search in turn."""
    path = folder / "all.parquet"
    others = (f"NULL::{kind} AS {name}" for name, kind in TRANSITIONS.items() if name not in ("team", "reason"))
    named = "CASE WHEN n % 2 = 0 THEN 'payments' ELSE 'search' END AS team, n || repeat('x', 90) AS reason"
    with connect() as connection:
        save_parquet(connection, f"SELECT {', '.join(others)}, {named} FROM range({rows}) t(n)", path, "snappy")
    return Window({"transitions": [str(path)]}, [], [], [], teams, "2026-03-02T09:00:00.000")


def cut(window: Window, folder: Path) -> Window:
    with duckdb.connect() as connection:
        return cut_history(connection, window, folder / "excerpts")


def test_a_team_asks_of_more_history_than_fits_into_memory(tmp_path: Path) -> None:
    whole = history(tmp_path, ["search"], 5_000_000)
    window = cut(whole, tmp_path)

    answer = ask_sql("SELECT team, count(*), max(length(reason)) FROM transitions GROUP BY 1", lambda _: window)

    assert answer.rows == [["search", 2_500_000, 97]]


def test_the_files_that_it_reads_hold_nothing_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = history(tmp_path, ["search"])
    window = cut(whole, tmp_path)
    monkeypatch.setattr(sandbox, "check_statement", lambda _: ("transitions",))

    ((mine,),) = ask_sql(
        f"SELECT DISTINCT team FROM read_parquet({window.files['transitions']})", lambda _: window
    ).rows

    assert mine == "search"
    with pytest.raises(BadInput, match=r"disabled|Cannot access"):
        ask_sql(f"SELECT * FROM read_parquet({whole.files['transitions']})", lambda _: window)


def test_an_excerpt_is_made_once_for_the_same_teams(tmp_path: Path) -> None:
    whole = history(tmp_path, ["search"])

    first, again = cut(whole, tmp_path), cut(whole, tmp_path)
    others = cut(history(tmp_path, ["payments"]), tmp_path)

    assert first.files == again.files != others.files
    assert len(list((tmp_path / "excerpts").iterdir())) == 2


def test_who_sees_everything_reads_the_files_themselves(tmp_path: Path) -> None:
    whole = history(tmp_path, None)

    assert cut(whole, tmp_path) == whole
    assert json.dumps(ask_sql("SELECT count(*) FROM transitions", lambda _: whole).rows) == "[[10]]"


def test_an_excerpt_that_nobody_used_for_a_day_goes_with_the_copies(tmp_path: Path, cloud: Cloud) -> None:
    (used,), (unused,) = (
        cut(history(tmp_path, [team]), tmp_path).files["transitions"] for team in ("search", "payments")
    )
    for path in (used, unused):
        os.utime(path, (0, 0))
    cut(history(tmp_path, ["search"]), tmp_path)

    Store(connect_to(cloud), BUCKET, tmp_path).sweep()

    assert [Path(path).exists() for path in (used, unused)] == [True, False]
