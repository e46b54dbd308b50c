"""Freehold as a newcomer starts it: real processes on free ports, and nothing left of them afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx2

from tests.port import free_port

ROOT = Path(__file__).parents[2]
FREEHOLD = Path(sys.executable).with_name("freehold")
"""The installed command."""
HOME = "eu-west-1"
READY_SECONDS = 90
STOP_SECONDS = 20


@dataclass(frozen=True)
class Laptop:
    """A portal and a cloud that run."""

    url: str
    cloud: str

    def client(self, service: str, credentials: dict[str, str] | None = None, region: str = HOME) -> Any:
        """A boto3 client, the management account's administrator without other credentials."""
        given = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.Session(region_name=region, **given).client(service, endpoint_url=self.cloud)

    def as_role(self, account_id: str, role: str = "OrganizationAccountAccessRole") -> dict[str, str]:
        """Credentials of a role of a member account, as the management account gets them."""
        arn = f"arn:aws:iam::{account_id}:role/{role}"
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="newcomer")["Credentials"]
        return _credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def as_member(self, username: str, account_id: str, permission_set: str) -> dict[str, str]:
        """Credentials of the team's own role, as the account's page says to get them."""
        answer = self.client("sso").get_role_credentials(
            roleName=permission_set, accountId=account_id, accessToken=self.token(username)
        )
        given = answer["roleCredentials"]
        return _credentials(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])

    def token(self, username: str) -> str:
        """What `freehold token --as` prints."""
        environment = {**os.environ, "AWS_ENDPOINT_URL": self.cloud}
        command = [str(FREEHOLD), "token", "--as", username]
        shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return shown.stdout.strip()


def _credentials(key: str, secret: str, token: str) -> dict[str, str]:
    return {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}


@contextmanager
def started(state: Path) -> Iterator[Laptop]:
    """`freehold up` until the block ends; its log is `state/log`."""
    port, cloud_port = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FREEHOLD_"))},
        "FREEHOLD_PORT": str(port),
        "FREEHOLD_CLOUD_PORT": str(cloud_port),
        "FREEHOLD_STATE": str(state),
    }
    with (state / "log").open("wb") as log:
        process = subprocess.Popen([FREEHOLD, "up"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", process, state / "log")
            yield Laptop(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{cloud_port}")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the address answers 200; fails with the log if the process ends or takes too long."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(url, timeout=5).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"Freehold did not start:\n{log.read_text(errors='replace')[-4000:]}")
