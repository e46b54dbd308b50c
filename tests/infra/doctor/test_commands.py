"""`freehold doctor`, from the command line."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.runtime.cli import ENTRIES
from tests.cloud import ACME, Cloud
from tests.port import free_port
from tests.vending.parts import connect
from vending.cli import build_shell, run_shell


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A laptop on which nothing runs."""
    for name in ("FREEHOLD_URL", "FREEHOLD_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("FREEHOLD_PORT", "FREEHOLD_CLOUD_PORT"):
        monkeypatch.setenv(name, str(free_port()))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(ACME))
    monkeypatch.setenv("FREEHOLD_STATE", str(tmp_path))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal's port is somebody else's, who never answers."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        monkeypatch.setenv("FREEHOLD_PORT", str(other.getsockname()[1]))
        yield


def doctor(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Exit code, what was found by check, and what was said."""
    code = run_shell(build_shell(ENTRIES), ["doctor", "--output", "json", *options])
    said = capsys.readouterr()
    items = json.loads(said.out)["items"] if said.out else []
    return code, {item["check"]: item for item in items}, said.err


def test_a_laptop_on_which_nothing_runs_is_told_how_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    code, found, said = doctor(capsys)

    assert code == 1
    assert found["company-file"]["state"] == found["packages"]["state"] == found["ports"]["state"] == "ok"
    assert (found["portal"]["state"], found["portal"]["next"]) == (
        "missing",
        "Start it: `make run`, or `freehold up`.",
    )
    assert "freehold token --as" in found["token"]["next"]
    assert "Next: No local cloud answers" in said


def test_a_cloud_that_runs_and_a_token_that_nobody_can_judge_are_told_apart(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("FREEHOLD_TOKEN", "a.b.c")

    _, found, _ = doctor(capsys)

    assert (found["cloud"]["state"], found["cloud"]["where"]) == ("ok", cloud.url)
    assert found["token"]["state"] == "unknown"


def test_an_address_behind_which_there_is_something_else_is_told(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FREEHOLD_URL", cloud.url)

    _, found, _ = doctor(capsys)

    assert found["portal"]["what"].startswith("What answers there is no portal")
    assert "FREEHOLD_URL" in found["portal"]["next"]


def test_a_port_that_somebody_else_has_is_told_with_the_variable_to_set(
    taken: None, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_shell(build_shell(ENTRIES), ["doctor", "--output", "csv"])

    told = capsys.readouterr().out
    assert code == 1
    assert "Another program listens there." in told
    assert "set FREEHOLD_PORT to another port" in told


@pytest.mark.parametrize("options", [(), ("--aws",)])
def test_a_company_file_that_is_wrong_is_bad_input(
    options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "company.yaml"
    broken.write_text(ACME.read_text().replace("home_region: eu-west-1", "home_region: cn-north-1"))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(broken))

    code, found, said = doctor(capsys, *options)

    told = found["company-file"]["what"] if found else said
    assert code == 2
    assert "cn-north-1" in told
    assert f"{broken}, line " in told


def test_an_organisation_is_looked_at_and_the_next_step_of_the_guide_is_named(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(cloud, monkeypatch)
    cloud.limits.enforced = False

    code, found, said = doctor(capsys, "--aws")

    assert code == 1
    assert found["landing-zone"]["state"] == "ok"
    assert found["delegated-administrators"]["state"] == "missing"
    assert "Next: Step 4 of the deploy guide" in said


def test_an_aws_that_does_not_answer_is_aws_s_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    code, found, _ = doctor(capsys, "--aws")

    assert code == 5
    assert {item["state"] for item in found.values()} == {"unknown"}


def test_a_table_shows_every_check_and_what_is_optional(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    run_shell(build_shell(ENTRIES), ["doctor"])

    told = capsys.readouterr().out
    assert "missing (optional)" in told
    assert "chromium" in told
