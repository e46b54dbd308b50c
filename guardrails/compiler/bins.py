"""Statements into documents: first fit, the longest first, each statement whole."""

from collections.abc import Sequence
from typing import Any

from guardrails.compiler.minify import Statement, render

EMPTY = len(render([]))


def length(statement: Statement) -> int:
    """Characters that a statement adds to a document, its comma included."""
    return len(render([statement])) - EMPTY + 1


def pack(statements: Sequence[Statement], characters: int) -> list[list[dict[str, Any]]]:
    """Groups of statements of which each fits one document of `characters`.

    The same statements always give the same groups, whatever order they come in; within a group they stand in the
    order of their text. A statement that is longer than a document gets one of its own, too long as it is.
    """
    groups: list[list[dict[str, Any]]] = []
    room: list[int] = []
    for statement in sorted(map(dict, statements), key=lambda each: (-length(each), render([each]))):
        size = length(statement)
        index = next((i for i, free in enumerate(room) if free >= size), len(groups))
        if index == len(groups):
            groups.append([])
            room.append(characters - EMPTY + 1)
        groups[index].append(statement)
        room[index] -= size
    return [sorted(group, key=lambda each: render([each])) for group in groups]
