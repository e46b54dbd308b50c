import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.demo import _minutes, _progress, _until, _verdict
from infra.runtime.cli import ENTRIES
from tests.port import free_port
from vending.cli import build_shell, run_shell
from vending.core.errors import FreeholdError

ROOT = Path(__file__).parents[3]
READY: dict[str, Any] = {
    "name": "payments-lab",
    "state": "ready",
    "created_at": "2026-11-20T12:00:00Z",
    "waiting_for": None,
    "parked": None,
    "timeline": [{"step": "Hand it over", "state": "done", "ended_at": "2026-11-20T12:15:30Z"}],
}
PARKED = {**READY, "state": "parked", "parked": {"sentence": "AWS failed.", "remedy": "Resume it."}}


def started(tmp_path: Path, *arguments: str) -> "subprocess.Popen[str]":
    """`freehold demo` with a hurried cloud, on ports of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "FREEHOLD_"))}
    own = {"FREEHOLD_PORT": str(free_port()), "FREEHOLD_CLOUD_PORT": str(free_port()), "FREEHOLD_SPEED": "600"}
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's `&` has it ignored
    script = f"{heed}; from infra.runtime.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, "demo", *arguments],
        cwd=ROOT,
        env={**clean, **own, "FREEHOLD_STATE": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_request_becomes_a_ready_account_and_a_report(tmp_path: Path) -> None:
    requests = tmp_path / "requests"
    requests.mkdir()
    shutil.copy(ROOT / "examples/acme/requests/5-search-prod.yaml", requests)
    report = tmp_path / "report.html"

    with started(tmp_path, "--requests", str(requests), "--report", str(report), "--output", "json") as process:
        out, talk = process.communicate(timeout=300)

    assert process.returncode == 0, talk
    told = json.loads(out)
    [account] = told["accounts"]
    assert (account["state"], told["audit"]["state"]) == ("ready", "succeeded")
    assert told["audit"]["id"] in report.read_text()
    held, _, promised = account["guardrails_and_settings"].removesuffix(" hold").partition(" of ")
    assert held == promised != "0"
    assert "1 of 1 accounts ready" in talk
    assert list((tmp_path / "state").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(number)
        _, rest = process.communicate(timeout=60)

    assert first.startswith("Starting the local cloud")
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert not (tmp_path / "state").exists() or not list((tmp_path / "state").iterdir())


@pytest.mark.parametrize("content", ["team: [", "[]"])
def test_a_request_file_that_is_none_stops_it_before_anything_starts(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FREEHOLD_CONFIG", str(ROOT / "examples/acme/freehold.yaml"))
    (tmp_path / "bad.yaml").write_text(content)

    code = run_shell(build_shell(ENTRIES), ["demo", "--requests", str(tmp_path)])

    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert "bad.yaml" in captured.err
    assert "Starting" not in captured.err


def test_only_ready_accounts_and_a_whole_audit_are_a_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"

    verdicts = [
        _verdict([READY], {"state": "succeeded"}, report),
        _verdict([READY, PARKED], {"state": "succeeded"}, report),
        _verdict([READY], {"state": "partial"}, report),
    ]

    assert verdicts == [0, 6, 6]
    assert "payments-lab: AWS failed. Resume it." in capsys.readouterr().err


def test_a_bar_says_how_far_a_request_is_and_what_is_done_now() -> None:
    waiting = {**READY, "state": "queued", "timeline": [], "waiting_for": "its turn"}
    making = {**READY, "state": "creating", "timeline": [{"step": "Ask AWS", "state": "running"}]}

    assert _progress(waiting)["doing"] == "its turn"
    assert _progress(making)["doing"] == "Ask AWS"
    assert _progress(waiting)["completed"] < _progress(making)["completed"] < _progress(READY)["completed"]


def test_the_time_it_took_is_told_in_minutes_of_aws_time() -> None:
    assert _minutes(READY) == 15.5
    assert _minutes({**READY, "timeline": []}) is None


def test_who_waits_too_long_is_told() -> None:
    with pytest.raises(FreeholdError, match="not done after 0 seconds"):
        list(_until(0))
