"""What can go wrong: one class a kind of fault, as profiles and `POST /_cloud/faults` write it."""

from fnmatch import fnmatchcase
from typing import Annotated, Literal

from moto.core.utils import get_service_model
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

YOUNG_SECONDS = 300.0
"""How long a new account or role is not yet usable. AWS: "might need to wait a few minutes" (CreateAccount)."""


class _Fault(BaseModel):
    """What every fault says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: str = "*"
    """Which calls it may strike: `service.Operation`, `*` for any letters, such as `organizations.*Policy`."""
    probability: float = Field(default=1.0, gt=0, le=1)
    count: int | None = Field(default=None, ge=1)
    """It strikes so often and no more."""
    seed: int | None = None
    """Draws of its own; None takes those of the profile or of the cloud."""

    @field_validator("calls")
    @classmethod
    def _is_pattern(cls, calls: str) -> str:
        if calls != "*" and "." not in calls:
            raise ValueError("a pattern of calls is * or service.Operation, such as organizations.CreateAccount")
        return calls

    def strikes(self, call: str) -> bool:
        """Whether it may strike a call of that name."""
        return fnmatchcase(call, self.calls)


class LoseAnswer(_Fault):
    """The change takes place, and the connection is dropped before the answer."""

    kind: Literal["lose_answer"]


class DropConnection(_Fault):
    """The connection is dropped, and nothing took place."""

    kind: Literal["drop_connection"]


class Delay(_Fault):
    """The call waits before it takes place; a manual clock is advanced by the AWS seconds instead."""

    kind: Literal["delay"]
    aws_seconds: float = Field(default=0, ge=0)
    real_seconds: float = Field(default=0, ge=0, le=60)

    @model_validator(mode="after")
    def _waits(self) -> "Delay":
        if not self.aws_seconds + self.real_seconds:
            raise ValueError("a delay has aws_seconds or real_seconds")
        return self


class Throttle(_Fault):
    """Too many calls, says the service in its own words; nothing took place."""

    kind: Literal["throttle"]


class ServerError(_Fault):
    """Something went wrong at AWS."""

    kind: Literal["server_error"]
    status: Literal[500, 502, 503, 504] = 500
    after: bool = False
    """Whether the change took place nonetheless."""


class FailLater(_Fault):
    """What the call began fails in the end.

    It strikes `organizations.CreateAccount`, `organizations.MoveAccount` (the enrolment it begins), the operations of
    Control Tower, and the assignments and provisionings of Identity Center.
    """

    kind: Literal["fail_later"]
    reason: str | None = None
    """Of a creation the FailureReason, of anything else the words of its status message."""

    @model_validator(mode="after")
    def _knows_reason(self) -> "FailLater":
        reasons = failure_reasons()
        if self.reason and fnmatchcase("organizations.CreateAccount", self.calls) and self.reason not in reasons:
            raise ValueError(f"the reason of a failed CreateAccount is one of {', '.join(reasons)}")
        return self


class TakeLonger(_Fault):
    """What the call began takes more time than usual: auto-enrolment "a few minutes, up to several hours".

    It strikes what `fail_later` strikes. Source: Control Tower user guide, "Move and enroll accounts with
    auto-enrollment".
    """

    kind: Literal["take_longer"]
    aws_seconds: float = Field(gt=0)
    """What comes to the usual time."""
    up_to: float | None = None
    """Drawn between `aws_seconds` and this; None where it is always `aws_seconds`."""

    @model_validator(mode="after")
    def _spans(self) -> "TakeLonger":
        if self.up_to is not None and self.up_to < self.aws_seconds:
            raise ValueError("up_to is aws_seconds or more")
        return self


class EmptyPage(_Fault):
    """A list of Organizations, or of what Config's aggregator collects, answers an empty page with a token.

    "These operations can occasionally return an empty set of results even when more results are available":
    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html; "the results can return an
    empty result page": botocore's model of config, `DescribeAggregateComplianceByConfigRules` and four more.
    """

    kind: Literal["empty_page"]

    @model_validator(mode="after")
    def _ends(self) -> "EmptyPage":
        if self.probability == 1 and self.count is None:
            raise ValueError("empty pages without end are none of AWS's: give a count, or a probability below 1")
        return self


class SubscriptionRequired(_Fault):
    """An account is not subscribed to a service until some time after it came into being; drawn once an account."""

    kind: Literal["subscription_required"]
    aws_seconds: float = Field(default=YOUNG_SECONDS, gt=0)


class RoleNotSpread(_Fault):
    """A role cannot be assumed until some time after it was made; drawn once a role."""

    kind: Literal["role_not_spread"]
    calls: str = "sts.AssumeRole"
    aws_seconds: float = Field(default=YOUNG_SECONDS, gt=0)


Network = LoseAnswer | DropConnection | Delay | Throttle | ServerError
"""The faults that strike a call whoever makes it and whatever it does."""

Fault = Annotated[
    Network | FailLater | TakeLonger | EmptyPage | SubscriptionRequired | RoleNotSpread,
    Field(discriminator="kind"),
]


def failure_reasons() -> list[str]:
    """Every documented FailureReason of an account creation."""
    return list(get_service_model("organizations").shape_for("CreateAccountFailureReason").enum)
