"""Which fault strikes which call: drawn by seed, counted, the same again for the same calls."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from infra.local.faults.fault import (
    EmptyPage,
    FailLater,
    Fault,
    Network,
    RoleNotSpread,
    SubscriptionRequired,
    TakeLonger,
)
from infra.local.faults.profile import Profile

INTERNAL_FAILURE = "INTERNAL_FAILURE"


@dataclass(slots=True)
class Armed:
    """A fault in force, and how often it has struck."""

    fault: Fault
    seed: str
    met: Counter[str] = field(default_factory=Counter)
    """How often it met each call."""
    injected: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it may."""
        return self.fault.count is not None and self.injected >= self.fault.count

    def draws(self, what: str) -> bool:
        """Whether it strikes, the same for the same seed and `what`."""
        return self._random(what).random() < self.fault.probability

    def seconds(self, fault: TakeLonger, call: str) -> float:
        """How much longer what the call began takes, which it met just now."""
        return self._random(f"{call}/{self.met[call]}/seconds").uniform(
            fault.aws_seconds, fault.up_to or fault.aws_seconds
        )

    def meets(self, call: str) -> bool:
        """Whether it strikes this call, the n-th of its name."""
        if self.is_spent or not self.fault.strikes(call):
            return False
        self.met[call] += 1
        return self.draws(f"{call}/{self.met[call]}")

    def _random(self, what: str) -> random.Random:
        return random.Random(f"{self.seed}/{what}")  # noqa: S311 - repeatable on purpose, guards nothing

    def describe(self) -> dict[str, Any]:
        """The fault with its counters."""
        told = self.fault.model_dump(mode="json", exclude_none=True)
        return {**told, "met": self.met.total(), "injected": self.injected}


@dataclass(slots=True)
class Faults:
    """Every fault in force. Not locked: the cloud's lock is held by whoever uses it."""

    seed: int = 0
    profile: Profile | None = None
    """In force from the start, and again after a reset."""
    armed: list[Armed] = field(default_factory=list)
    by_kind: Counter[str] = field(default_factory=Counter)
    by_call: Counter[str] = field(default_factory=Counter)
    _numbered: int = 0

    def __post_init__(self) -> None:
        self.reset()

    def add(self, faults: Iterable[Fault], seed: int | None = None) -> None:
        """Put more faults in force; each draws for itself."""
        for fault in faults:
            chosen = next(one for one in (fault.seed, seed, self.seed) if one is not None)
            self._numbered += 1
            self.armed.append(Armed(fault, f"{chosen}/{self._numbered}"))

    def add_profile(self, profile: Profile) -> None:
        """Put the faults of a profile in force."""
        self.add(profile.fault, profile.seed)

    def disarm(self) -> None:
        """No fault is in force any more; the counters stay."""
        self.armed.clear()

    def reset(self) -> None:
        """The profile of the start and nothing else, nothing counted."""
        self.armed.clear()
        self.by_kind.clear()
        self.by_call.clear()
        self._numbered = 0
        if self.profile is not None:
            self.add_profile(self.profile)

    def on_the_way(self, call: str) -> list[Network]:
        """What happens to a call on its way: delays, then at most one fault that ends it."""
        struck: list[Network] = []
        for one in self.armed:
            if isinstance(one.fault, Network) and one.meets(call):
                self._count(one, call)
                struck.append(one.fault)
                if one.fault.kind != "delay":
                    break
        return struck

    def failure_of(self, call: str) -> str | None:
        """How what a call begins is going to fail; None where it is not."""
        for one in self.armed:
            if isinstance(one.fault, FailLater) and one.meets(call):
                self._count(one, call)
                return one.fault.reason or INTERNAL_FAILURE
        return None

    def prolongs(self, call: str) -> timedelta:
        """How much longer than usual what a call begins is going to take, all faults together."""
        longer = timedelta(0)
        for one in self.armed:
            if isinstance(one.fault, TakeLonger) and one.meets(call):
                self._count(one, call)
                longer += timedelta(seconds=round(one.seconds(one.fault, call), 3))
        return longer

    def leaves_empty(self, call: str) -> bool:
        """Whether the page that a list answers is empty, and another follows."""
        for one in self.armed:
            if isinstance(one.fault, EmptyPage) and one.meets(call):
                self._count(one, call)
                return True
        return False

    def is_unsubscribed(self, call: str, account_id: str, age: timedelta) -> bool:
        """Whether an account of that age may not yet use a service."""
        return self._is_too_young(SubscriptionRequired, call, account_id, age)

    def is_unspread(self, call: str, role_arn: str, age: timedelta) -> bool:
        """Whether a role of that age cannot be assumed yet."""
        return self._is_too_young(RoleNotSpread, call, role_arn, age)

    def describe(self) -> dict[str, Any]:
        """What `GET /_cloud/faults` answers."""
        return {
            "seed": self.seed,
            "injected": self.by_kind.total(),
            "by_kind": dict(sorted(self.by_kind.items())),
            "by_call": dict(sorted(self.by_call.items())),
            "items": [one.describe() for one in self.armed],
        }

    def _is_too_young(self, kind: type[Fault], call: str, what: str, age: timedelta) -> bool:
        for one in self.armed:
            fault = one.fault
            if not isinstance(fault, SubscriptionRequired | RoleNotSpread) or not isinstance(fault, kind):
                continue
            young = age < timedelta(seconds=fault.aws_seconds)
            if young and fault.strikes(call) and not one.is_spent and one.draws(what):
                one.met[call] += 1
                self._count(one, call)
                return True
        return False

    def _count(self, one: Armed, call: str) -> None:
        one.injected += 1
        self.by_kind[one.fault.kind] += 1
        self.by_call[call] += 1
