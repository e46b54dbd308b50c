"""Pages of a listing whose items are costly to make.

A token names the last item looked at, so a page starts where the one before ended even when items came or went. A page
looks at as many candidates as it may hold: where a filter drops all of them, the page is empty and carries a token, as
the aggregator's pages do. On purpose, by a fault, any page can be.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from infra.local.service import Refusal

T = TypeVar("T")
Key = tuple[str, ...]


@dataclass(frozen=True)
class Candidate(Generic[T]):
    """An item that may be on the page."""

    key: Key
    """Its place in the order."""
    make: Callable[[], T | None]
    """Makes it; None where a filter drops it."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """What one call answers."""

    items: list[T]
    token: str | None
    """Asks for the next page; None on the last."""


def read_page(
    candidates: Iterable[Candidate[T]],
    token: str | None,
    size: int,
    request: Mapping[str, Any],
    *,
    left_empty: bool = False,
) -> Page[T]:
    """The page after a token's; where it is left empty, its token asks for what would have been on it.

    `candidates` come in the order of their keys; `request` is what else was asked: a token is good for that alone.

    Raises:
        Refusal: InvalidNextTokenException for a token that this listing never gave.
    """
    after = position(token, request)
    if left_empty:
        return Page([], _encode((*(after or ()), ""), _fingerprint(request)))  # past `after`, before whatever follows
    items: list[T] = []
    looked_at, last = 0, after
    for candidate in candidates:
        if after is not None and candidate.key <= after:
            continue
        if looked_at == size:
            return Page(items, _encode(last or (), _fingerprint(request)))
        looked_at, last = looked_at + 1, candidate.key
        made = candidate.make()
        if made is not None:
            items.append(made)
    return Page(items, None)


def position(token: str | None, request: Mapping[str, Any]) -> Key | None:
    """The last item of the page before, None for the first page.

    Raises:
        Refusal: InvalidNextTokenException for a token that this listing never gave.
    """
    return _decode(token, _fingerprint(request)) if token else None


def listed(items: Iterable[tuple[Key, T]]) -> Iterator[Candidate[T]]:
    """Candidates of a listing that is already made, put in order."""
    return (Candidate(key, partial(_same, item)) for key, item in sorted(items, key=lambda one: one[0]))


def page_size(asked: int | None, default: int, most: int) -> int:
    """How many items a page holds: the default for 0 or nothing.

    Raises:
        Refusal: InvalidLimitException beyond what the operation allows.
    """
    if asked is not None and not 0 <= asked <= most:
        raise Refusal("InvalidLimitException", f"The specified limit is outside the allowable range of 0 to {most}.")
    return asked or default


def _same(item: T) -> T:
    return item


def _fingerprint(request: Mapping[str, Any]) -> str:
    asked = {name: value for name, value in request.items() if name not in ("NextToken", "Limit", "MaxResults")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _encode(key: Key, fingerprint: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([fingerprint, *key]).encode()).decode()


def _decode(token: str, fingerprint: str) -> Key:
    try:
        given, *key = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error, TypeError):
        given, key = None, []
    if given != fingerprint or not all(isinstance(part, str) for part in key):
        raise Refusal("InvalidNextTokenException", "The nextToken provided is invalid.")
    return tuple(key)
