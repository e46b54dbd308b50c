import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx2
import pytest

from infra.local.laptop import PortInUse, _own_cloud, check_port, running
from infra.local.up import mint
from tests.cloud import ACME
from tests.port import free_port
from tests.vending.parts import acme, asked
from vending.core.errors import FreeholdError
from vending.core.settings import Settings

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 90


def until(reached: Callable[[], bool], why: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).is_success
    except httpx2.TransportError:
        return False


@dataclass
class Run:
    """A `freehold` in a process of its own."""

    command: tuple[str, ...]
    state: Path
    more: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    cloud_port: int = field(default_factory=free_port)

    def start(self) -> "subprocess.Popen[bytes]":
        script = "from infra.runtime.cli import main; main()"
        log = (self.state.parent / f"{self.port}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-c", script, *self.command], cwd=ROOT, env=self._environment(), stdout=log, stderr=log
            )

    @contextmanager
    def running(self, url: str) -> Iterator["subprocess.Popen[bytes]"]:
        """While it runs, once `url` answers; killed at the end if it is still there."""
        process = self.start()
        try:
            until(lambda: process.poll() is not None or answers(url), self.log)
            assert process.poll() is None, self.log()
            yield process
        finally:
            process.kill()
            process.wait()

    def log(self) -> str:
        return (self.state.parent / f"{self.port}.log").read_text()

    def api(self, endpoint: str, who: str) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {mint(endpoint, who)}"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}/api/v1", headers=headers)

    def _environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "FREEHOLD_"))}
        own = {"FREEHOLD_PORT": self.port, "FREEHOLD_CLOUD_PORT": self.cloud_port, "FREEHOLD_STATE": self.state}
        return {**clean, **{name: str(value) for name, value in own.items()}, **self.more}


@pytest.fixture
def no_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_a_port_in_use_is_named_with_the_way_to_another(taken: int) -> None:
    with pytest.raises(PortInUse) as refused:
        check_port(taken, "FREEHOLD_PORT")

    assert f"Port {taken}" in refused.value.sentence
    assert f"FREEHOLD_PORT={taken + 100}" in refused.value.remedy
    assert refused.value.exit_code == 2


def test_a_free_port_is_fine() -> None:
    check_port(free_port(), "FREEHOLD_PORT")


@pytest.mark.usefixtures("no_cloud")
@pytest.mark.parametrize("variable", ["FREEHOLD_PORT", "FREEHOLD_CLOUD_PORT"])
def test_nothing_is_started_or_left_when_a_port_is_in_use(taken: int, tmp_path: Path, variable: str) -> None:
    ports = {"port": free_port(), "cloud_port": free_port()}
    ports[variable.removeprefix("FREEHOLD_").lower()] = taken

    with pytest.raises(PortInUse, match=str(taken)) as refused, running(Settings(state=tmp_path, **ports), acme()):
        raise AssertionError

    assert variable in refused.value.remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_cloud")
def test_portal_and_cloud_need_a_port_each(tmp_path: Path) -> None:
    port = free_port()

    with (
        pytest.raises(PortInUse, match="cannot share"),
        running(Settings(state=tmp_path, port=port, cloud_port=port), acme()),
    ):
        raise AssertionError


def test_a_cloud_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(ACME.read_text().replace("lead: ada", "leed: ada"))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(path))

    with (
        pytest.raises(FreeholdError, match=r"teams\.payments\.leed"),
        _own_cloud(Settings(cloud_port=free_port()), tmp_path / "state"),
    ):
        raise AssertionError


def ask(api: httpx2.Client, name: str) -> str:
    answer = api.post("/account-requests", json=asked(name=name), headers={"Idempotency-Key": name})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def children(process: "subprocess.Popen[bytes]") -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are counted in /proc")
def test_a_signal_in_the_middle_of_a_request_leaves_nothing_behind(tmp_path: Path) -> None:
    run = Run(("up",), tmp_path / "state")
    endpoint = f"http://127.0.0.1:{run.cloud_port}"
    with run.running(f"http://127.0.0.1:{run.port}/healthz") as process:
        with run.api(endpoint, "ada") as api:
            id_ = ask(api, "payments-lab")
            until(lambda: api.get(f"/account-requests/{id_}").json()["timeline"], run.log)
        started = children(process)
        there = (run.state / str(run.port)).is_dir()

        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=30)

    assert (code, len(started), there) == (0, 1, True), run.log()
    assert not Path(f"/proc/{started[0]}").exists()
    assert list(run.state.iterdir()) == []
    assert not answers(f"{endpoint}/_cloud/healthz")
    assert "Traceback" not in run.log()


def test_a_worker_killed_between_steps_and_started_again_ends_with_one_account(tmp_path: Path) -> None:
    cloud = Run(("cloud", "--speed", "600"), tmp_path / "cloud")
    cloud = Run((*cloud.command, "--port", str(cloud.cloud_port)), tmp_path / "cloud", cloud_port=cloud.cloud_port)
    endpoint = f"http://127.0.0.1:{cloud.cloud_port}"
    worker = Run(("up",), tmp_path / "worker", {"AWS_ENDPOINT_URL": endpoint})
    portal = f"http://127.0.0.1:{worker.port}/healthz"
    with cloud.running(f"{endpoint}/_cloud/healthz"):
        with worker.running(portal) as process, worker.api(endpoint, "ada") as api:
            id_ = ask(api, "payments-lab")
            until(lambda: api.get(f"/account-requests/{id_}").json()["state"] == "enrolling", worker.log)
            process.kill()
        still_there = answers(f"{endpoint}/_cloud/healthz")
        with worker.running(portal) as process, worker.api(endpoint, "ada") as api:
            until(lambda: api.get(f"/account-requests/{id_}").json()["state"] in ("ready", "parked"), worker.log)
            ended = api.get(f"/account-requests/{id_}").json()
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=30)
        found = accounts(endpoint, id_)

    assert (still_there, code) == (True, 0)
    assert (ended["state"], ended["parked"]) == ("ready", None)
    assert found == [ended["account_id"]]


def accounts(endpoint: str, request_id: str) -> list[str]:
    """The accounts in AWS that carry the request's tag."""
    session = boto3.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name="eu-west-1")
    client: Any = session.client("organizations", endpoint_url=endpoint)
    tagged = []
    for page in client.get_paginator("list_accounts").paginate():
        for account in page["Accounts"]:
            tags = client.list_tags_for_resource(ResourceId=account["Id"])["Tags"]
            if {"Key": "freehold:request-id", "Value": request_id} in tags:
                tagged.append(account["Id"])
    return tagged
