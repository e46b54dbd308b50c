import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.port import free_port
from tests.vending.shell import Shell, served
from tests.vending.web.ground import ask


@pytest.fixture
def shell(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A shell before a portal that listens."""
    port = free_port()
    monkeypatch.setenv("FREEHOLD_URL", f"http://127.0.0.1:{port}")
    with served(cloud, port) as portal:
        yield Shell(portal, monkeypatch, capsys)


def test_the_log_is_proved_whole_and_an_altered_entry_is_named(shell: Shell, tmp_path: Path) -> None:
    ask(shell.portal, "ada")
    anchor = tmp_path / "anchor.json"
    whole = shell.json("sam", "audit", "verify-log")
    anchor.write_text(json.dumps(whole))
    ask(shell.portal, "ada", name="payments-two")
    table = shell.portal.services.table

    assert (whole["whole"], whole["entries"], whole["seq"]) == (True, 1, 1)
    assert shell.run("sam", "audit", "verify-log", "--anchor", str(anchor))[0] == 0
    assert shell.run("ada", "audit", "verify-log")[0] == 3

    forged = table.get("LOG", "E#000000000001")
    assert forged
    table.put(replace(forged, body={**forged.body, "actor": "eve"}))
    code, told = shell.run("sam", "audit", "verify-log", "--anchor", str(anchor), "--output", "json")

    assert code == 1
    assert [flaw["seq"] for flaw in json.loads(told)["flaws"]] == [1, 1]
    assert "Entry 1 was altered" in told
