"""Calls by chance against the whole cloud: none is answered by an error of the cloud's own."""

import sys

from tests.bench.measure import Figures, figure
from tests.cloud import start_cloud
from tests.infra.local.hearing import defects

SECONDS = 600.0


def long_figures(seed: int = 2) -> Figures:
    """Ten minutes of them: what went wrong, which goes to the error output, for each call that was made."""
    cloud = start_cloud()
    made, found = defects(cloud, seed, sys.maxsize, SECONDS)
    cloud.server.stop()
    print(*found, sep="\n", file=sys.stderr)  # noqa: T201
    yield figure("calls by chance that brought the cloud down", len(found), "calls", 1.0, made)
