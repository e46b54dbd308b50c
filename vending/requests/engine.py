"""What runs the workflow: AWS Lambda's durable executions, or whatever stands in for them."""

import json
from typing import Protocol

from vending.core.aws import Aws
from vending.core.errors import AwsFailed, AwsMissing

STARTED_ALREADY = "DurableExecutionAlreadyStartedException"
CLOSED = "CallbackTimeoutException"
"""The callback has expired or was completed before (Lambda API reference, SendDurableExecutionCallbackSuccess)."""


class Engine(Protocol):
    """Starts executions and wakes those that sleep on a callback."""

    def start(self, request_id: str) -> None:
        """Begin the execution of a request; nothing happens when it has one already."""
        ...

    def complete(self, callback: str, result: str) -> None:
        """Wake an execution.

        Raises:
            AwsMissing: when the callback is not waited for any more.
        """
        ...


class LambdaEngine:
    """Durable executions of a Lambda function, named by the request's id.

    Lambda answers a second invocation of the same name and payload with the first execution
    (Lambda developer guide, durable functions, "Idempotency").
    """

    def __init__(self, aws: Aws, function: str) -> None:
        self._aws = aws
        self._function = function
        """Qualified ARN of the function: a durable function is invoked by version or alias."""

    def start(self, request_id: str) -> None:
        """Invoke the function asynchronously under the request's name."""
        try:
            self._aws.client("lambda").invoke(
                FunctionName=self._function,
                InvocationType="Event",
                DurableExecutionName=request_id,
                Payload=json.dumps({"request_id": request_id}).encode(),
            )
        except AwsFailed as error:
            if error.aws_code != STARTED_ALREADY:
                raise

    def complete(self, callback: str, result: str) -> None:
        """Send the callback's success.

        Raises:
            AwsMissing: when the callback is closed.
        """
        try:
            self._aws.client("lambda").send_durable_execution_callback_success(
                CallbackId=callback, Result=json.dumps(result).encode()
            )
        except AwsFailed as error:
            if error.aws_code != CLOSED:
                raise
            raise AwsMissing(error.sentence, error.remedy, aws_code=error.aws_code) from error
