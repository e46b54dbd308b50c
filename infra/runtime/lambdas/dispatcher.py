"""The dispatcher: one round a minute, from everything the table says."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from infra.runtime.lambdas.metrics import Measure, measure
from infra.runtime.place import Place

if TYPE_CHECKING:
    from infra.runtime.round import Round
    from vending.requests.record import Record

logger = Logger()


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """One round. Answers how many things were done."""
    done = on_schedule().run()
    logger.info("round done", extra={"done": done})
    measure("dispatcher", standing(*waiting()))
    return {"done": done}


def standing(records: tuple["Record", ...], now: datetime) -> dict[Measure, float]:
    """How the requests that have not ended stand."""
    from vending.requests.model import ENDED, State

    open_ones = [record for record in records if record.state not in ENDED]
    oldest = min((record.created_at for record in open_ones), default=now)
    return {
        Measure.OPEN: len(open_ones),
        Measure.PARKED: sum(record.state is State.PARKED for record in open_ones),
        Measure.OLDEST: (now - oldest).total_seconds() / 3600,
    }


def waiting() -> tuple[tuple["Record", ...], datetime]:
    """The requests that have not ended, and the moment."""
    from vending.core.table import Table
    from vending.requests.record import Records

    here = place()
    return Records(Table(here.aws, here.table, here.clock), here.clock).open(), here.clock.now()


@cache
def on_schedule() -> "Round":
    """What a round does, imported and made with the first call and kept."""
    from infra.runtime.round import make_round
    from infra.runtime.telling import aws_channels

    company = Environment.read().company()
    return make_round(company, place(), aws_channels(company, place().aws))


@cache
def place() -> Place:
    """Where this function runs, read with the first call and kept."""
    environment = Environment.read()
    return environment.place(environment.company())
