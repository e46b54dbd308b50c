"""A body of JSON held against the shape it is to fill, before a parser makes the best of it."""

import json
from collections.abc import Iterator
from typing import Any

from infra.local.authorize.parameters import Unreadable

DEEPEST = 100
"""Levels of nesting. DynamoDB's attributes, the deepest of all, have 32, of two levels each in JSON:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float, str),
    "double": (int, float, str),
    "timestamp": (int, float, str),
}
_BITS = {"integer": 31, "long": 63}


def check_json(body: bytes, shape: Any) -> bool:
    """Whether the body is read as JSON; Unreadable where it is none, or holds what the shape does not have there."""
    target = _body_shape(shape)
    if not body or target is None:
        return False
    try:
        given = json.loads(body.decode(), parse_constant=_no_constant)
        json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as why:
        raise Unreadable("The body of the request is not JSON in UTF-8.") from why
    if given is not None or shape is target:
        _check(target, given, 0)
    return True


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _body_shape(shape: Any) -> Any:
    """What the body is parsed as; None where it is none of our business, as a file is."""
    payload = shape.serialization.get("payload") if shape is not None else None
    target = shape.members[payload] if payload else shape
    return target if target is not None and target.type_name == "structure" else None


def _check(shape: Any, value: Any, depth: int) -> None:
    if getattr(shape, "is_document_type", False):
        return
    if depth > DEEPEST:
        raise Unreadable("The body of the request is nested too deeply.")
    if not _fits(shape.type_name, value):
        raise Unreadable(f"A {_called(value)} can not be converted to a {shape.type_name}.")
    for inner, part in _parts(shape, value):
        _check(inner, part, depth + 1)


def _fits(type_name: str, value: Any) -> bool:
    types = _TYPES.get(type_name)
    if types is None:
        return True
    if isinstance(value, bool) and bool not in types:
        return False
    bits = _BITS.get(type_name)
    whole = bits is None or not isinstance(value, int | float) or (value == int(value) and abs(value) < 2**bits)
    return isinstance(value, types) and whole


def _parts(shape: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            part = value.get(member.serialization.get("name", name))
            if part is not None and "location" not in member.serialization:
                yield member, part
    elif shape.type_name == "map":
        yield from ((shape.value, part) for part in value.values() if part is not None)
    elif shape.type_name == "list":
        yield from ((shape.member, part) for part in value if part is not None)


def _called(value: Any) -> str:
    names = {dict: "structure", list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
