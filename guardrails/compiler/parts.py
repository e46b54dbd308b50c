"""The parts that guardrails write into one declarative, S3 or tag policy, joined."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from guardrails.compiler.quota import PolicyKind
from guardrails.guardrail import Guardrail
from vending.core.errors import BadInput


def join_parts(guardrails: Sequence[Guardrail], kind: PolicyKind) -> str:
    """The one document that holds the part of every guardrail, without white space.

    Raises:
        BadInput: naming the guardrails that contradict each other, or the one that is no document of this kind.
    """
    joined: dict[str, Any] = {}
    owners: dict[tuple[str, ...], str] = {}
    for guardrail in guardrails:
        content = guardrail.part.content if guardrail.part else {}
        if list(content) != [kind.top_key]:
            raise BadInput(
                f"Guardrail {guardrail.id}: the one top-level key of a {kind.label} is {kind.top_key}.",
                f"Write its part as {{{kind.top_key!r}: ...}}.",
            )
        _add(joined, content, guardrail.id, owners, ())
    return json.dumps(joined, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _add(
    into: dict[str, Any],
    content: Mapping[str, Any],
    owner: str,
    owners: dict[tuple[str, ...], str],
    place: tuple[str, ...],
) -> None:
    for key, value in content.items():
        here = (*place, key)
        if isinstance(value, Mapping) and isinstance(into.get(key, {}), dict):
            _add(into.setdefault(key, {}), value, owner, owners, here)
        elif key in into and into[key] != _plain(value):
            raise BadInput(
                f"Guardrails {owners.get(here, 'another')} and {owner} write different things at {'.'.join(here)}.",
                "Give the OU class one of them.",
            )
        else:
            into[key] = _plain(value)
            owners[here] = owner


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value
