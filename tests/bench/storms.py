"""Many drawn storms: workers that die, lost answers, throttling and messages in disorder, all at once."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.bench.measure import Figure, Figures, figure
from tests.cloud import start_cloud
from tests.vending.parts import connect
from tests.vending.workflow.storm import Weather, survive, weathers

QUICK = 10
LONG = 100


def figures() -> Figures:
    """A few."""
    yield _survived(QUICK)


def long_figures() -> Figures:
    """Others each time, twenty minutes of them."""
    yield _survived(LONG)


def _survived(storms: int) -> Figure:
    """How many were survived; one that is not ends the benchmark with the weather it was."""
    cloud, survived = start_cloud(), 0

    @settings(max_examples=storms, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(weathers())
    def rage(weather: Weather) -> None:
        nonlocal survived
        with pytest.MonkeyPatch.context() as patched:
            survive(cloud, connect(cloud, patched), weather)
        survived += 1

    rage()
    cloud.server.stop()
    return figure("drawn storms, survived", survived, "storms", survived, 1)
