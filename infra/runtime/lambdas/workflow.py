"""The workflow as a durable Lambda function: each invocation takes one request as far as it goes.

Importing this loads AWS's SDKs and little else: what makes accounts is loaded with the first call of a process.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import aws_durable_execution_sdk_python  # noqa: F401 (while Lambda starts the process, which it does at full speed)
import boto3  # noqa: F401
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Lambda's durable invocation in, how far the execution came out."""
    answer = workflow()(event, context)
    if isinstance(answer, dict):
        _count(answer)
    return answer


@cache
def workflow() -> Callable[[Any, Any], Any]:
    """The durable function, made with the first call and kept."""
    from infra.runtime.lambdas.environment import Environment
    from infra.runtime.services import make_services
    from vending.workflow.vend import make_workflow

    environment = Environment.read()
    company = environment.company()
    return make_workflow(make_services(company, environment.place(company)))


def _count(answer: dict[str, Any]) -> None:
    """Tell CloudWatch of a request that became ready, which is what its execution then answers."""
    from infra.runtime.lambdas.metrics import Measure, measure
    from vending.requests.model import State

    if json.dumps(State.READY.value) in str(answer.get("Result")):
        measure("workflow", {Measure.READY: 1})
