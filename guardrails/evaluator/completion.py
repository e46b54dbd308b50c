"""Decisions when some keys exist but their values are not known.

The call is judged for every value of the unknown keys that could make a difference. There are only
finitely many kinds of value: the policies compare a key with finitely many texts, so a few witnesses stand
for all. If every completion ends the same way, the decision is certain; if not, it is unknown, and it
depends on exactly those keys that can turn it while the others stay as they are.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from guardrails.evaluator.call import Facts
from guardrails.evaluator.condition import Condition
from guardrails.evaluator.decision import Allowed, Because, Decision, Denied, Unknown
from guardrails.evaluator.operator import Family
from guardrails.evaluator.question import Question
from guardrails.evaluator.statement import Statement
from guardrails.evaluator.witness import Witnesses, find_witnesses

MOST_COMPLETIONS = 8_192
"""Beyond this the decision is called unknown for all keys in play, which is safe if not exact."""

_PRESENT = ("?",)
"""For an unknown key of which only the existence matters."""


@dataclass(frozen=True)
class _Completion:
    values: tuple[tuple[str, ...], ...]
    reasons: tuple[Because, ...]


@dataclass(frozen=True)
class _Case:
    """A question with the unknown keys that are in play."""

    question: Question
    resource: str
    facts: Facts
    keys: tuple[str, ...]
    witnesses: Mapping[str, Witnesses]
    statements: frozenset[Statement]
    """Those that the unknown keys may turn."""

    def completions(self) -> list[_Completion]:
        """The reasons to deny for every combination of witnesses, at most MOST_COMPLETIONS of them."""
        choices = [self.witnesses[key].values for key in self.keys]
        return [_Completion(values, self._reasons(values)) for values in product(*choices)]

    def _reasons(self, values: tuple[tuple[str, ...], ...]) -> tuple[Because, ...]:
        facts = {**self.facts, **dict(zip(self.keys, values, strict=True))}
        return tuple(self.question.reasons(self.resource, facts))

    @property
    def is_small(self) -> bool:
        """Whether all completions can be tried."""
        return prod(len(self.witnesses[key].values) for key in self.keys) <= MOST_COMPLETIONS

    @property
    def is_exact(self) -> bool:
        """Whether the completions stand for all values."""
        return all(self.witnesses[key].complete for key in self.keys)


def settle(question: Question, resource: str, facts: Facts, unknown: Collection[str]) -> Decision:
    """The decision for all values of the `unknown` keys at once. They win over what `facts` say of them."""
    spelled = {key.lower(): key for key in sorted(unknown, reverse=True)}
    known = {key: values for key, values in facts.items() if key not in spelled}
    present = known | dict.fromkeys(spelled, _PRESENT)
    statements = [each for each in question.statements() if _is_open(each, resource, present, spelled)]
    keys = tuple(sorted({key for each in statements for key in _asked(each) if key in spelled}))
    if not keys:
        return question.decide(resource, present)
    witnesses = find_witnesses(keys, statements, resource, known)
    case = _Case(question, resource, present, keys, witnesses, frozenset(statements))
    return _summary(case, spelled) if case.is_small else _fallback(case, spelled)


def _asked(statement: Statement) -> Iterator[str]:
    """The keys whose values matter to a statement, not only their existence."""
    if statement.resources:
        yield from statement.resources.keys
    for condition in statement.conditions:
        yield from _asked_by(condition)


def _asked_by(condition: Condition) -> frozenset[str]:
    return frozenset() if condition.operator.family is Family.NULL else condition.keys


def _is_open(statement: Statement, resource: str, present: Facts, spelled: Mapping[str, str]) -> bool:
    """Whether it depends on unknown values, and what is known does not rule it out already."""
    if not any(key in spelled for key in _asked(statement)):
        return False
    resources = statement.resources
    if not (resources and any(key in spelled for key in resources.keys)) and not statement.concerns(resource, present):
        return False
    return all(
        condition.holds(present)
        for condition in statement.conditions
        if not any(key in spelled for key in _asked_by(condition))
    )


def _summary(case: _Case, spelled: Mapping[str, str]) -> Decision:
    completions = case.completions()
    outcomes = {each.values: bool(each.reasons) for each in completions}
    denied = [each.reasons for each in completions if each.reasons]
    if not denied and case.is_exact:
        return Allowed()
    if all(outcomes.values()) and case.is_exact:
        return Denied(_first_of_all(denied))
    missing = [key for place, key in enumerate(case.keys) if not case.is_exact or _turns(place, outcomes)]
    because = min((reasons[0] for reasons in denied), key=_rank, default=_possible(case))
    return Unknown(because, tuple(sorted(spelled[key] for key in missing)))


def _possible(case: _Case) -> Because:
    return next(case.question.hinging_on(case.statements))


def _turns(place: int, outcomes: Mapping[tuple[tuple[str, ...], ...], bool]) -> bool:
    """Whether another value at this place alone can turn the outcome."""
    seen: dict[tuple[tuple[str, ...], ...], bool] = {}
    return any(
        seen.setdefault(values[:place] + values[place + 1 :], denied) is not denied
        for values, denied in outcomes.items()
    )


def _first_of_all(denied: Sequence[Sequence[Because]]) -> Because:
    """The first reason that holds in every completion; where none does, the first of any."""
    certain = set(denied[0]).intersection(*denied[1:])
    for because in denied[0]:
        if because in certain:
            return because
    return min((reasons[0] for reasons in denied), key=_rank)


def _rank(because: Because) -> tuple[bool, int, int, int, int]:
    kinds = list(type(because.kind))
    return (
        not because.explicit,
        kinds.index(because.kind),
        because.level or 0,
        because.policy or 0,
        because.statement or 0,
    )


def _fallback(case: _Case, spelled: Mapping[str, str]) -> Decision:
    """Too many completions: certain only if something denies whatever the open statements do."""
    closed = case.question.without(case.statements)
    because = next(closed.reasons(case.resource, case.facts), None)
    if because:
        return Denied(because)
    return Unknown(_possible(case), tuple(sorted(spelled[key] for key in case.keys)))
