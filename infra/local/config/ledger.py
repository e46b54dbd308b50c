"""What rules said, and since when: an evaluation keeps its time until its compliance changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from infra.local.config.rule import Compliance, Verdict


@dataclass(frozen=True)
class Evaluation:
    """A verdict with its times on the cloud's clock."""

    rule_name: str
    verdict: Verdict
    recorded_at: datetime
    """When Config first had this result: it stays while the compliance stays."""

    @property
    def counts(self) -> bool:
        """Whether it says something about compliance: NOT_APPLICABLE does not."""
        return self.verdict.compliance in (Compliance.COMPLIANT, Compliance.NON_COMPLIANT)


@dataclass(frozen=True)
class Summary:
    """The state of a rule over all its resources."""

    compliance: Compliance
    contributors: int
    """How many resources make it so."""


@dataclass
class Ledger:
    """The evaluations of one account in one region, by rule and resource."""

    _held: dict[str, dict[tuple[str, str], Evaluation]] = field(default_factory=dict)

    def read(self, rule_name: str) -> list[Evaluation]:
        """What is on record for a rule."""
        return list(self._held.get(rule_name, {}).values())

    def enter(self, rule_name: str, verdicts: Iterable[Verdict], now: datetime, keep_gone: bool) -> list[Evaluation]:
        """Put verdicts on record and answer the new record; `keep_gone` leaves resources that are no more in it."""
        before = self._held.get(rule_name, {})
        after = dict(before) if keep_gone else {}
        for verdict in verdicts:
            key = (verdict.resource_type, verdict.resource_id)
            after[key] = _renew(before.get(key), Evaluation(rule_name, verdict, now))
        self._held[rule_name] = after
        return list(after.values())

    def forget(self, rule_name: str) -> None:
        """Drop the record of a rule that is gone."""
        self._held.pop(rule_name, None)

    def clear(self) -> None:
        """Drop everything: Config was switched off."""
        self._held.clear()


def summarise(evaluations: Iterable[Evaluation]) -> Summary:
    """The state of a rule: failing where anything fails, without data where nothing counts."""
    counted = [one.verdict.compliance for one in evaluations if one.counts]
    failing = counted.count(Compliance.NON_COMPLIANT)
    if failing:
        return Summary(Compliance.NON_COMPLIANT, failing)
    if counted:
        return Summary(Compliance.COMPLIANT, len(counted))
    return Summary(Compliance.INSUFFICIENT_DATA, 0)


def _renew(before: Evaluation | None, after: Evaluation) -> Evaluation:
    if before is None or before.verdict.compliance is not after.verdict.compliance:
        return after
    return replace(before, verdict=after.verdict)
