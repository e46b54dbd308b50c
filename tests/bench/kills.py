"""A collector that is killed before each of its writes in turn: no change of state is lost or told twice."""

import tempfile
from itertools import count, takewhile
from pathlib import Path

from audit.finding import State
from tests.audit.ground import open_audit
from tests.audit.test_resume import Buckets, World, die
from tests.bench.measure import Figures, figure
from tests.cloud import start_cloud


def figures() -> Figures:
    """How many kills were survived; one that is not ends the benchmark with what was lost."""
    cloud = start_cloud()
    cloud.limits.enforced = False
    with tempfile.TemporaryDirectory() as folder:
        world = World(cloud, Path(folder), Buckets(cloud.clock), open_audit(cloud, Path(folder) / "first"))
        world.run()
        world.turn(State.FAIL)
        world.run()
        kills = sum(takewhile(bool, die(world, count(1), [(None, "pass"), ("pass", "fail")])))
    cloud.server.stop()
    yield figure("audit run killed before each of its writes, survived", kills, "kills", kills, 1)
