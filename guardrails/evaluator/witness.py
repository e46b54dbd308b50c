"""Values that stand for all values of an unknown key, as far as the given statements can tell them apart."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address
from itertools import chain, combinations, pairwise

from guardrails.evaluator.automaton import OTHER, Pattern, examples
from guardrails.evaluator.call import Facts
from guardrails.evaluator.comparison import Exact, Network, Ordered, Truth, Within
from guardrails.evaluator.condition import Condition
from guardrails.evaluator.operator import Family, Quantifier
from guardrails.evaluator.statement import Statement
from guardrails.evaluator.text import STAR, AnyOne, Matcher, Render, Star, Text, Variable, render_arn

MOST_IN_SETS = 6
"""Up to so many kinds of value, all their combinations are tried for a multi-valued key."""

_STRANGERS = (OTHER * 3, OTHER * 4)
"""Two values that no policy mentions; two, so that two unknown keys can also differ."""


@dataclass(frozen=True)
class Witnesses:
    """Values of one key that stand for all."""

    values: tuple[tuple[str, ...], ...]
    complete: bool
    """Whether they really stand for all."""


@dataclass(frozen=True)
class _Uses:
    """Where the statements look at one unknown key."""

    subject: tuple[Condition, ...]
    """Conditions on the key itself."""
    variable: tuple[tuple[Condition, Matcher], ...]
    """Conditions on another key with values that mention this one."""
    resources: tuple[Matcher, ...]


def find_witnesses(
    keys: Sequence[str], statements: Sequence[Statement], resource: str, known: Facts
) -> dict[str, Witnesses]:
    """Witnesses for each unknown key. Keys that are compared with each other share their values."""
    uses = {key: _uses(key, statements) for key in keys}
    pools = {key: _pool(key, uses[key], resource, known) for key in keys}
    shared = _share({key: pool for key, (pool, _) in pools.items()}, uses)
    return {key: _witnesses(shared[key], uses[key], pools[key][1], known) for key in keys}


def _uses(key: str, statements: Sequence[Statement]) -> _Uses:
    conditions = [condition for statement in statements for condition in statement.conditions]
    return _Uses(
        subject=tuple(each for each in conditions if each.key == key and each.operator.family is not Family.NULL),
        variable=tuple(
            (each, each.comparison)
            for each in conditions
            if key in each.comparison.keys and isinstance(each.comparison, Matcher)
        ),
        resources=tuple(each.resources for each in statements if each.resources and key in each.resources.keys),
    )


def _pool(key: str, uses: _Uses, resource: str, known: Facts) -> tuple[list[str], bool]:
    typed = _typed_values(uses.subject)
    if typed:
        return typed, True
    texts, complete = examples(tuple(_patterns(uses.subject, known)))
    solved = chain(_solved_conditions(key, uses, known), _solved_resources(key, uses, resource, known))
    exact = (each for one in uses.subject if isinstance(one.comparison, Exact) for each in one.comparison.values)
    strangers = _STRANGERS if uses.variable or uses.resources else _STRANGERS[:1]
    return list(dict.fromkeys([*texts, *solved, *exact, *strangers])), complete


def _typed_values(conditions: Sequence[Condition]) -> list[str]:
    """Values of a key that some operator takes for a truth, a number, a date or an address."""
    comparisons = [condition.comparison for condition in conditions]
    if any(isinstance(each, Truth) for each in comparisons):
        return ["true", "false"]
    ordered = [each for each in comparisons if isinstance(each, Ordered)]
    if ordered:
        is_date = any(each.operator.family is Family.DATE for each in conditions)
        return list(_around(sorted({bound for each in ordered for bound in each.bounds}), is_date))
    ranges = [network for each in comparisons if isinstance(each, Within) for network in each.networks]
    return list(dict.fromkeys(chain.from_iterable(_edges(network) for network in ranges)))


def _around(bounds: Sequence[Decimal], is_date: bool) -> Iterator[str]:
    """Each bound, something between each two, and something beyond both ends."""
    if not bounds:
        yield "0"
        return
    between = [(low + high) / 2 for low, high in pairwise(bounds)]
    for number in (bounds[0] - 1, *bounds, *between, bounds[-1] + 1):
        yield _date(number) if is_date else str(number)


def _date(seconds: Decimal) -> str:
    try:
        return datetime.fromtimestamp(float(seconds), UTC).isoformat()
    except (OverflowError, ValueError):  # beyond the years 1 to 9999: epoch time will do
        return str(seconds)


def _edges(network: Network) -> Iterator[str]:
    """The first and last address of a range, and those just outside."""
    first, last = int(network.network_address), int(network.broadcast_address)
    yield from (str(network.network_address), str(network.broadcast_address))
    kind = type(network.network_address)
    yield from (str(kind(number)) for number in (first - 1, last + 1) if 0 <= number < 2**network.max_prefixlen)
    yield "::" if network.version == 4 else str(IPv4Address(0))


def _patterns(conditions: Sequence[Condition], known: Facts) -> Iterator[Pattern]:
    for condition in conditions:
        matcher = condition.comparison
        if isinstance(matcher, Matcher):
            for text in matcher.texts:
                parts = text.resolved(known)
                if parts is not None:
                    yield Pattern(parts, matcher.render is render_arn, matcher.ignore_case)


def _solved_conditions(key: str, uses: _Uses, known: Facts) -> Iterator[str]:
    for condition, matcher in uses.variable:
        for value in known.get(condition.key, ()):
            yield from _solved(key, matcher, value, known)


def _solved_resources(key: str, uses: _Uses, resource: str, known: Facts) -> Iterator[str]:
    return chain.from_iterable(_solved(key, matcher, resource, known) for matcher in uses.resources)


def _solved(key: str, matcher: Matcher, value: str, known: Facts) -> Iterator[str]:
    """Values of the variable with which a text of the policy becomes the given value."""
    flags = re.DOTALL | (re.IGNORECASE if matcher.ignore_case else 0)
    for text in matcher.texts:
        for gap in ("(.*)", "(.*?)") if key in text.keys else ():
            found = re.fullmatch(_with_gap(text, key, gap, matcher.render, known), value, flags)
            if found:
                yield found[1]


def _with_gap(text: Text, key: str, gap: str, render: Render, known: Facts) -> str:
    """Regular expression that captures the variable; another unknown variable may be anything."""
    mark = OTHER * 9
    parts: list[str | Star | AnyOne] = []
    for part in text.parts:
        if isinstance(part, Variable) and part.key == key:
            parts.append(mark)
        else:
            parts += Text((part,)).resolved(known) or (STAR,)
    first, *rest = render(parts).split(mark)
    return first + gap + r"\1".join(rest) if rest else first


def _share(pools: Mapping[str, list[str]], uses: Mapping[str, _Uses]) -> dict[str, list[str]]:
    shared = {key: list(pool) for key, pool in pools.items()}
    for key in pools:
        for condition, _ in uses[key].variable:
            if condition.key in pools:
                union = list(dict.fromkeys([*shared[key], *shared[condition.key]]))
                shared[key] = shared[condition.key] = union
    return shared


def _witnesses(pool: Sequence[str], uses: _Uses, complete: bool, known: Facts) -> Witnesses:
    linked = uses.variable or uses.resources or any(each.comparison.keys for each in uses.subject)
    values = list(pool) if linked else _distinct(pool, uses.subject, known)
    if all(each.operator.quantifier is Quantifier.ONE for each in uses.subject):
        return Witnesses(tuple((value,) for value in values), complete)
    values = [value for value in values if value]
    sizes: Iterable[int] = range(1, len(values) + 1)
    if len(values) > MOST_IN_SETS:
        sizes, complete = (1, 2, len(values)), False
    return Witnesses(tuple(chain.from_iterable(combinations(values, size) for size in sizes)), complete)


def _distinct(pool: Sequence[str], conditions: Sequence[Condition], known: Facts) -> list[str]:
    """One value for each combination of answers."""
    by_answers: dict[tuple[bool, ...], str] = {}
    for value in sorted(pool, key=lambda value: not value):
        by_answers.setdefault(tuple(each.comparison.matches(value, known) for each in conditions), value)
    return list(by_answers.values())
