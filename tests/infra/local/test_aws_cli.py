"""The AWS CLI against the cloud, set up by what the cloud itself says on its start."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import ACME

pytestmark = pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not installed")

CLOUD = [sys.executable, "-c", "from infra.local.commands import app; app()", "--port", "0", "--config", str(ACME)]
PROFILE = """
about = "What the walk by the AWS CLI meets."
[[fault]]
kind = "throttle"
calls = "organizations.ListRoots"
count = 1
[[fault]]
kind = "lose_answer"
calls = "organizations.CreateAccount"
count = 1
"""


@dataclass(frozen=True)
class Cli:
    """The AWS CLI as the cloud's own words set it up."""

    environment: dict[str, str]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command, asked once."""
        return subprocess.run(["aws", *words], env=self.environment, capture_output=True, text=True, timeout=120)

    def read(self, *words: str) -> Any:
        """What a command that goes well says."""
        done = self.run(*words, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("cli")
    profile = folder / "faults.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    command = [*CLOUD, "--speed", "3600", "--faults", str(profile)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            if "Ctrl-C" in line:
                break
        yield Cli(_environment("".join(said), folder))
        process.terminate()
        process.communicate(timeout=20)


def _environment(said: str, home: Path) -> dict[str, str]:
    """What the lines with `export` say, and nothing of whoever runs the suite."""
    exported = dict(
        word.split("=", 1) for line in re.findall(r"^\s*export (.+)$", said, re.MULTILINE) for word in line.split()
    )
    bare = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
    return {**bare, **exported}


def test_it_lists_what_is_there(cli: Cli) -> None:
    listed = cli.read("organizations", "list-accounts")

    assert {"Management", "Log Archive", "Audit"} <= {one["Name"] for one in listed["Accounts"]}
    assert cli.read("sts", "get-caller-identity")["Account"] in {one["Id"] for one in listed["Accounts"]}


def test_the_faults_of_a_profile_file_strike_it(cli: Cli) -> None:
    throttled = cli.run("organizations", "list-roots")
    lost = cli.run("organizations", "create-account", "--account-name", "lost", "--email", "lost@acme.example")

    assert "(TooManyRequestsException)" in throttled.stderr
    assert lost.returncode != 0
    statuses = cli.read("organizations", "list-create-account-status")["CreateAccountStatuses"]
    assert [one["AccountName"] for one in statuses] == ["lost"], "the account is made though its answer is lost"
    assert len(cli.read("organizations", "list-roots")["Roots"]) == 1


def test_its_error_is_that_of_aws(cli: Cli) -> None:
    refused = cli.run("organizations", "create-organizational-unit", "--parent-id", "r-none", "--name", "x")

    assert refused.returncode != 0
    assert "(ParentNotFoundException) when calling the CreateOrganizationalUnit operation" in refused.stderr


def test_buckets_and_the_service_with_the_account_in_its_host_are_reached(cli: Cli) -> None:
    account = cli.read("sts", "get-caller-identity")["Account"]

    made = cli.run("s3", "mb", "s3://acme-by-cli")
    block = cli.run("s3control", "get-public-access-block", "--account-id", account)

    assert made.returncode == 0, made.stderr
    assert "(NoSuchPublicAccessBlockConfiguration)" in block.stderr


def test_it_pages_by_itself(cli: Cli) -> None:
    listed = cli.read("controlcatalog", "list-controls", "--page-size", "50")

    assert len(listed["Controls"]) > 100
