import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.vending.shell import Shell, file
from vending.requests.model import Cause, State

BROKEN = Cause(code="INTERNAL_FAILURE", sentence="AWS failed.", remedy="Resume it.", who="operator")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two requests."""
    there = tmp_path / "requests"
    there.mkdir()
    for _ in range(2):
        file(there)
    return there


def applied(shell: Shell, folder: Path, *options: str, code: int = 0) -> list[dict[str, Any]]:
    ended, told = shell.run("ada", "apply", str(folder), "--output", "json", *options)
    assert ended == code, shell.said
    items: list[dict[str, Any]] = json.loads(told)["items"]
    return items


def change(path: Path, **changes: Any) -> None:
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))


def first_of(folder: Path) -> Path:
    return min(folder.iterdir())


def test_a_folder_is_applied_once_and_edits_follow(shell: Shell, folder: Path) -> None:
    first, again = applied(shell, folder), applied(shell, folder)
    change(first_of(folder), purpose="try two gateways")
    edited, settled = applied(shell, folder), applied(shell, folder)

    assert [item["action"] for item in first] == ["create", "create"]
    assert [item["action"] for item in again] == ["none", "none"]
    assert [item["action"] for item in edited] == ["edit purpose", "none"]
    assert [item["action"] for item in settled] == ["none", "none"]
    assert {item["request_id"] for item in first} == {item["request_id"] for item in settled}


def test_the_plan_comes_first_and_a_dry_run_is_the_plan_alone(shell: Shell, folder: Path) -> None:
    before = shell.state()

    planned = applied(shell, folder, "--dry-run")
    table = shell.run("ada", "apply", str(folder))[1]

    assert [(item["action"], item["request_id"]) for item in planned] == [("create", None)] * 2
    assert table.count("create") == 2
    assert len(shell.state()) == len(before) + 2


def test_what_the_file_writes_differently_but_means_the_same_is_no_edit(shell: Shell, folder: Path) -> None:
    change(first_of(folder), regions=["eu-west-1", "eu-west-1"], purpose="  try a gateway ")
    applied(shell, folder)

    assert [item["action"] for item in applied(shell, folder)] == ["none", "none"]


def test_a_tag_that_left_the_file_leaves_the_request(shell: Shell, folder: Path) -> None:
    change(first_of(folder), tags={"service": "gateway", "stage": "test"})
    [before, _] = applied(shell, folder)
    change(first_of(folder), tags={"stage": "test"})

    [edited, _] = applied(shell, folder)

    assert edited["action"] == "edit tags"
    assert shell.json("ada", "request", "show", before["request_id"])["tags"] == {"stage": "test"}
    assert applied(shell, folder)[0]["action"] == "none"


def test_one_wrong_file_stops_everything_and_every_wrong_field_is_named(shell: Shell, folder: Path) -> None:
    for path in folder.iterdir():
        change(path, monthly_budget_usd=0)
    file(folder)
    before = shell.state()

    code, _ = shell.run("ada", "apply", str(folder))

    assert (code, shell.state()) == (2, before)
    assert shell.said.count("monthly_budget_usd") == 2


@pytest.mark.parametrize("text", ["- no mapping", "{", "\x00"])
def test_a_file_that_cannot_be_read_is_named(shell: Shell, folder: Path, text: str) -> None:
    (folder / "zz.yaml").write_text(text)
    before = shell.state()

    assert shell.run("ada", "apply", str(folder))[0] == 2
    assert "zz.yaml" in shell.said
    assert shell.state() == before


def test_two_files_for_one_account_are_named(shell: Shell, folder: Path) -> None:
    (folder / "zz.yaml").write_text(first_of(folder).read_text())

    assert shell.run("ada", "apply", str(folder))[0] == 2
    assert f"it asks for the same account as {first_of(folder).name}" in shell.said


def test_what_may_not_be_asked_for_is_refused_before_anything_is_done(shell: Shell, folder: Path) -> None:
    file(folder, team="search")
    before = shell.state()

    assert shell.run("ada", "apply", str(folder))[0] == 3
    assert shell.state() == before


def test_what_cannot_be_brought_about_stands_beside_its_file_and_stops_no_other(shell: Shell, folder: Path) -> None:
    made = applied(shell, folder)
    shell.portal.change(made[0]["request_id"], state=State.READY, asked_aws_at=shell.portal.cloud.clock.now())
    change(first_of(folder), monthly_budget_usd=200)
    file(folder)

    items = {item["file"]: item for item in applied(shell, folder, code=6)}

    assert items[made[0]["file"]]["action"] == "blocked"
    assert "ready and cannot be edited" in items[made[0]["file"]]["problem"]
    assert sorted(item["action"] for item in items.values()) == ["blocked", "create", "none"]


def test_a_parked_request_is_not_brought_about_until_somebody_acts(shell: Shell, folder: Path) -> None:
    made = applied(shell, folder)
    shell.portal.change(made[0]["request_id"], state=State.PARKED, parked=BROKEN)

    stuck = applied(shell, folder, code=6)[0]
    change(first_of(folder), purpose="try two gateways")
    taken_up = applied(shell, folder)[0]

    assert (stuck["action"], stuck["problem"]) == ("blocked", "It is parked. Resume it.")
    assert (taken_up["action"], taken_up["state"]) == ("edit purpose", "queued")


def test_a_folder_without_request_files_exits_2(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("ada", "apply", str(tmp_path))[0] == 2
    assert str(tmp_path) in shell.said


def test_the_example_s_files_are_requests_that_fit(shell: Shell) -> None:
    examples = Path(__file__).parents[2] / "examples/acme/requests"

    planned = json.loads(shell.run("omar", "apply", str(examples), "--dry-run", "--output", "json")[1])["items"]

    assert [item["action"] for item in planned] == ["create"] * 6
