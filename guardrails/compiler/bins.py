"""Statements into documents, each statement whole, so that a small edit changes few documents.

Where there is room, statements are spread: a document that has grown too long is halved by a hash of the Sids, again
and again until every part fits. So an edit changes the document that holds the statement and no other, unless that
one has to be halved, or two halves fit into one again. Where room is scarce, they are squeezed into as few documents
as first fit, the longest first, needs; each statement then tries the documents in an order of its own.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrails.compiler.minify import Statement, render

EMPTY = len(render([]))

Group = list[dict[str, Any]]
Groups = Mapping[int, Group]
"""Number of a document -> its statements, in the order of their text."""
_Item = tuple[str, int, dict[str, Any]]
"""A statement with its digest in bits and its length."""


def length(statement: Statement) -> int:
    """Characters that a statement adds to a document, its comma included."""
    return len(render([statement])) - EMPTY + 1


def pack(statements: Sequence[Statement], characters: int, slots: int) -> Groups:
    """Groups of statements of which each fits one document of `characters`.

    Spread, if that leaves one of the `slots` free: a changed document hangs beside the old one for a moment. Squeezed
    otherwise, whether or not that is enough. The same statements always give the same groups, whatever order they
    come in. A statement that is longer than a document gets one of its own, too long as it is.
    """
    spread_out = spread(statements, characters)
    return spread_out if len(spread_out) < slots else squeeze(statements, characters)


def spread(statements: Sequence[Statement], characters: int) -> Groups:
    """Halved until every part fits; the halves of document n are 2n and 2n + 1."""
    return {number: _in_order(items) for number, items in _halved(_items(statements), characters, 1)}


def squeeze(statements: Sequence[Statement], characters: int) -> Groups:
    """As few documents as first fit needs, numbered from 1."""
    items = sorted(_items(statements), key=lambda item: (-item[1], render([item[2]])))
    first_fit = _first_fit(items, characters)
    fewest = -(-sum(size for _, size, _ in items) // _room(characters))
    tries = (_by_preference(items, characters, count) for count in range(max(fewest, 1), len(first_fit) + 1))
    groups = next((found for found in tries if found), first_fit)
    return {number: _in_order(group) for number, group in enumerate(groups, start=1)}


def _room(characters: int) -> int:
    return characters - EMPTY + 1


def _items(statements: Sequence[Statement]) -> list[_Item]:
    """The digest is of the Sid, so that what a statement says can change and its place does not."""
    seen: Counter[str] = Counter()
    items = []
    for statement in sorted(map(dict, statements), key=lambda each: render([each])):
        name = str(statement.get("Sid") or render([statement]))
        seen[name] += 1
        items.append((_digest(f"{name}#{seen[name]}"), length(statement), statement))
    return items


def _digest(text: str) -> str:
    return f"{int(hashlib.sha256(text.encode()).hexdigest(), 16):0256b}"


def _halved(items: list[_Item], characters: int, number: int) -> Iterator[tuple[int, list[_Item]]]:
    """The length of a number in bits tells how often was halved: that bit of the digests says which half."""
    if len(items) <= 1 or sum(size for _, size, _ in items) <= _room(characters):
        yield from [(number, items)] if items else []
        return
    bit = number.bit_length() - 1
    for half in (0, 1):
        yield from _halved([item for item in items if item[0][bit] == str(half)], characters, 2 * number + half)


def _first_fit(items: Sequence[_Item], characters: int) -> list[list[_Item]]:
    groups: list[list[_Item]] = []
    free: list[int] = []
    for item in items:
        index = next((i for i, room in enumerate(free) if room >= item[1]), len(groups))
        if index == len(groups):
            groups.append([])
            free.append(_room(characters))
        groups[index].append(item)
        free[index] -= item[1]
    return groups


def _by_preference(items: Sequence[_Item], characters: int, count: int) -> list[list[_Item]]:
    """Each item in the first document with room, in an order of its own; nothing if one finds none."""
    groups: list[list[_Item]] = [[] for _ in range(count)]
    free = [_room(characters)] * count
    for item in items:
        liked = sorted(range(count), key=lambda index: _digest(f"{item[0]}{index}"))
        index = next((i for i in liked if free[i] >= item[1]), None)
        if index is None:
            return []
        groups[index].append(item)
        free[index] -= item[1]
    return [group for group in groups if group]


def _in_order(items: Sequence[_Item]) -> Group:
    return sorted((statement for _, _, statement in items), key=lambda each: render([each]))
