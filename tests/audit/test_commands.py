"""The audit on the command line."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from audit import commands
from audit.finding import FIELDS
from audit.run import RunState
from audit.waivers import commands as waiver_commands
from tests.audit.conftest import Doors
from tests.audit.ground import NINE, PAYMENTS, RULE, SEARCH, end_run
from vending.cli import Entry, build_shell, run_shell
from vending.core.clock import from_text
from vending.core.rest import Rest

SHELL = build_shell([Entry("audit", "Is it still so.", "audit.commands:app")])


class Terminal:
    """Somebody's shell against the portal of `doors`."""

    def __init__(self, doors: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.doors = doors
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.said = ""

    def run(self, username: str, *arguments: str) -> tuple[int, str]:
        """The exit code and what went to stdout; what went to stderr is `said`."""
        for module in (commands, waiver_commands):
            self._monkeypatch.setattr(module, "_rest", lambda: Rest(self.doors.api(username)))
        code = run_shell(SHELL, ["audit", *arguments])
        out, self.said = self._capsys.readouterr()
        return code, out


@pytest.fixture
def terminal(doors: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(doors, monkeypatch, capsys)


@pytest.mark.parametrize(("state", "code"), [(RunState.SUCCEEDED, 0), (RunState.PARTIAL, 6), (RunState.FAILED, 5)])
def test_collect_waits_for_the_end_and_tells_it_by_its_exit_code(
    terminal: Terminal, state: RunState, code: int
) -> None:
    ledger, folder = terminal.doors.audit.ledger, terminal.doors.folder
    terminal.doors.runner.then = lambda run_id: end_run(ledger, folder, ledger.run(run_id), NINE, state)

    ended, out = terminal.run("grace", "collect", "--output", "json")

    assert ended == code
    assert json.loads(out)["state"] == state.value


def test_a_dry_run_of_collect_starts_nothing(terminal: Terminal) -> None:
    terminal.doors.fill()

    code, out = terminal.run("grace", "collect", "--dry-run")

    assert (code, out) == (0, "")
    assert "12 calls" in terminal.said
    assert terminal.doors.runner.started == []


def test_who_may_not_collect_is_told_whom_to_ask(terminal: Terminal) -> None:
    code, _ = terminal.run("ada", "collect")

    assert code == 3
    assert "Ask an approver" in terminal.said


def test_findings_are_a_table_json_or_csv(terminal: Terminal) -> None:
    terminal.doors.fill()

    _, table = terminal.run("ada", "findings")
    _, document = terminal.run("ada", "findings", "--output", "json")
    code, lines = terminal.run("ada", "findings", "-o", "csv")

    header, *rows = list(csv.reader(io.StringIO(lines)))
    assert code == 0
    assert "s3-bucket-public-read" in table
    assert {one["account_id"] for one in json.loads(document)["items"]} == {PAYMENTS.account_id}
    assert tuple(header) == FIELDS
    assert len(rows) == len(json.loads(document)["items"])


def test_filters_may_be_given_several_times(terminal: Terminal) -> None:
    terminal.doors.fill()

    _, out = terminal.run(
        "sam", "findings", "--status", "fail", "--status", "unknown", "--team", "search", "-o", "json"
    )

    found = json.loads(out)["items"]
    assert [(one["status"], one["account_id"]) for one in found] == [("fail", SEARCH.account_id)]


def test_a_wrong_filter_is_bad_input(terminal: Terminal) -> None:
    code, _ = terminal.run("sam", "findings", "--severity", "awful")

    assert code == 2
    assert "severity" in terminal.said


def test_a_query_is_answered_in_columns(terminal: Terminal) -> None:
    terminal.doors.fill()

    _, table = terminal.run("sam", "query", "SELECT team, count(*) AS n FROM findings GROUP BY 1 ORDER BY 1")
    _, document = terminal.run("sam", "query", "SELECT 1 AS one", "--output", "json")
    code, lines = terminal.run(
        "sam", "query", "SELECT team FROM accounts WHERE team IS NOT NULL ORDER BY 1", "--output", "csv"
    )

    assert "payments" in table
    assert json.loads(document)["rows"] == [[1]]
    assert (code, lines.split()) == (0, ["team", "payments", "search"])


def test_a_query_that_is_not_allowed_is_bad_input(terminal: Terminal) -> None:
    code, out = terminal.run("sam", "query", "DROP TABLE findings")

    assert (code, out) == (2, "")
    assert "Only SELECT" in terminal.said


def test_runs_are_listed(terminal: Terminal) -> None:
    terminal.doors.fill()

    code, out = terminal.run("ada", "runs", "--output", "json")

    assert code == 0
    assert [(run["id"], run["coverage"]) for run in json.loads(out)["items"]] == [("run-1", 0.75)]


@pytest.mark.parametrize(
    ("name", "begins"),
    [("html", b"<!doctype html>"), ("csv", b"finding_id,"), ("json", b"{"), ("ocsf", b"{"), ("parquet", b"PAR1")],
)
def test_a_report_is_written_in_every_format(terminal: Terminal, name: str, begins: bytes, tmp_path: Path) -> None:
    terminal.doors.fill()
    out = tmp_path / f"report.{name}"

    code, _ = terminal.run("sam", "report", "--format", name, "--out", str(out))

    assert code == 0
    assert out.read_bytes().startswith(begins)
    assert str(out) in terminal.said


def test_a_report_that_cannot_be_written_says_why(terminal: Terminal, tmp_path: Path) -> None:
    code, _ = terminal.run("sam", "report", "--out", str(tmp_path / "no" / "report.html"))

    assert code == 2
    assert "cannot be written" in terminal.said


def test_days_of_a_waiver_are_counted_from_the_portals_now_not_the_shells(terminal: Terminal) -> None:
    clock = terminal.doors.cloud.clock
    clock.advance(400 * 86_400)
    proposal = ("--control", RULE, "--account", PAYMENTS.account_id, "--reason", "it moves", "--ticket", "SEC-1")

    code, out = terminal.run("sam", "waive", *proposal, "--expires", "30d", "--output", "json")

    assert code == 0, terminal.said
    ends = from_text(json.loads(out)["expires_at"])
    assert abs(ends - (clock.now() + timedelta(days=30))) < timedelta(minutes=1)
