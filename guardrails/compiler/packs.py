"""The packs of the OU classes, compiled from the catalogue: offline, the same every time."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from guardrails.compiler.bins import pack
from guardrails.compiler.minify import Statement, minify_statement, render
from guardrails.compiler.parts import join_parts
from guardrails.compiler.quota import QUOTAS, STATEMENT_KINDS, PolicyKind
from guardrails.guardrail import Guardrail, Mechanism

PREFIX = "freehold"
HASH_LENGTH = 8
KINDS = {
    Mechanism.SCP: PolicyKind.SCP,
    Mechanism.RCP: PolicyKind.RCP,
    Mechanism.EC2: PolicyKind.EC2,
    Mechanism.S3: PolicyKind.S3,
    Mechanism.TAG: PolicyKind.TAG,
    Mechanism.AI: PolicyKind.AI,
}


@dataclass(frozen=True)
class Document:
    """A policy document as it is attached to the OU of a class."""

    kind: PolicyKind
    ou_class: str
    number: int
    """Its own within its class and kind; the halves of document n are 2n and 2n + 1."""
    content: str
    guardrails: tuple[str, ...]
    """Ids of the guardrails that have statements in it."""

    @property
    def stem(self) -> str:
        """The name without the hash: which document of which class."""
        kind = "" if self.kind is PolicyKind.SCP else f"-{self.kind}"
        return f"{PREFIX}-{self.ou_class}{kind}-{self.number}"

    @property
    def name(self) -> str:
        """`name@hash`: another content is another policy object."""
        return f"{self.stem}@{content_hash(self.content)}"


def content_hash(content: str) -> str:
    """The first eight hexadecimal digits of a document's SHA-256."""
    return hashlib.sha256(content.encode()).hexdigest()[:HASH_LENGTH]


def compile_packs(catalogue: Sequence[Guardrail], ou_classes: Iterable[str] | None = None) -> tuple[Document, ...]:
    """Every document of every OU class that has policies; of `ou_classes` alone, where they are given.

    A statement that is longer than a document makes one of its own, which the gates refuse.

    Raises:
        BadInput: for parts that contradict each other.
    """
    named = {ou_class for guardrail in catalogue for ou_class in guardrail.ou_classes}
    classes = sorted(named if ou_classes is None else named & set(ou_classes))
    return tuple(document for c in classes for kind in PolicyKind for document in compile_pack(catalogue, c, kind))


def compile_pack(
    catalogue: Sequence[Guardrail], ou_class: str, kind: PolicyKind, slots: int | None = None
) -> tuple[Document, ...]:
    """The documents of one class and kind, for so many attachments; by default as many as AWS lets a target hold."""
    mine = sorted((g for g in catalogue if _belongs(g, ou_class, kind)), key=lambda g: g.id)
    if kind not in STATEMENT_KINDS:
        ids = tuple(guardrail.id for guardrail in mine)
        return (Document(kind, ou_class, 1, join_parts(mine, kind), ids),) if mine else ()
    owners = {render([s]): g.id for g in mine for s in _statements(g)}
    quota = QUOTAS[kind]
    groups = pack([s for g in mine for s in _statements(g)], quota.characters, quota.slots if slots is None else slots)
    return tuple(
        Document(kind, ou_class, number, render(group), tuple(sorted({owners[render([s])] for s in group})))
        for number, group in groups.items()
    )


def _belongs(guardrail: Guardrail, ou_class: str, kind: PolicyKind) -> bool:
    return ou_class in guardrail.ou_classes and KINDS.get(guardrail.mechanism) is kind


def _statements(guardrail: Guardrail) -> Iterator[Statement]:
    """Not merged across guardrails: the Sid of a statement names the guardrail that denied."""
    return (minify_statement(deny.statement()) for deny in guardrail.statements)
