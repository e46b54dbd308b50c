"""The one clock of the local cloud: AWS time, which may run faster than real time or stand still."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from vending.core.errors import BadInput, FieldError

DEFAULT_SPEED = 60.0
"""AWS seconds per real second when nobody says otherwise."""

MANUAL_ORIGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Where a manual clock starts, so that a run of tests repeats exactly."""

_END = datetime(9000, 1, 1, tzinfo=UTC)
"""Where a manual clock ends: what is due later than that must still have a date."""


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
        if not 0 < speed < float("inf"):
            raise ValueError(f"the speed of a clock is a positive number of AWS seconds, not {speed}")
        origin = wall()
        mode = Mode.REAL if speed == 1 else Mode.SCALED
        return cls(mode, speed, origin, origin, time.monotonic, time.monotonic())

    @classmethod
    def manual(cls, origin: datetime = MANUAL_ORIGIN) -> "CloudClock":
        """Stands at `origin` until it is advanced."""
        return cls(Mode.MANUAL, 0.0, wall(), origin, time.monotonic, time.monotonic())

    @classmethod
    def following(cls, told: Mapping[str, Any]) -> "CloudClock":
        """The same time as the clock of another process, from what that one's `describe` told just now."""
        now = datetime.fromisoformat(told["now"])
        return cls(Mode(told["mode"]), float(told["speed"]), wall(), now, time.monotonic, time.monotonic())

    def now(self) -> datetime:
        """AWS time, aware, UTC."""
        return self.aws_origin + self._elapsed()

    def advance(self, seconds: float) -> datetime:
        """Move a manual clock forward and answer its new time; raises NotManual, or ValueError for the past."""
        if self.mode is not Mode.MANUAL:
            raise NotManual("only a manual clock can be advanced; start the cloud with --manual-clock")
        if not seconds >= 0:
            raise ValueError(f"a clock moves forward, not by {seconds} s")
        try:
            there = self.aws_origin + self._advanced + timedelta(seconds=seconds)
        except OverflowError:
            there = _END
        if there >= _END:
            raise ValueError(f"a clock does not go past {_END:%Y}")
        self._advanced = there - self.aws_origin
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


def clock_of(speed: float, manual: bool) -> CloudClock:
    """The clock somebody asked for by options; BadInput for a speed that is none."""
    if manual:
        return CloudClock.manual()
    try:
        return CloudClock.scaled(speed)
    except ValueError as error:
        field = FieldError(
            "speed", f"{error}.", "Set FREEHOLD_SPEED or --speed to 1 for real time, 60 for a minute a second."
        )
        raise BadInput.of(field) from error
