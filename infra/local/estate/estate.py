"""The generated part of an organisation: its rules, how many results they have, and what has turned since."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from infra.local.estate.size import Size


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of every generated account in one region."""

    name: str
    resource_type: str
    """What it judges here: one type, where AWS's rule has several."""
    region: str
    number: int | None
    """Its place among those that share the evaluations; None for a rule about the account, which has one result."""


@dataclass(frozen=True, slots=True)
class Change:
    """A moment at which a share of all results turned into their opposite."""

    at: datetime
    share: float
    accounts: frozenset[str] | None = None
    """Where; None for everywhere."""

    def strikes(self, account_id: str, chance: float) -> bool:
        """Whether a result with that chance has turned."""
        return (self.accounts is None or account_id in self.accounts) and chance < self.share


@dataclass(slots=True)
class Estate:
    """The generated part of an organisation."""

    size: Size
    seed: int
    origin: datetime
    rules: dict[tuple[str, str], Rule]
    """By region and name."""
    changes: list[Change] = field(default_factory=list)

    @property
    def shared(self) -> int:
        """How many rules of an account share the evaluations."""
        return sum(rule.number is not None for rule in self.rules.values())

    @property
    def spread(self) -> int:
        """The evaluations that are not one to an account and rule."""
        return max(0, self.size.resources - self.size.accounts * (len(self.rules) - self.shared))

    def results(self, account: int, rule: Rule) -> int:
        """How many resources a rule judges in the n-th account; all of them together are `spread`."""
        if rule.number is None:
            return 1
        cell, cells = account * self.shared + rule.number, self.size.accounts * self.shared
        return (cell + 1) * self.spread // cells - cell * self.spread // cells

    def change(self, at: datetime, share: float, accounts: frozenset[str] | None = None) -> None:
        """Turn a share of all results, or of those in some accounts, into their opposite."""
        self.changes.append(Change(at, share, accounts))

    def ghosts(self, account: int) -> int:
        """How many resources of the n-th account are no more but still have results."""
        return (account + 1) * self.size.ghosts // self.size.accounts - account * self.size.ghosts // self.size.accounts

    def of_region(self, region: str) -> Sequence[Rule]:
        """The rules of a region."""
        return [rule for (where, _), rule in self.rules.items() if where == region]
