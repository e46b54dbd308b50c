"""The listener: compliance changes, drift and changed policies, as EventBridge delivers them through a queue."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment

if TYPE_CHECKING:
    from infra.runtime.hearing import Listener

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Let the ledger know. What fails is raised: the queue delivers it again, and in the end keeps it for a person."""
    heard = listener().hear(event)
    return {"told": heard.told, "looked": len(heard.looked), "refused": len(heard.refused)}


@cache
def listener() -> "Listener":
    """The listener, imported and made with the first call and kept."""
    from infra.runtime.hearing import make_listener

    environment = Environment.read()
    company = environment.company()
    return make_listener(company, environment.place(company))
