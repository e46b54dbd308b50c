"""The dispatcher: one round a minute, from everything the table says."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from vending.core.table import Table
from vending.requests.dispatcher import Dispatcher
from vending.requests.record import Records

logger = Logger()


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """One round. Answers how many executions were started or woken."""
    woken = dispatcher().tick()
    logger.info("round done", extra={"woken": woken})
    return {"woken": woken}


@cache
def dispatcher() -> Dispatcher:
    """The dispatcher, made with the first call and kept."""
    environment = Environment.read()
    place = environment.place(environment.company())
    return Dispatcher(Records(Table(place.aws, place.table, place.clock), place.clock), place.engine, place.clock)
