"""What `ada`, who leads payments, is told of search, which is `tom`'s: nothing, on any door."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit import commands
from audit.reports.formats import FORMATS
from audit.waivers import commands as waiver_commands
from tests.audit.conftest import Doors
from tests.audit.ground import RULE, SEARCH, person
from vending.cli import Entry, build_shell, run_shell
from vending.core.clock import to_text
from vending.core.identity import Caller, Role
from vending.core.rest import Rest

SECRETS = (SEARCH.account_id, "index-", "search")
"""The account, its resources, and the team itself."""
SHELL = build_shell([Entry("audit", "Is it still so.", "audit.commands:app")])
API = [
    "/findings?limit=1000",
    f"/findings?account={SEARCH.account_id}",
    "/findings?team=search",
    "/findings?q=index",
    f"/findings?control={RULE}&limit=1000",
    "/findings?as_of=2031-01-01T00:00:00Z&limit=1000",
    "/findings?since=2020-01-01T00:00:00Z&limit=1000",
    "/findings/facets",
    "/findings/facets?team=search",
    "/findings/facets?q=index",
    *(f"/findings/export?format={name}" for name in FORMATS),
    "/findings/export?format=csv&team=search",
    "/reports/latest",
    "/waivers",
    "/audit/runs",
    "/audit/runs/run-1",
]
PAGES = [
    "/findings",
    "/findings?team=search",
    f"/findings?account={SEARCH.account_id}&status=pass",
    "/findings?q=index",
    "/audit",
    "/audit/report",
    "/waivers",
]
SQL = [
    " UNION ALL BY NAME ".join(f"SELECT * FROM {view}" for view in ("findings", "transitions", "coverage")),
    "SELECT a.*, w.*, r.* FROM accounts a, waivers w, runs r",
    "WITH mine AS (SELECT * FROM findings) SELECT * FROM mine WHERE team <> 'payments' OR true",
    'SELECT f.* FROM "findings" f, "accounts" a',
    "SELECT (SELECT string_agg(resource_id) FROM transitions)",
]
COMMANDS = [
    ("findings", "--output", "csv"),
    ("findings", "--output", "json", "--team", "search"),
    ("runs", "--output", "json"),
    ("query", "SELECT * FROM findings", "--output", "csv"),
    ("waivers", "--output", "json"),
]


@pytest.fixture(autouse=True)
def waiver(doors: Doors) -> str:
    """A run, and a waiver of search's."""
    doors.fill()
    body = {
        "control_id": RULE,
        "account_id": SEARCH.account_id,
        "reason": "The index- bucket is open until search moves.",
        "ticket": "SEC-1",
        "expires_at": to_text(doors.cloud.clock.now() + timedelta(days=30)),
    }
    made = doors.api("sam").post("/waivers", json=body).json()
    assert doors.api("rosa").post(f"/waivers/{made['id']}/approve").status_code == 200
    return str(made["id"])


def secrets_in(text: str) -> set[str]:
    """HTML has a role and a type of field of the team's name."""
    told = text.replace('role="search"', "").replace('type="search"', "")
    return {secret for secret in SECRETS if secret in told}


def test_the_api_and_the_pages_tell_ada_nothing_of_toms(doors: Doors, tmp_path: Path) -> None:
    for door, paths in ((doors.api("ada"), API), (doors.signed_in("ada").http, PAGES)):
        for path in paths:
            answer = door.get(path)

            assert answer.status_code == 200, (path, answer.text)
            repeated = {secret for secret in SECRETS if secret.strip("-") in path}
            assert secrets_in(readable(answer, tmp_path)) <= repeated, f"{path} says more than it was asked"


def test_sam_does_see_it_on_these_doors(doors: Doors, tmp_path: Path) -> None:
    """Or the test above would prove nothing."""
    api, browser = doors.api("sam"), doors.signed_in("sam").http

    blind = [path for path in API if not secrets_in(readable(api.get(path), tmp_path))]
    blind += [path for path in PAGES if not secrets_in(browser.get(path).text)]

    of_nobody = ["/findings/facets", "/audit/runs", "/audit"]
    assert [path for path in blind if not path.startswith(tuple(of_nobody))] == []


def readable(answer: Any, folder: Path) -> str:
    """An answer as text; Parquet as its rows."""
    if not answer.content.startswith(b"PAR1"):
        return str(answer.text)
    (folder / "answer.parquet").write_bytes(answer.content)
    with duckdb.connect() as connection:
        rows = connection.execute("FROM read_parquet(?)", [str(folder / "answer.parquet")]).fetchall()
    return json.dumps(rows, default=str)


def test_facets_count_for_ada_only_what_is_hers(doors: Doors) -> None:
    for narrowed in ("", "?team=payments", "?q=bucket", "?team=search", "?q=index"):
        facets = doors.api("ada").get(f"/findings/facets{narrowed}").json()
        hers = listed(doors, "ada", f"/findings{narrowed}")

        assert {one["value"] for one in facets["team"]} <= {"payments"}
        assert sum(one["count"] for one in facets["status"]) == len(hers)
        assert bool(hers) == ("search" not in narrowed and "index" not in narrowed)


def listed(doors: Doors, username: str, path: str) -> list[Any]:
    answer = doors.api(username).get(f"{path}{'&' if '?' in path else '?'}limit=1000")
    return list(answer.json()["items"])


def test_what_is_toms_is_not_there_for_ada(doors: Doors, waiver: str) -> None:
    (finding, *_) = listed(doors, "tom", "/findings")
    doors_of_one = (
        f"/findings/{finding['finding_id']}",
        f"/findings/{finding['finding_id']}/why",
        f"/waivers/{waiver}",
    )

    for door in (doors.api, lambda name: doors.signed_in(name).http):
        for path in doors_of_one:
            if door == doors.api or not path.endswith("why"):
                assert door("tom").get(path).status_code == 200, path
                refused = door("ada").get(path)
                assert refused.status_code == 404, path
                assert secrets_in(refused.text) == set()
    assert doors.api("ada").delete(f"/waivers/{waiver}").status_code in (403, 404)


@pytest.mark.parametrize("sql", SQL)
def test_sql_tells_ada_nothing_of_toms(doors: Doors, sql: str) -> None:
    answer = doors.api("ada").post("/findings/query", json={"sql": sql})
    page = doors.signed_in("ada").http.get("/findings/query", params={"sql": sql})

    assert (answer.status_code, page.status_code) == (200, 200), answer.text
    assert secrets_in(answer.text) == secrets_in(page.text) == set()


def test_the_command_line_tells_ada_nothing_of_toms(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    reports = [("report", "--format", name, "--out", str(tmp_path / name)) for name in ("html", *FORMATS)]
    for username, sees in (("ada", False), ("sam", True)):
        for module in (commands, waiver_commands):
            monkeypatch.setattr(module, "_rest", lambda: Rest(doors.api(username)))  # noqa: B023 - used at once
        for command in (*COMMANDS, *reports):
            assert run_shell(SHELL, ["audit", *command]) == 0, command
            told = capsys.readouterr().out
            if "--out" in command:
                told = readable(Written((tmp_path / command[2]).read_bytes()), tmp_path)
            assert bool(secrets_in(told)) == (sees and command[0] != "runs"), (username, command)


class Written:
    """A file as an answer."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.text = content.decode(errors="replace")


def test_a_digest_tells_a_team_nothing_of_others(doors: Doors) -> None:
    """It is the report of somebody who leads that team alone, as `Watch` makes it."""
    caller = Caller("freehold", frozenset({Role.REQUESTER}), frozenset({"payments"}))

    assert secrets_in(doors.audit.report(caller).model_dump_json()) == set()
    assert secrets_in(doors.audit.report(person("sam")).model_dump_json()) != set()
