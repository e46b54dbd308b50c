"""Command lines against a portal that listens, for the tests of commands."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.laptop import _served
from infra.runtime.cli import ENTRIES
from tests.cloud import Cloud
from tests.vending.parts import asked
from tests.vending.web.ground import Portal, build_portal, token
from vending.cli import build_shell, run_shell


@contextmanager
def served(cloud: Cloud, port: int) -> Iterator[Portal]:
    """A portal that listens: each test asks for accounts of other names."""
    cloud.reset()
    portal = build_portal(cloud)
    with _served(portal.app, port):
        yield portal
    cloud.limits.enforced = True


class Shell:
    """Somebody's shell."""

    def __init__(self, portal: Portal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.portal = portal
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.said = ""

    def run(self, who: str, *arguments: str) -> tuple[int, str]:
        """Exit code and stdout of one command line."""
        self._monkeypatch.setenv("FREEHOLD_TOKEN", token(self.portal.cloud, who))
        code = run_shell(build_shell(ENTRIES), arguments)
        captured = self._capsys.readouterr()
        self.said = captured.err
        return code, captured.out

    def json(self, who: str, *arguments: str) -> Any:
        """What a command that succeeds prints as JSON."""
        code, told = self.run(who, *arguments, "--output", "json")
        assert code == 0, self.said
        return json.loads(told)

    def state(self) -> list[Any]:
        """Everything written so far."""
        return list(self.portal.services.table.log())


def file(tmp_path: Path, **changes: Any) -> str:
    """A request file with a name of its own."""
    name = f"lab-{uuid.uuid4().hex[:12]}"
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(asked(name=name, **changes)))
    return str(path)


def submitted(shell: Shell, tmp_path: Path, **changes: Any) -> str:
    """The id of a new request."""
    return str(shell.json("ada", "request", "submit", file(tmp_path, **changes))["id"])
