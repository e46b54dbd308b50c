"""Opaque cursors: where the next page of a list starts, in a form that nobody is tempted to make up."""

import base64
import binascii
import json
from collections.abc import Sequence

from vending.core.errors import BadInput, FieldError


def to_cursor(place: Sequence[str]) -> str:
    """A cursor for a place that `from_cursor` finds again."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode()


def from_cursor(cursor: str, length: int) -> tuple[str, ...]:
    """The place of a cursor, which has `length` parts.

    Raises:
        BadInput: for a cursor that is not one of this list's.
    """
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error) as error:
        raise _not_ours() from error
    if not isinstance(place, list) or len(place) != length or not all(isinstance(part, str) for part in place):
        raise _not_ours()
    return tuple(place)


def _not_ours() -> BadInput:
    return BadInput.of(FieldError("cursor", "this cursor is not one of this list's", "Start again without a cursor."))
