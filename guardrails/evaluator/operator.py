"""The names of the condition operators, taken apart.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What kind of value an operator compares."""

    STRING = "string"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP = "ip"
    ARN = "arn"
    NULL = "null"


class Quantifier(StrEnum):
    """How the values of a multi-valued key count."""

    ONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


_COMPARISONS = ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_BASES: dict[str, tuple[Family, str, bool]] = {
    "StringEquals": (Family.STRING, "Equals", False),
    "StringNotEquals": (Family.STRING, "Equals", True),
    "StringEqualsIgnoreCase": (Family.STRING, "EqualsIgnoreCase", False),
    "StringNotEqualsIgnoreCase": (Family.STRING, "EqualsIgnoreCase", True),
    "StringLike": (Family.STRING, "Like", False),
    "StringNotLike": (Family.STRING, "Like", True),
    "ArnEquals": (Family.ARN, "Like", False),
    "ArnLike": (Family.ARN, "Like", False),
    "ArnNotEquals": (Family.ARN, "Like", True),
    "ArnNotLike": (Family.ARN, "Like", True),
    "Bool": (Family.BOOL, "Equals", False),
    "BinaryEquals": (Family.BINARY, "Equals", False),
    "IpAddress": (Family.IP, "Within", False),
    "NotIpAddress": (Family.IP, "Within", True),
    "Null": (Family.NULL, "Null", False),
    **{f"Numeric{name}": (Family.NUMERIC, name, False) for name in _COMPARISONS},
    "NumericNotEquals": (Family.NUMERIC, "Equals", True),
    **{f"Date{name}": (Family.DATE, name, False) for name in _COMPARISONS},
    "DateNotEquals": (Family.DATE, "Equals", True),
}
_BY_LOWER = {name.lower(): definition for name, definition in _BASES.items()}
_NAME = re.compile(r"(?:(?P<quantifier>ForAllValues|ForAnyValue):)?(?P<base>\w+?)(?P<if_exists>IfExists)?", re.I)

OPERATORS = frozenset(_BASES)
"""The operators without quantifier and without IfExists."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One condition operator."""

    family: Family
    test: str
    """Equals, EqualsIgnoreCase, Like, LessThan, …, Within or Null; the same for an operator and its negation."""
    negated: bool
    if_exists: bool
    quantifier: Quantifier

    @property
    def answer_if_absent(self) -> bool:
        """What the condition is when the request does not have the key.

        ForAllValues is true and ForAnyValue false, negated or not, IfExists or not: the set operator looks
        at the values first. Without one, IfExists and the negated operators are true.
        """
        if self.quantifier is Quantifier.ONE:
            return self.if_exists or self.negated
        return self.quantifier is Quantifier.ALL


def read_operator(name: str) -> Operator | None:
    """The operator of this name, None where there is none. Null takes neither IfExists nor a quantifier."""
    match = _NAME.fullmatch(name)
    definition = match and _BY_LOWER.get(match["base"].lower())
    if not match or not definition:
        return None
    family, test, negated = definition
    quantifier = _quantifier(match["quantifier"])
    if family is Family.NULL and (match["if_exists"] or quantifier is not Quantifier.ONE):
        return None
    return Operator(family, test, negated, bool(match["if_exists"]), quantifier)


def _quantifier(name: str | None) -> Quantifier:
    return {"forallvalues": Quantifier.ALL, "foranyvalue": Quantifier.ANY}.get((name or "").lower(), Quantifier.ONE)
