"""The dispatcher: one round a minute, from everything the table says."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from infra.runtime.round import Round, make_round
from infra.runtime.telling import aws_channels

logger = Logger()


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """One round. Answers how many things were done."""
    done = on_schedule().run()
    logger.info("round done", extra={"done": done})
    return {"done": done}


@cache
def on_schedule() -> Round:
    """What a round does, made with the first call and kept."""
    environment = Environment.read()
    company = environment.company()
    place = environment.place(company)
    return make_round(company, place, aws_channels(company, place.aws))
