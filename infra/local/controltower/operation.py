"""Operations: everything in Control Tower that takes time, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an operation does; `value` is what the API calls it."""

    ENABLE_BASELINE = "ENABLE_BASELINE"
    DISABLE_BASELINE = "DISABLE_BASELINE"
    UPDATE_ENABLED_BASELINE = "UPDATE_ENABLED_BASELINE"
    RESET_ENABLED_BASELINE = "RESET_ENABLED_BASELINE"
    ENABLE_CONTROL = "ENABLE_CONTROL"
    DISABLE_CONTROL = "DISABLE_CONTROL"
    UPDATE_ENABLED_CONTROL = "UPDATE_ENABLED_CONTROL"
    RESET_ENABLED_CONTROL = "RESET_ENABLED_CONTROL"
    CREATE_LANDING_ZONE = "CREATE"
    UPDATE_LANDING_ZONE = "UPDATE"
    RESET_LANDING_ZONE = "RESET"

    @property
    def api_name(self) -> str:
        """The call that begins it, such as `EnableControl`."""
        return self.name.title().replace("_", "")

    @property
    def call(self) -> str:
        """That call with its service, as faults name it."""
        return f"controltower.{self.api_name}"

    @property
    def is_control(self) -> bool:
        """Whether it counts against the cap of control operations."""
        return self.value.endswith("CONTROL")

    @property
    def is_baseline(self) -> bool:
        """Whether GetBaselineOperation knows it."""
        return self.value.endswith("BASELINE")


@dataclass(frozen=True)
class Operation:
    """One operation; it is in progress until its end, which was drawn when it began."""

    identifier: str
    kind: Kind
    target_arn: str
    starts_at: datetime
    ends_at: datetime
    failure: str | None = None
    """Why it fails, in words; None when it succeeds."""
    control_identifier: str | None = None
    enabled_arn: str | None = None

    def is_running(self, now: datetime) -> bool:
        """Whether it has not ended by `now`."""
        return now < self.ends_at

    def status(self, now: datetime) -> str:
        """IN_PROGRESS, SUCCEEDED or FAILED."""
        if self.is_running(now):
            return "IN_PROGRESS"
        return "FAILED" if self.failure else "SUCCEEDED"

    def describe(self, now: datetime) -> dict[str, object]:
        """The members that every kind of operation has in the API."""
        ended = {} if self.is_running(now) else {"endTime": self.ends_at}
        message = {"statusMessage": self.failure} if self.failure and ended else {}
        return {
            "operationIdentifier": self.identifier,
            "operationType": self.kind.value,
            "status": self.status(now),
            "startTime": self.starts_at,
            **ended,
            **message,
        }
