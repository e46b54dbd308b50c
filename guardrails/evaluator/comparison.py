"""Typed comparisons of one context value with the values of a policy.

A value that is not of the operator's type matches nothing, so a negated operator holds for it.
"""

import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any, Protocol

from guardrails.evaluator.call import Facts

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}


class Comparison(Protocol):
    """Whether a context value matches any of a policy's values. Negation is the condition's business."""

    @property
    def keys(self) -> frozenset[str]:
        """Context keys the answer depends on besides the value."""

    def matches(self, value: str, facts: Facts) -> bool:
        """Whether it does."""

    def is_resolved(self, facts: Facts) -> bool:
        """Whether every policy variable has a value."""


@dataclass(frozen=True)
class _Fixed:
    """A comparison with values in which policy variables are not allowed."""

    values: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset()

    def is_resolved(self, facts: Facts) -> bool:  # noqa: ARG002
        """There are no variables."""
        return True


@dataclass(frozen=True)
class Exact(_Fixed):
    """BinaryEquals: the base-64 texts are the same."""

    def matches(self, value: str, facts: Facts) -> bool:  # noqa: ARG002
        """Whether the value is one of them."""
        return value in self.values


@dataclass(frozen=True)
class Truth(_Fixed):
    """Bool: `true` or `false`, in any case."""

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(value.lower() for value in self.values) & {"true", "false"}

    def matches(self, value: str, facts: Facts) -> bool:  # noqa: ARG002
        """Whether the value is the wanted truth."""
        return value.lower() in self._wanted


@dataclass(frozen=True)
class Ordered(_Fixed):
    """Numeric and Date operators."""

    test: str
    read: Callable[[str], Decimal | None]

    @cached_property
    def bounds(self) -> tuple[Decimal, ...]:
        """The policy's values that are of the type, as numbers."""
        return tuple(number for value in self.values if (number := self.read(value)) is not None)

    def matches(self, value: str, facts: Facts) -> bool:  # noqa: ARG002
        """Whether the comparison holds with any of the policy's values."""
        number = self.read(value)
        if number is None:
            return False
        compare = _ORDER[self.test]
        return any(compare(number, bound) for bound in self.bounds)


@dataclass(frozen=True)
class Within(_Fixed):
    """IpAddress: within any of the ranges; IPv4 and IPv6 never match each other."""

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """The policy's ranges; a text that is none is left out."""
        return tuple(network for value in self.values if (network := read_network(value)) is not None)

    def matches(self, value: str, facts: Facts) -> bool:  # noqa: ARG002
        """Whether the address, or the whole range, lies within."""
        given = read_network(value)
        return given is not None and any(_inside(given, network) for network in self.networks)


def _inside(given: Network, network: Network) -> bool:
    if isinstance(given, ipaddress.IPv4Network) and isinstance(network, ipaddress.IPv4Network):
        return given.subnet_of(network)
    if isinstance(given, ipaddress.IPv6Network) and isinstance(network, ipaddress.IPv6Network):
        return given.subnet_of(network)
    return False


@lru_cache(maxsize=8_192)
def read_network(text: str) -> Network | None:
    """An address or a range in CIDR notation; None where it is neither."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


_MOST_DIGITS = 308


@lru_cache(maxsize=8_192)
def read_number(text: str) -> Decimal | None:
    """A number; None where it is none (NaN, infinity and numbers beyond any use are none)."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?")


@lru_cache(maxsize=8_192)
def read_date(text: str) -> Decimal | None:
    """Seconds since 1970 of a W3C date or of epoch time; a date without a zone is in UTC.

    https://www.w3.org/TR/NOTE-datetime. Four digits alone are a year.
    """
    text = text.strip()
    partial = _PARTIAL_DATE.fullmatch(text)
    if partial:
        text = f"{partial[1]}-{partial[2] or '01'}-01"
    elif (number := read_number(text)) is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Decimal(str(moment.timestamp()))
