"""The collector: audit runs, on schedule, when Control Tower reports something, and when somebody asked for one.

The portal only writes down that a run was asked for, because a function that answered is frozen. So the collector is
called every few minutes too, and carries out what is written down; a run that was not over in time is among that.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment

if TYPE_CHECKING:
    from infra.runtime.collecting import Collector

logger = Logger()
RESERVE_SECONDS = 240.0
"""Of a call's time, for the shards that are under way, the merge and the report."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[str]]:
    """Carry on with every run that is open; `{"do": "collect"}` starts one first unless one is open."""
    seconds = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    ended = collector().collect(start=event.get("do") == "collect", seconds=seconds)
    return {"runs": [run.id for run in ended]}


@cache
def collector() -> "Collector":
    """The collector, imported and made with the first call and kept."""
    from infra.runtime.collecting import make_collector

    environment = Environment.read()
    company = environment.company()
    return make_collector(company, environment.place(company))
