"""`freehold login` and `freehold logout`, in somebody's shell."""

import json
import webbrowser
from pathlib import Path

import pytest

from infra.runtime.cli import ENTRIES
from tests.port import free_port
from tests.vending.login.ground import signs_in
from tests.vending.shell import Shell
from tests.vending.web.ground import token
from vending.cli import build_shell, run_shell

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def at_home(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A shell of its own before the portal, and a browser in which Ada signs in."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("FREEHOLD_TOKEN", raising=False)
    monkeypatch.setattr(webbrowser, "open", lambda address: bool([signs_in("ada")(address)]))


def run(*arguments: str) -> int:
    return run_shell(build_shell(ENTRIES), arguments)


def test_somebody_signs_in_calls_and_signs_out(capsys: Captured, tmp_path: Path) -> None:
    assert run("login", "--port", str(free_port()), "--output", "json") == 0
    told = capsys.readouterr()
    assert run("request", "list") == 0
    assert run("logout") == 0
    signed_out = capsys.readouterr()
    assert run("request", "list") == 3

    assert json.loads(told.out)["username"] == "ada"
    assert "Signed in as ada." in told.err
    assert "Signed out of http://127.0.0.1:" in signed_out.err
    assert "freehold login" in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_no_token_is_printed(capsys: Captured, tmp_path: Path) -> None:
    run("login", "--port", str(free_port()))

    [file] = tmp_path.rglob("*.json")
    kept, told = json.loads(file.read_text()), capsys.readouterr()
    assert all(kept[name] not in told.out + told.err for name in ("access_token", "refresh_token"))


def test_a_token_in_the_environment_goes_first_and_whoever_signs_in_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("FREEHOLD_TOKEN", token(shell.portal.cloud, "sam"))

    assert run("login", "--port", str(free_port())) == 0
    told = capsys.readouterr().err
    assert run("guardrails", "drift") != 3
    monkeypatch.setenv("FREEHOLD_TOKEN", "nobody's")
    refused = run("request", "list")

    assert "FREEHOLD_TOKEN is set, and goes first" in told
    assert refused == 3


def test_without_a_browser_the_address_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)

    code = run("login", "--port", str(free_port()), "--timeout", "0.2")
    silent = run("login", "--port", str(free_port()), "--timeout", "0.2", "--no-browser")

    said = capsys.readouterr().err
    assert (code, silent) == (3, 3)
    assert said.count("/oauth2/authorize?response_type=code") == 2
    assert said.count("No browser could be opened") == 1


def test_signing_out_where_nobody_is_signed_in_is_fine(capsys: Captured) -> None:
    assert run("logout") == 0
    assert "Nobody was signed in" in capsys.readouterr().err
