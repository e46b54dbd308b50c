"""Calls that are repeated while AWS says "not so fast", and operations that take their time."""

from collections.abc import Callable
from typing import Any

from vending.core.aws import Client
from vending.core.errors import AwsConflict, AwsFailed, AwsThrottled

PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds between attempts: Control Tower's and Config's operations take minutes, and exclude each other."""
POLL = 15.0
"""Seconds between two looks at an operation."""
LOOKS = 480
"""After two hours nobody waits any longer."""
_FULL = "ServiceQuotaExceededException"
"""Too many operations in progress: Control Tower takes 100
(https://docs.aws.amazon.com/controltower/latest/userguide/limits.html)."""


def patiently(client: Client, pause: Callable[[float], None], operation: str, **params: Any) -> dict[str, Any]:
    """One call, again while another operation is in the way.

    Raises:
        AwsFailed: as AWS answers, at last.
    """
    for seconds in PAUSES:
        try:
            return _once(client, operation, params)
        except AwsFailed as error:
            if not isinstance(error, AwsThrottled | AwsConflict) and error.aws_code != _FULL:
                raise
            pause(seconds)
    return _once(client, operation, params)


def _once(client: Client, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(client, operation)(**params)
    return answer
