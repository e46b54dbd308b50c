"""What rules said, and since when: an evaluation keeps its time until its compliance changes."""

from collections.abc import Callable, Iterable
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


Record = dict[tuple[str, str], Evaluation]
"""Results of one rule, by type and id of the resource."""
Tell = Callable[[Evaluation | None, Evaluation], None]
"""Called with the result before, if there was one, and the one now."""


@dataclass
class Ledger:
    """The evaluations of one account in one region, by rule and resource."""

    on_change: Tell | None = None
    """Told of a result that is new or has changed, and of the last one of a resource that is gone."""
    _held: dict[str, Record] = field(default_factory=dict)

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
        if self.on_change is not None:
            _tell(self.on_change, before, after, now)
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


def _tell(tell: Tell, before: Record, after: Record, now: datetime) -> None:
    """A resource that is gone has a last result: NOT_APPLICABLE."""
    gone = {key: _ended(one, now) for key, one in before.items() if key not in after}
    for key, one in (after | gone).items():
        earlier = before.get(key)
        if earlier is None or earlier.verdict.compliance is not one.verdict.compliance:
            tell(earlier, one)


def _ended(evaluation: Evaluation, now: datetime) -> Evaluation:
    verdict = replace(evaluation.verdict, compliance=Compliance.NOT_APPLICABLE, annotation="")
    return replace(evaluation, verdict=verdict, recorded_at=now)


def _renew(before: Evaluation | None, after: Evaluation) -> Evaluation:
    if before is None or before.verdict.compliance is not after.verdict.compliance:
        return after
    return replace(before, verdict=after.verdict)
