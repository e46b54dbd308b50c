"""The listener: compliance changes and drift, as EventBridge delivers them straight or through a queue."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from audit.handlers import hear
from audit.service import Audit
from infra.runtime.lambdas.environment import Environment
from infra.runtime.product import Product

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Let the ledger know. What fails is raised: EventBridge or the queue delivers it again."""
    heard = hear(audit().auditor, event)
    for why in heard.refused:
        logger.warning("not believed: %s", why)
    return {"told": heard.told, "looked": len(heard.looked), "refused": len(heard.refused)}


@cache
def audit() -> Audit:
    """The audit, made with the first call and kept."""
    environment = Environment.read()
    company = environment.company()
    return Product(company, environment.place(company)).audit
