"""Values held against the shapes of botocore's model."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """A parameter that does not fit botocore's model."""

    path: str
    """Such as `Tags.3.Key`; empty for the request as a whole."""

    rule: str
    """REQUIRED, TYPE, ENUM, PATTERN, MIN_LENGTH, MAX_LENGTH, MIN_VALUE or MAX_VALUE."""

    sentence: str


def find_violation(shape: Any, value: Any, path: str = "") -> Violation | None:
    """The first way in which a value does not fit a shape of botocore's model."""
    if getattr(shape, "is_document_type", False):
        return None
    check = {"structure": _structure, "list": _list, "map": _map, "string": _string}.get(shape.type_name, _number)
    return check(shape, value, path)


def _structure(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, dict):
        return Violation(path, "TYPE", f"Value at '{path}' is not a structure")
    for name in shape.required_members:
        if value.get(name) is None:
            where = _join(path, name)
            return Violation(
                where, "REQUIRED", f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
            )
    return _first(
        find_violation(member, value[name], _join(path, name))
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _list(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, list):
        return Violation(path, "TYPE", f"Value at '{path}' is not a list")
    return _size(shape, value, path) or _first(
        find_violation(shape.member, item, _join(path, str(number))) for number, item in enumerate(value, 1)
    )


def _map(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, dict):
        return Violation(path, "TYPE", f"Value at '{path}' is not a map")
    return _size(shape, value, path) or _first(
        find_violation(shape.value, item, _join(path, key)) for key, item in value.items()
    )


def _string(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, str):
        return Violation(path, "TYPE", f"Value at '{path}' is not a string")
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        return Violation(path, "ENUM", _fails(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))
    return _size(shape, value, path) or _pattern(shape, value, path)


def _pattern(shape: Any, value: str, path: str) -> Violation | None:
    pattern = _compiled(shape.metadata.get("pattern"))
    if pattern is None or pattern.fullmatch(value):
        return None
    return Violation(
        path, "PATTERN", _fails(path, f"Member must satisfy regular expression pattern: {pattern.pattern}")
    )


def _size(shape: Any, value: Any, path: str) -> Violation | None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        return Violation(path, "MIN_LENGTH", _fails(path, f"Member must have length greater than or equal to {low}"))
    if high is not None and len(value) > high:
        return Violation(path, "MAX_LENGTH", _fails(path, f"Member must have length less than or equal to {high}"))
    return None


def _number(shape: Any, value: Any, path: str) -> Violation | None:
    if shape.type_name not in ("integer", "long"):
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        return Violation(path, "TYPE", f"Value at '{path}' is not a number")
    bits = 31 if shape.type_name == "integer" else 63
    if not -(2**bits) <= value < 2**bits:
        return Violation(path, "TYPE", f"Value at '{path}' is not a number of {bits + 1} bits")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        return Violation(path, "MIN_VALUE", _fails(path, f"Member must have value greater than or equal to {low}"))
    if high is not None and value > high:
        return Violation(path, "MAX_VALUE", _fails(path, f"Member must have value less than or equal to {high}"))
    return None


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """None where the model gives no pattern, or one that only Java understands."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None


def _fails(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _first(violations: Any) -> Violation | None:
    return next((violation for violation in violations if violation is not None), None)
