"""The workflow as a durable Lambda function: each invocation takes one request as far as it goes."""

from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from infra.runtime.services import make_services
from vending.workflow.vend import make_workflow

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's durable invocation in, how far the execution came out."""
    return workflow()(event, context)


@cache
def workflow() -> Callable[[Any, Any], Any]:
    """The durable function, made with the first call and kept."""
    environment = Environment.read()
    company = environment.company()
    return make_workflow(make_services(company, environment.place(company)))
