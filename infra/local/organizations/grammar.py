"""The grammar of management policies: sections within sections, and at their ends values under inheritance operators.

What every type has in common: https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html. Empty
sections are taken, and values that are no strings are read as strings, as AWS does.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.organizations.refusals import refusal

CHILD_CONTROL = "@@operators_allowed_for_child_policies"
ON_A_LIST = frozenset({"@@assign", "@@append", "@@remove"})
ALLOWED_TO_CHILDREN = ON_A_LIST | {"@@all", "@@none"}


@dataclass(frozen=True)
class Setting:
    """One value, which `@@assign` sets."""

    allows: Callable[[str], bool]
    says: str
    """What it may be, for the one who wrote something else."""


@dataclass(frozen=True)
class Values:
    """A list of values, which `@@assign` sets, `@@append` and `@@remove` change."""

    allows: Callable[[str], bool]
    says: str


@dataclass(frozen=True)
class Kept:
    """A part that is kept as it comes: the cloud does not know its language."""


@dataclass(frozen=True)
class Section:
    """Names and what stands under them."""

    known: Mapping[str, "Part"] = field(default_factory=dict)
    """Names that AWS gives."""
    other: "Part | None" = None
    """What stands under a name that the author gives; None where there are none."""
    allows: Callable[[str], bool] = bool
    says: str = ""


Part = Setting | Values | Kept | Section


def any_text() -> Setting:
    """A value that may be any string but the empty one."""
    return Setting(bool, "a string")


def one_of(*values: str) -> Setting:
    """A value out of a few, written exactly so."""
    return Setting(frozenset(values).__contains__, f"one of {', '.join(values)}")


def some_of(*values: str) -> Values:
    """A list of such values."""
    return Values(frozenset(values).__contains__, f"of {', '.join(values)}")


def malformed(detail: str) -> Exception:
    """MalformedPolicyDocumentException, with what is wrong."""
    return refusal("MalformedPolicyDocumentException", detail)


def read_document(content: str) -> dict[str, Any]:
    """The JSON object of a policy; no name stands in it twice on one level.

    Raises:
        Refusal: MalformedPolicyDocumentException.
    """
    try:
        document = json.loads(content, object_pairs_hook=_once, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise malformed("It is not JSON.") from error
    if not isinstance(document, dict):
        raise malformed("It is not a JSON object.")
    return document


def check_part(part: Part, node: Any, path: str = "") -> None:
    """Raise MalformedPolicyDocumentException where a document is not of that grammar."""
    if isinstance(part, Kept):
        return
    if not isinstance(node, dict):
        raise malformed(f"{path} is not an object.")
    if CHILD_CONTROL in node:
        _check_child_control(node[CHILD_CONTROL], path)
    if isinstance(part, Section):
        _check_section(part, node, path)
    else:
        _check_operators(part, node, path)


def _check_section(section: Section, node: Mapping[str, Any], path: str) -> None:
    for name in node.keys() - {CHILD_CONTROL}:
        below = f"{path}.{name}" if path else name
        if name.startswith("@@"):
            raise malformed(f"{path or 'The document'} takes no {name}: it is a section, not a value.")
        part = section.known.get(name, section.other)
        if part is None:
            raise malformed(f"There is no setting {below}; there is {', '.join(sorted(section.known))}.")
        if name not in section.known and not section.allows(name):
            raise malformed(f"{below} is not a name of {section.says}.")
        check_part(part, node[name], below)


def _check_operators(part: Setting | Values, node: Mapping[str, Any], path: str) -> None:
    operators = ON_A_LIST if isinstance(part, Values) else {"@@assign"}
    for name in node.keys() - {CHILD_CONTROL}:
        if name not in operators:
            raise malformed(f"{path} takes {', '.join(sorted(operators))}, not {name}.")
        for text in _texts(part, node[name], f"{path}.{name}"):
            if not part.allows(text):
                raise malformed(f"{path} is {part.says}, not {text}.")


def _texts(part: Setting | Values, value: Any, path: str) -> Iterable[str]:
    if isinstance(part, Values) and not isinstance(value, list):
        raise malformed(f"{path} is not a list.")
    listed = value if isinstance(part, Values) else [value]
    if any(isinstance(one, (dict, list)) for one in listed):
        raise malformed(f"{path} is not a string.")
    return [one if isinstance(one, str) else json.dumps(one) for one in listed]


def _check_child_control(value: Any, path: str) -> None:
    known = isinstance(value, list) and all(isinstance(one, str) and one in ALLOWED_TO_CHILDREN for one in value)
    if not known or len(set(value)) != len(value) or ("@@none" in value and len(value) > 1):
        raise malformed(f"{path}.{CHILD_CONTROL} is a list of {', '.join(sorted(ALLOWED_TO_CHILDREN))}, each once.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _no_json(constant: str) -> None:
    raise ValueError(constant)
