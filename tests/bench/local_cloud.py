"""How fast the local cloud starts, and how fast it answers."""

import time

from infra.local.seed import reset
from tests.bench.measure import Figures, figure, median_seconds
from tests.cloud import start_cloud

START_SECONDS = 5.0
PAGES_PER_MINUTE = 1000
RUNS = 5


def figures() -> Figures:
    """Start from nothing, back to the seed, and pages of ListAccounts."""
    start = time.perf_counter()
    cloud = start_cloud()
    cloud.client("sts").get_caller_identity()
    yield figure("local cloud, start to first answer", time.perf_counter() - start, "s", START_SECONDS, 1)
    yield figure("local cloud, back to the seed", median_seconds(lambda: reset(cloud.state), RUNS), "s", 0.3, RUNS)
    cloud.limits.enforced = False
    organizations = cloud.client("organizations")
    page = median_seconds(organizations.list_accounts, 100)
    yield figure("ListAccounts", 60 / page, "pages/min", PAGES_PER_MINUTE, 100)
    cloud.server.stop()
