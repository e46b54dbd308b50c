import sys
from importlib import import_module

import pytest
import typer

from infra.runtime.cli import ENTRIES, main
from vending.cli import Entry


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_stands_for_a_command_that_is_there(entry: Entry) -> None:
    module, _, attribute = entry.target.partition(":")

    found = getattr(import_module(module), attribute)

    assert isinstance(found, typer.Typer) if entry.group else callable(found)
    assert entry.help.endswith(".")


def test_no_name_stands_for_two() -> None:
    names = [entry.name for entry in ENTRIES]

    assert len(names) == len(set(names))
    assert {"up", "demo", "cloud", "token", "config", "request", "account", "apply", "guardrails", "audit"} <= set(
        names
    )


def test_the_installed_command_runs_them(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["freehold", "config", "--help"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    assert "schema" in capsys.readouterr().out
