"""How much of what AWS lets be attached is taken, and by whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrails.compiler.packs import Document
from guardrails.compiler.quota import QUOTAS, PolicyKind
from guardrails.enforcement.live import Live
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import wanted_at


@dataclass(frozen=True)
class Room:
    """The attachments of one kind to the OU of a class, when the plan is done."""

    ou: str
    kind: PolicyKind
    ours: int
    others: int
    """What Control Tower, AWS and other people attached, as it is now."""
    slots: int


def find_room(documents: Sequence[Document], nodes: Sequence[Node], live: Live) -> tuple[Room, ...]:
    """Every OU and kind of which anything is attached."""
    wanted = [(document.kind, at) for document in documents for at in wanted_at(document, nodes, live)]
    return tuple(room for node in nodes if node.own for room in _rooms(node, wanted, live) if room.ours or room.others)


def _rooms(node: Node, wanted: Sequence[tuple[PolicyKind, str]], live: Live) -> Iterator[Room]:
    for kind, quota in QUOTAS.items():
        others = sum(not policy.ours for policy in live.on(node.id, kind))
        yield Room(node.name, kind, wanted.count((kind, node.id)), others, quota.slots)
