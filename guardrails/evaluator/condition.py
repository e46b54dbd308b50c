"""One condition of a statement: operator, key and values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from guardrails.evaluator.call import Facts
from guardrails.evaluator.comparison import (
    Comparison,
    Exact,
    Ordered,
    Truth,
    Within,
    read_date,
    read_number,
)
from guardrails.evaluator.operator import Family, Operator, Quantifier
from guardrails.evaluator.text import Matcher, read_text, render_arn, render_plain


@dataclass(frozen=True)
class Condition:
    """Operator, key and values. Values of one key are alternatives; conditions of a statement add up."""

    operator: Operator
    key: str
    """Lower case, as keys are case-insensitive."""
    values: tuple[str, ...]
    comparison: Comparison

    @cached_property
    def keys(self) -> frozenset[str]:
        """All context keys it depends on, those of its policy variables included."""
        return self.comparison.keys | {self.key}

    def holds(self, facts: Facts) -> bool:
        """Whether the condition is true of these facts.

        A policy variable without a value: "any attempt to match it fails and causes the statement to be
        invalid", so neither an operator nor its negation holds against it.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
        """
        values = facts.get(self.key, ())
        operator = self.operator
        if operator.family is Family.NULL:
            return self.comparison.matches("false" if values else "true", facts)
        if not values or (values == ("",) and operator.quantifier is not Quantifier.ONE):
            return operator.answer_if_absent
        if operator.negated and not self.comparison.is_resolved(facts):
            return False
        if len(values) == 1:
            return self.comparison.matches(values[0], facts) is not operator.negated
        return self._holds_of_many(values, facts)

    def _holds_of_many(self, values: tuple[str, ...], facts: Facts) -> bool:
        """A key with several values. Without a set operator AWS promises nothing; here one value that
        matches is a match, and the negated operator is the opposite of that."""
        matches = (self.comparison.matches(value, facts) for value in values)
        if self.operator.quantifier is Quantifier.ONE:
            return any(matches) is not self.operator.negated
        fold = all if self.operator.quantifier is Quantifier.ALL else any
        return fold(match is not self.operator.negated for match in matches)


def read_condition(operator: Operator, key: str, values: tuple[str, ...], *, variables: bool) -> Condition:
    """Compile one condition. `variables`: whether the policy's version knows policy variables."""
    return Condition(operator, key.lower(), values, _comparison(operator, values, variables))


def _comparison(operator: Operator, values: tuple[str, ...], variables: bool) -> Comparison:
    if operator.family in (Family.STRING, Family.ARN):
        return _matcher(operator, values, variables)
    simple: dict[Family, Callable[[], Comparison]] = {
        Family.NUMERIC: lambda: Ordered(values, operator.test, read_number),
        Family.DATE: lambda: Ordered(values, operator.test, read_date),
        Family.BOOL: lambda: Truth(values),
        Family.NULL: lambda: Truth(values),
        Family.BINARY: lambda: Exact(values),
        Family.IP: lambda: Within(values),
    }
    return simple[operator.family]()


def _matcher(operator: Operator, values: tuple[str, ...], variables: bool) -> Matcher:
    texts = tuple(read_text(value, variables=variables, wildcards=operator.test == "Like") for value in values)
    render = render_arn if operator.family is Family.ARN else render_plain
    return Matcher(texts, render, ignore_case=operator.test == "EqualsIgnoreCase")
