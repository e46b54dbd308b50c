"""The workflow as a durable Lambda function: each invocation takes one request as far as it goes."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from infra.runtime.lambdas.metrics import Measure, measure
from infra.runtime.services import make_services
from vending.requests.model import State
from vending.workflow.vend import make_workflow

logger = Logger()
READY = json.dumps(State.READY.value)
"""What an execution answers whose request became ready."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's durable invocation in, how far the execution came out."""
    answer = workflow()(event, context)
    if READY in str(answer.get("Result") if isinstance(answer, dict) else ""):
        measure("workflow", {Measure.READY: 1})
    return answer


@cache
def workflow() -> Callable[[Any, Any], Any]:
    """The durable function, made with the first call and kept."""
    environment = Environment.read()
    company = environment.company()
    return make_workflow(make_services(company, environment.place(company)))
