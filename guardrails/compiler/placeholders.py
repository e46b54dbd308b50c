"""Policies that are templates: values that somebody still has to write, as published samples have them.

A pack keeps them as they are. To see whether the rest is a policy, they are replaced by values of the right kind.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.evaluator.operator import Family, read_operator

_PLACEHOLDER = re.compile(r"<[^<>]+>|\[[A-Za-z_ -]+\]|(?<!\$)\{[^{}]+\}|\$\{[A-Za-z]\w*\}")
"""`<my-org-id>`, `[PRIVILEGED_ROLE]`, `{example-region-1}`, `${Account}`; a policy variable has a colon, or is none."""
_FITTING = {
    Family.IP: "192.0.2.0/24",
    Family.NUMERIC: "0",
    Family.DATE: "2026-01-01T00:00:00Z",
    Family.BOOL: "true",
    Family.NULL: "true",
}


@dataclass(frozen=True)
class Filled:
    """A policy with a value in every place, and what was there before."""

    document: Any
    left: tuple[str, ...]


def fill(document: Any) -> Filled:
    """What JSON made of a policy, with values instead of placeholders where only values of a kind may stand."""
    if not isinstance(document, Mapping) or "Statement" not in document:
        return Filled(document, ())
    said = document["Statement"]
    statements = [_filled(each) for each in said] if isinstance(said, list) else _filled(said)
    return Filled({**document, "Statement": statements}, tuple(sorted(set(_found(said)))))


def _found(value: Any) -> Iterator[str]:
    """Every placeholder of a statement."""
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _found(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner)


def _filled(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    parts = dict(statement)
    for name in ("Resource", "NotResource"):
        if name in parts:
            parts[name] = _each(parts[name], "*")
    if isinstance(parts.get("Condition"), Mapping):
        parts["Condition"] = {name: _compared(name, keys) for name, keys in parts["Condition"].items()}
    return parts


def _compared(name: str, keys: Any) -> Any:
    operator = read_operator(name)
    fitting = _FITTING.get(operator.family) if operator else None
    if fitting is None or not isinstance(keys, Mapping):
        return keys
    return {key: _each(value, fitting) for key, value in keys.items()}


def _each(value: Any, fitting: str) -> Any:
    """The value, or each of a list, that is nothing but a placeholder, replaced."""
    if isinstance(value, list):
        return [_each(each, fitting) for each in value]
    return fitting if isinstance(value, str) and _PLACEHOLDER.fullmatch(value) else value
