"""The same policy in fewer characters: never wider, never narrower.

What is done is exact: a list of one becomes its element, repeated and covered entries go, statements that differ in
one list only are merged. Actions are never collapsed into wildcards: an action that AWS adds tomorrow must not join a
Deny by itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]
VERSION = "2012-10-17"
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_ORDER = ("Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_MERGEABLE = ("Action", "Resource")
"""Lists whose union means the union of the statements, other parts being equal. Not* lists do not."""


def render(statements: Sequence[Statement]) -> str:
    """A policy document without white space."""
    return json.dumps({"Version": VERSION, "Statement": list(statements)}, separators=(",", ":"), ensure_ascii=False)


def minify_statement(statement: Statement) -> dict[str, Any]:
    """One statement with its parts in a fixed order, duplicates gone and lists of one unwrapped."""
    parts = {name: statement[name] for name in _ORDER if name in statement}
    for name in _LISTS:
        if name in parts:
            parts[name] = _unwrap(_without_covered(_listed(parts[name]), ignore_case=name.endswith("Action")))
    if "Condition" in parts:
        parts["Condition"] = {
            operator: {key: _unwrap(_unique(_listed(value))) for key, value in keys.items()}
            for operator, keys in parts["Condition"].items()
        }
        if not parts["Condition"]:
            del parts["Condition"]
    if not parts.get("Sid", "-"):
        del parts["Sid"]
    return parts


def merge_statements(statements: Iterable[Statement], longest: int) -> list[dict[str, Any]]:
    """Minified statements; those that are alike but for their actions, or but for their resources, become one.

    The merged statement keeps the Sid of the first. No merging makes a document of more than `longest` characters.
    """
    merged = [minify_statement(statement) for statement in statements]
    while True:
        count = len(merged)
        for part in _MERGEABLE:
            merged = _merge_by(merged, part, longest)
        if len(merged) == count:
            return merged


def _merge_by(statements: list[dict[str, Any]], part: str, longest: int) -> list[dict[str, Any]]:
    """One pass over `part`. What would grow too long opens a statement of its own for those that follow."""
    done: list[dict[str, Any]] = []
    open_for: dict[str, int] = {}
    for statement in statements:
        key = _alike(statement, part) if part in statement else ""
        both = _joined(done[open_for[key]], statement, part) if key in open_for else None
        if both is not None and len(render([both])) <= longest:
            done[open_for[key]] = both
            continue
        done.append(statement)
        if key:
            open_for[key] = len(done) - 1
    return done


def _joined(first: Statement, second: Statement, part: str) -> dict[str, Any]:
    return minify_statement({**first, part: [*_listed(first[part]), *_listed(second[part])]})


def _alike(statement: Statement, part: str) -> str:
    """What must be equal for two statements to be merged over `part`."""
    rest = {name: _comparable(value) for name, value in statement.items() if name not in ("Sid", part)}
    return json.dumps(rest, sort_keys=True)


def _comparable(value: Any) -> Any:
    """Order in a list and unwrapped lists of one mean nothing; spelling does, as keys are left as they are."""
    if isinstance(value, Mapping):
        return {name: _comparable(inner) for name, inner in value.items()}
    return sorted(map(json.dumps, _listed(value)))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _unwrap(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _unique(values: list[Any]) -> list[Any]:
    return list({json.dumps(value): value for value in values}.values())


def _without_covered(values: list[str], *, ignore_case: bool) -> list[str]:
    """Without entries that another entry's wildcards already match.

    A pattern that matches the text of another, its stars taken as characters, matches all that the other matches;
    `?` could match a star by chance, so patterns with one cover nothing.
    """
    seen = _unique_by_case(values) if ignore_case else list(dict.fromkeys(values))
    patterns = [value for value in seen if "*" in value and "?" not in value and "[" not in value and "${" not in value]
    return [value for value in seen if not any(_covers(pattern, value, ignore_case) for pattern in patterns)]


def _unique_by_case(values: list[str]) -> list[str]:
    return list({value.lower(): value for value in reversed(values)}.values())[::-1]


def _covers(pattern: str, value: str, ignore_case: bool) -> bool:
    if pattern == value:
        return False
    if not ignore_case:
        return pattern == "*"
    return fnmatchcase(value.lower(), pattern.lower()) and pattern.lower() != value.lower()
