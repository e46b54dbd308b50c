"""What `freehold simulate` says: many accounts at once beside AWS's own limits, and what storms leave behind."""

import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.measure import Figure, Figures, figure

FREEHOLD = str(Path(sys.executable).with_name("freehold"))
RATIO = 1.15
CALLS = 1.3
"""Calls that describe or list, per request and minute of AWS time, of many at once: few are soon made and read back."""
REAL_SECONDS = 15 * 60 / 500
"""Per request."""
STORMS = {20: 50, 200: 3}
"""How many seeds of how many requests."""


def figures() -> Figures:
    """Twenty at once, and one storm of ten."""
    yield from _at_once(20)
    yield from _storms(10, 1)


def long_figures() -> Figures:
    """Five hundred at once, and storm after storm: an hour and more."""
    many = 500
    told = yield from _at_once(many)
    yield figure(f"simulate-{many}-looks", _looks(told), "calls per request minute", CALLS, 1)
    for requests, seeds in STORMS.items():
        yield from _storms(requests, seeds)


def _at_once(requests: int) -> Generator[Figure, None, dict[str, Any]]:
    began = time.monotonic()
    told = _simulate(requests)
    lasted = time.monotonic() - began
    name = f"simulate-{requests}"
    yield figure(f"{name}-ratio", told["ratio"], "times the bound", RATIO, 1)
    yield figure(f"{name}-real", lasted / requests, "s per request", REAL_SECONDS, 1)
    yield figure(f"{name}-not-ready", requests - told["ready"], "requests", 1, 1)
    return told


def _looks(told: Mapping[str, Any]) -> float:
    looks = sum(n for call, n in told["api_calls"].items() if call.split(".")[1].startswith(("Describe", "List")))
    return float(looks / told["requests"] / (told["aws_seconds"] / 60))


def _storms(requests: int, seeds: int) -> Figures:
    """Duplicates and losts must be 0; parked ones are told for what they are worth."""
    told = [_simulate(requests, "--faults", "storm", "--seed", str(seed)) for seed in range(seeds)]
    for what in ("duplicates", "lost", "parked"):
        yield figure(f"storm-{requests}-{what}", sum(one[what] for one in told), "requests", 1, seeds)
    injected = sum(one["faults_injected"] for one in told) / (requests * seeds)
    yield figure(f"storm-{requests}-faults", injected, "faults per request", 2, seeds)


def _simulate(requests: int, *more: str) -> dict[str, Any]:
    ran = subprocess.run([FREEHOLD, "simulate", "--requests", str(requests), *more], capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told
