"""Pages of requests out of a table with 50,000 of them, over HTTP from the local cloud's DynamoDB."""

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

from tests.bench.measure import Figures, figure, median_seconds
from tests.cloud import start_cloud
from tests.vending.ground import Ground, make_ground
from tests.vending.parts import acme, person
from vending.requests.model import State
from vending.requests.record import Record

REQUESTS = 50_000
AT_ONCE = 100
"""Most that TransactWriteItems takes."""
SELDOM = 250
"""One request in so many is parked, and one rejected."""
PAGE_SECONDS = 0.05
RUNS = 15
PAGES: dict[str, dict[str, Any]] = {
    "all": {},
    "of a team": {"team": "search"},
    "ready": {"states": ["ready"]},
    "parked": {"states": ["parked"]},
    "rejected, of a team": {"states": ["rejected"], "team": "search"},
}


def figures() -> Figures:
    """Pages of fifty; beside them what the cloud takes to answer one query of fifty."""
    cloud = start_cloud()
    ground = make_ground(cloud)
    _fill(ground)
    omar, table = person("omar"), ground.services.table
    for name, asked in PAGES.items():
        taken = median_seconds(partial(ground.desk.list, omar, **asked), RUNS)
        yield figure(f"requests-50000-page, {name}", taken, "s", PAGE_SECONDS, RUNS)
    query: Callable[[], object] = partial(table.listed, "all", "requests", limit=50, newest_first=True)
    yield figure("requests-50000-query, the local cloud's part", median_seconds(query, RUNS), "s", PAGE_SECONDS, RUNS)
    cloud.server.stop()


def _fill(ground: Ground) -> None:
    first, teams = ground.records.get(ground.ask().id), list(acme().teams)
    made = (_another(first, number, teams[number % len(teams)]) for number in range(REQUESTS))
    while some := tuple(record.document() for record in islice(made, AT_ONCE)):
        ground.services.table.put(*some)


def _another(first: Record, number: int, team: str) -> Record:
    state = {0: State.PARKED, 1: State.REJECTED}.get(number % SELDOM, State.READY)
    asked = first.asked.model_copy(update={"team": team, "name": f"{team}-{number}"})
    return first.model_copy(
        update={"id": f"req-{number:08d}", "state": state, "asked": asked, "started": True, "version": 0}
    )
