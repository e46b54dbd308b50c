"""Compiled documents, gated before anybody looks at an organisation."""

from collections.abc import Iterator, Sequence

from guardrails.compiler.packs import Document
from guardrails.compiler.quota import QUOTAS, STATEMENT_KINDS, PolicyKind
from guardrails.gates.closure import check_closure
from guardrails.gates.lockout import check_lockout
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import QUARANTINE
from guardrails.trial import FULL_ACCESS_TEXT


def check_documents(documents: Sequence[Document]) -> Iterator[Objection]:
    """Everything that can be said without AWS: size, closure, and lockout beside FullAWSAccess alone."""
    yield from check_fit(documents)
    for ou_class in _classes(documents):
        scps, rcps = (_named(documents, ou_class, kind) for kind in STATEMENT_KINDS)
        levels = [[("FullAWSAccess", FULL_ACCESS_TEXT), *scps]]
        found = check_lockout(levels, [rcps], f"OU class {ou_class}", teams_work=ou_class != QUARANTINE)
        yield from (objection for _, objection in found)


def check_fit(documents: Sequence[Document]) -> Iterator[Objection]:
    """No document too long, no exemption unprotected."""
    for document in documents:
        room = QUOTAS[document.kind].characters
        if len(document.content) > room:
            size = f"{document.name}, of {', '.join(document.guardrails)}, has {len(document.content)} characters"
            yield Objection(Gate.SIZE, f"{size}; AWS takes {room} in one {document.kind.label}.")
    for ou_class in _classes(documents):
        scps, rcps = (_named(documents, ou_class, kind) for kind in STATEMENT_KINDS)
        yield from check_closure(scps, rcps, f"OU class {ou_class}")


def _named(documents: Sequence[Document], ou_class: str, kind: PolicyKind) -> list[tuple[str, str]]:
    return [(d.name, d.content) for d in documents if d.ou_class == ou_class and d.kind is kind]


def _classes(documents: Sequence[Document]) -> list[str]:
    return sorted({document.ou_class for document in documents})
