import subprocess
import sys

import pytest

from infra.runtime.cli import ENTRIES
from vending.cli import Entry, build_shell, main, run_shell
from vending.core.errors import (
    AwsDenied,
    BadInput,
    Conflict,
    FreeholdError,
    Malformed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Partial,
)

HEAVY = ("boto3", "botocore", "fastapi", "duckdb", "moto", "pydantic", "sqlglot", "httpx2", "yaml", "uvicorn")
RAISED: list[FreeholdError | KeyboardInterrupt | ZeroDivisionError] = []


def fail() -> None:
    """Fail as the test wants."""
    raise RAISED.pop()


def freehold(*arguments: str) -> int:
    return run_shell(build_shell(ENTRIES), arguments)


def failing(error: FreeholdError | KeyboardInterrupt | ZeroDivisionError) -> int:
    """The exit code of a command that raises `error`."""
    RAISED.append(error)
    return run_shell(build_shell([Entry("fail", "Fails.", f"{__name__}:fail", group=False)]), ["fail"])


def test_help_names_every_command_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("--help") == 0

    told = " ".join(capsys.readouterr().out.split())
    for entry in ENTRIES:
        assert entry.name in told
        assert entry.help.split(":")[0][:40] in told


def test_help_loads_nothing_heavy() -> None:
    script = f"""
import sys
sys.argv = ["freehold", "--help"]
from infra.runtime.cli import main
try:
    main()
finally:
    print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ended.stderr == "[]\n"


def test_the_commands_of_a_group_are_loaded_when_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold("request", "--help") == 0

    told = capsys.readouterr().out
    for command in ("submit", "list", "show", "watch", "approve", "reject", "cancel", "edit", "resume", "plan"):
        assert command in told


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_command_explains_itself(entry: Entry, capsys: pytest.CaptureFixture[str]) -> None:
    assert freehold(entry.name, "--help") == 0

    assert f"freehold {entry.name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("reqest",),
        ("request", "sumbit"),
        ("request", "list", "--output", "xml"),
        ("request", "show"),
        ("--verbose",),
        ("token",),
    ],
)
def test_what_is_misspelt_is_a_usage_error_on_stderr(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert freehold(*arguments) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Error" in captured.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FreeholdError("It failed."), 1),
        (BadInput("Wrong."), 2),
        (Malformed("Unreadable."), 2),
        (Conflict("Not now."), 2),
        (NotSignedIn("Who?"), 3),
        (NotAllowed("Not you."), 3),
        (NotFound("Nothing."), 4),
        (AwsDenied("AWS said no."), 5),
        (Partial("Half of it."), 6),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_kind_of_error_has_its_exit_code(
    error: FreeholdError | KeyboardInterrupt, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(error) == code

    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(error) in captured.err


def test_an_error_nobody_foresaw_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


def test_the_process_ends_with_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["freehold", "nonsense"])

    with pytest.raises(SystemExit) as ended:
        main(ENTRIES)

    assert ended.value.code == 2
