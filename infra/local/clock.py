"""The one clock of the local cloud: AWS time, which may run faster than real time or stand still."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DEFAULT_SPEED = 60.0
"""AWS seconds per real second when nobody says otherwise."""

MANUAL_ORIGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Where a manual clock starts, so that a run of tests repeats exactly."""


class Mode(StrEnum):
    """How AWS time relates to real time."""

    REAL = "real"
    SCALED = "scaled"
    MANUAL = "manual"


class NotManual(ValueError):
    """Only a manual clock can be advanced; the others follow real time."""


def wall() -> datetime:
    """Real time, aware, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class CloudClock:
    """AWS time. `now()` never goes back; `advance()` moves a manual clock, and only that."""

    mode: Mode
    speed: float
    real_origin: datetime
    aws_origin: datetime
    _monotonic: Callable[[], float]
    _started: float
    _advanced: timedelta = timedelta()

    @classmethod
    def scaled(cls, speed: float = DEFAULT_SPEED) -> "CloudClock":
        """Starts at real time and runs `speed` AWS seconds per real second; speed 1 is real time."""
        if not speed > 0:
            raise ValueError(f"the speed of a clock is a positive number of AWS seconds, not {speed}")
        origin = wall()
        mode = Mode.REAL if speed == 1 else Mode.SCALED
        return cls(mode, speed, origin, origin, time.monotonic, time.monotonic())

    @classmethod
    def manual(cls, origin: datetime = MANUAL_ORIGIN) -> "CloudClock":
        """Stands at `origin` until it is advanced."""
        return cls(Mode.MANUAL, 0.0, wall(), origin, time.monotonic, time.monotonic())

    def now(self) -> datetime:
        """AWS time, aware, UTC."""
        return self.aws_origin + self._elapsed()

    def advance(self, seconds: float) -> datetime:
        """Move a manual clock forward and answer its new time; raises NotManual, or ValueError for the past."""
        if self.mode is not Mode.MANUAL:
            raise NotManual("only a manual clock can be advanced; start the cloud with --speed 0")
        if not seconds >= 0:
            raise ValueError(f"a clock moves forward, not by {seconds} s")
        self._advanced += timedelta(seconds=seconds)
        return self.now()

    def rewind(self) -> None:
        """Back to the origin: only when the whole cloud is put back to its seed."""
        self._advanced = timedelta()
        self._started = self._monotonic()
        self.real_origin = wall()
        if self.mode is not Mode.MANUAL:
            self.aws_origin = self.real_origin

    def describe(self) -> dict[str, str | float]:
        """What `GET /_cloud/clock` answers."""
        return {
            "mode": self.mode.value,
            "speed": self.speed,
            "real_origin": self.real_origin.isoformat(),
            "aws_origin": self.aws_origin.isoformat(),
            "now": self.now().isoformat(),
        }

    def _elapsed(self) -> timedelta:
        if self.mode is Mode.MANUAL:
            return self._advanced
        return timedelta(seconds=(self._monotonic() - self._started) * self.speed)
