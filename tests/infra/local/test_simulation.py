import json
import subprocess
import sys
from pathlib import Path

import pytest

FREEHOLD = str(Path(sys.executable).with_name("freehold"))


def simulate(*options: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own: a cloud is its process's."""
    return subprocess.run([FREEHOLD, "simulate", *options], capture_output=True, text=True)


def test_in_a_storm_each_request_comes_to_one_account_and_none_is_lost() -> None:
    ran = simulate("--requests", "2", "--faults", "storm", "--seed", "4")

    told = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert (told["requests"], told["accounts_created"]) == (2, 2)
    assert (told["duplicates"], told["lost"], told["ready"] + told["parked"]) == (0, 0, 2)
    assert told["faults_injected"] >= 2 * 2
    assert told["ratio"] == pytest.approx(told["aws_seconds"] / told["bound_seconds"], abs=0.01)
    assert sum(told["api_calls"].values()) > 100


@pytest.mark.parametrize("options", [("--requests", "0"), ("--requests", "2", "--faults", "no-such-weather")])
def test_what_cannot_be_simulated_is_refused(options: tuple[str, ...]) -> None:
    ran = simulate(*options)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert options[-2].removeprefix("--") in ran.stderr or options[-1] in ran.stderr
