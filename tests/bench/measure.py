"""One figure, and how it is taken."""

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

Figures = Iterator["Figure"]


@dataclass(frozen=True)
class Figure:
    """A line of the output: `ratio` is value / bound, and `n` says how many runs the median is of."""

    name: str
    value: float
    unit: str
    bound: float
    ratio: float
    n: int

    def line(self) -> str:
        """As one JSON object."""
        return json.dumps(asdict(self))


def figure(name: str, value: float, unit: str, bound: float, n: int) -> Figure:
    """A figure beside its bound."""
    return Figure(name, round(value, 4), unit, round(bound, 4), round(value / bound, 3), n)


def median_seconds(action: Callable[[], object], n: int) -> float:
    """Median of `n` runs, after one that does not count."""
    action()
    return statistics.median(_seconds(action) for _ in range(n))


def median_of_process(arguments: list[str], n: int) -> float:
    """Median seconds of a whole process."""
    return median_seconds(lambda: subprocess.run(arguments, check=True, capture_output=True), n)


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
