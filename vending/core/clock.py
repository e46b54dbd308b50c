"""Time, passed in: nothing in the product reads the machine's clock behind its caller's back."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time AWS goes by: aware, in UTC."""

    def now(self) -> datetime:
        """The present moment."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, to the microsecond."""
        return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`: sorts as text in the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote."""
    return datetime.fromisoformat(text)
