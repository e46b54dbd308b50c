"""What is compiled, for the attachments that Control Tower and others leave free."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from guardrails.compiler.packs import Document, compile_pack
from guardrails.compiler.quota import QUOTAS, PolicyKind
from guardrails.enforcement.live import Live
from guardrails.enforcement.node import Node
from guardrails.guardrail import Guardrail


def slots_for_us(live: Live, target: str, kind: PolicyKind) -> int:
    """How many policies of a kind the target can hold besides those that are not ours."""
    return QUOTAS[kind].slots - sum(not policy.ours for policy in live.on(target, kind))


@dataclass(frozen=True)
class Fitting:
    """The documents of a catalogue, packed for where they hang; what was packed once is remembered."""

    catalogue: Sequence[Guardrail]
    _packed: dict[tuple[str, PolicyKind, int], tuple[Document, ...]] = field(default_factory=dict)

    def for_nodes(self, nodes: Sequence[Node], live: Live) -> tuple[Document, ...]:
        """Every document of every class, for the OU that is its own."""
        return tuple(document for node in nodes if node.own for document in self.at(node.ou_class, node.id, live))

    def at(self, ou_class: str, target: str, live: Live) -> tuple[Document, ...]:
        """The documents of a class, for the target that is its OU."""
        return tuple(d for kind in PolicyKind for d in self._pack(ou_class, kind, slots_for_us(live, target, kind)))

    def _pack(self, ou_class: str, kind: PolicyKind, slots: int) -> tuple[Document, ...]:
        place = ou_class, kind, slots
        if place not in self._packed:
            self._packed[place] = compile_pack(self.catalogue, ou_class, kind, slots)
        return self._packed[place]
