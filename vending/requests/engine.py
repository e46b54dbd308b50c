"""What runs the workflow: AWS Lambda's durable executions, or whatever stands in for them."""

import json
from dataclasses import dataclass
from typing import Any, Protocol, Self

from vending.core.aws import Aws
from vending.core.errors import AwsFailed, AwsMissing

STARTED_ALREADY = "DurableExecutionAlreadyStartedException"
CLOSED = "CallbackTimeoutException"
"""The callback has expired or was completed before (Lambda API reference, SendDurableExecutionCallbackSuccess)."""
BROKEN = ("FAILED", "TIMED_OUT", "STOPPED")
"""How an execution ends that is not through (Lambda API reference, ListDurableExecutionsByFunction)."""


@dataclass(frozen=True)
class Execution:
    """One execution of a request's workflow."""

    request_id: str
    number: int = 1
    """Each after the first takes the place of one that broke: Lambda starts none twice under one name."""

    @property
    def name(self) -> str:
        """As Lambda knows it: the request's id, and the number of each after the first."""
        return self.request_id if self.number == 1 else f"{self.request_id}_{self.number}"

    @classmethod
    def named(cls, name: str) -> Self:
        """The execution of that name; ids of requests have no underscore."""
        request_id, _, number = name.partition("_")
        return cls(request_id, int(number) if number.isdecimal() else 1)


class Engine(Protocol):
    """Starts executions, wakes those that sleep on a callback, and tells which broke."""

    def start(self, execution: Execution) -> None:
        """Begin an execution; nothing happens when there is one of that name already, whatever became of it."""
        ...

    def broken(self) -> frozenset[Execution]:
        """Executions that ended without having brought their request to its end, as far back as they are kept."""
        ...

    def complete(self, callback: str, result: str) -> None:
        """Wake an execution.

        Raises:
            AwsMissing: when the callback is not waited for any more.
        """
        ...


class LambdaEngine:
    """Durable executions of a Lambda function.

    Lambda answers a second invocation of the same name and payload with the first execution
    (Lambda developer guide, durable functions, "Idempotency").
    """

    def __init__(self, aws: Aws, function: str) -> None:
        self._aws = aws
        self._function = function
        """Qualified ARN of the function: a durable function is invoked by version or alias."""

    def start(self, execution: Execution) -> None:
        """Invoke the function asynchronously under the execution's name."""
        try:
            self._aws.client("lambda").invoke(
                FunctionName=self._function,
                InvocationType="Event",
                DurableExecutionName=execution.name,
                Payload=json.dumps({"request_id": execution.request_id}).encode(),
            )
        except AwsFailed as error:
            if error.aws_code != STARTED_ALREADY:
                raise

    def broken(self) -> frozenset[Execution]:
        """Of every version of the function: an execution stays with the one that it began in."""
        function = self._function.rpartition(":")[0]
        pages = self._aws.client("lambda").pages(
            "list_durable_executions_by_function", FunctionName=function, Statuses=list(BROKEN)
        )
        return frozenset(Execution.named(found["DurableExecutionName"]) for page in pages for found in _listed(page))

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


def _listed(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Lambda leaves the list out of a page that has none (botocore's model does not require it)."""
    found: list[dict[str, Any]] = page.get("DurableExecutions", [])
    return found
