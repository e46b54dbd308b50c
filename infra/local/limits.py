"""AWS's documented limits, read from `limits.toml`, and the token buckets that follow from them."""

import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("limits.toml")


class Limit(BaseModel):
    """One figure AWS documents. `burst` is there for a rate, which is then a token bucket per account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: float
    unit: str
    burst: float | None = None
    source: str
    date: date


def read_limits(path: Path = FILE) -> dict[str, Limit]:
    """Every limit of the file, by name."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["limit"]
    return {limit.name: limit for limit in (Limit.model_validate(entry) for entry in entries)}


class Bucket:
    """A token bucket that fills in AWS time."""

    def __init__(self, rate: float, burst: float, now: datetime) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: datetime) -> bool:
        """Take one token if there is one."""
        elapsed = (now - self._at).total_seconds()
        self._tokens = min(self.burst, self._tokens + elapsed * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limits:
    """What the cloud enforces. `enforced = False` lets every call through, for tests of other things."""

    def __init__(self, limits: dict[str, Limit]) -> None:
        self.enforced = True
        self._documented = limits
        self._changed: dict[str, float] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self.taken: Counter[tuple[str, str]] = Counter()
        """How often a token was taken, by operation and account."""

    def documented(self) -> list[Limit]:
        """Every limit with its unit, source and date."""
        return list(self._documented.values())

    def value(self, name: str) -> float:
        """The figure in force; KeyError for a limit nobody wrote down."""
        return self._changed.get(name, self._documented[name].value)

    def count(self, name: str) -> int:
        """The figure in force as a whole number of things."""
        return int(self.value(name))

    def change(self, name: str, value: float) -> None:
        """Another figure until the next reset, as after a granted quota increase."""
        if name not in self._documented:
            raise KeyError(name)
        self._changed[name] = value

    def exceeded(self, name: str, used: float) -> bool:
        """Whether `used` is more than the limit allows, where limits are enforced."""
        return self.enforced and used > self.value(name)

    def take(self, name: str, account_id: str, now: datetime) -> bool:
        """One call of that operation in that account; False where its bucket is empty. No figure, no bucket."""
        limit = self._documented.get(name)
        if not self.enforced or limit is None or limit.burst is None:
            return True
        key = (name, account_id)
        if key not in self._buckets:
            self._buckets[key] = Bucket(self.value(name), limit.burst, now)
        let = self._buckets[key].take(now)
        self.taken[key] += let
        return let

    def least_seconds(self) -> float:
        """What the calls that were let through took at least: of each bucket, (calls - burst) / rate."""
        return max((self._least(*key) for key in self.taken), default=0.0)

    def _least(self, name: str, account_id: str) -> float:
        burst = self._documented[name].burst or 0.0
        return (self.taken[name, account_id] - burst) / self.value(name)

    def reset(self) -> None:
        """Full buckets, documented figures, enforced."""
        self.enforced = True
        self._changed.clear()
        self._buckets.clear()
        self.taken.clear()
