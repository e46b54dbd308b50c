"""What a step of the workflow is: it looks, does what is still missing, and says whether it is done.

A step may run any number of times, in any process, after any crash; it keeps nothing but what is in AWS and in the
table.
"""

from collections.abc import Callable
from dataclasses import dataclass

from vending.core.errors import FreeholdError
from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.services import Services


@dataclass(frozen=True)
class Done:
    """Nothing is left to do; `detail` says what is so."""

    detail: str


@dataclass(frozen=True)
class Sight:
    """What the dispatcher can see the end of, with one look for all requests."""

    kind: str
    """A kind of `vending.requests.lookout`."""
    subject: str


@dataclass(frozen=True)
class Pending:
    """It goes on by itself; `detail` says what is waited for."""

    detail: str
    sight: Sight | None = None
    """Where the dispatcher looks for the end of it; without one the step is made again after a while."""


class Parked(FreeholdError):
    """The step cannot go on until somebody acts."""

    code = "parked"

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence, cause.remedy)
        self.cause = cause


@dataclass(frozen=True)
class Step:
    """One step of making an account."""

    name: str
    title: str
    state: State
    """The state of the request while the step is under way."""
    calls: tuple[str, ...]
    """`service:Operation` of each AWS call that may change something."""
    seconds: int
    """Usual duration in seconds of AWS time."""
    run: Callable[[Services, Record], Done | Pending]
    """Raises `Parked`, or `AwsFailed`, whose retryable kinds count as pending."""
    every: int = 15
    """Seconds of AWS time between two looks."""
    patience: int = 3600
    """Seconds of AWS time after which a step that is still pending parks the request."""
    lengthy: bool = False
    """Whether a single look takes so long that the timeline shows it under way."""
