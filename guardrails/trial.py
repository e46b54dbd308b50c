"""A guardrail's cases, tried: calls with the evaluator, observations with the guardrail's own judgement."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from guardrails.compiler.packs import Document
from guardrails.compiler.quota import PolicyKind
from guardrails.evaluator import Allowed, Decision, Kind, Policy, evaluate, parse_policy
from guardrails.evaluator import Call as EvaluatedCall
from guardrails.guardrail import Call, Case, Guardrail, Mechanism, State

FULL_ACCESS: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""FullAWSAccess, which AWS attaches everywhere: a Deny alone allows nothing."""
FULL_ACCESS_TEXT = json.dumps(FULL_ACCESS)
FULL_ACCESS_POLICY = parse_policy(FULL_ACCESS, name="FullAWSAccess")
"""Parsed once, as the evaluator remembers what it worked out for the same policies."""
HOME_REGION = "eu-west-1"


@lru_cache(maxsize=1_024)
def compiled(content: str, kind: Kind = Kind.SCP) -> Policy:
    """A document's policy, parsed once however many targets it is attached to."""
    return parse_policy(content, kind)


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    guardrail: str
    case: str
    expected: str
    """`allow` or `deny`."""
    found: str

    @property
    def passed(self) -> bool:
        """Whether the guardrail did what its case says."""
        return self.expected == self.found


def document_of(guardrail: Guardrail) -> dict[str, Any]:
    """The guardrail alone, as a policy document."""
    return {"Version": "2012-10-17", "Statement": [deny.statement() for deny in guardrail.statements]}


def try_guardrail(guardrail: Guardrail) -> tuple[Verdict, ...]:
    """Every case of a guardrail, tried against the guardrail alone."""
    return tuple(_try_all(guardrail, (document_of(guardrail),) if guardrail.statements else ()))


def try_in_pack(guardrail: Guardrail, documents: Sequence[Mapping[str, Any] | str]) -> tuple[Verdict, ...]:
    """Every case tried against all documents that hold an account together."""
    return tuple(_try_all(guardrail, documents))


def try_everywhere(chosen: Sequence[Guardrail], documents: Sequence[Document]) -> Iterator[tuple[str, Verdict]]:
    """Every case alone and in the pack of each OU class, and what must survive there, with where it was tried."""
    for guardrail in chosen:
        yield from (("alone", verdict) for verdict in try_guardrail(guardrail))
        for ou_class in guardrail.ou_classes if guardrail.statements else ():
            kind = PolicyKind.RCP if guardrail.mechanism is Mechanism.RCP else PolicyKind.SCP
            contents = [d.content for d in documents if d.ou_class == ou_class and d.kind is kind]
            yield from ((ou_class, verdict) for verdict in try_in_pack(guardrail, contents))


def _try_all(guardrail: Guardrail, documents: Sequence[Mapping[str, Any] | str]) -> Iterator[Verdict]:
    kind = Kind.RCP if guardrail.mechanism is Mechanism.RCP else Kind.SCP
    policies = tuple(parse_policy(document, kind) for document in documents)
    for expected, cases in (("allow", guardrail.allows), ("deny", guardrail.denies)):
        for case in cases:
            yield Verdict(guardrail.id, case.name, expected, _outcome(guardrail, case, policies, kind))


def _outcome(guardrail: Guardrail, case: Case, policies: tuple[Policy, ...], kind: Kind) -> str:
    if isinstance(case, State):
        return "allow" if guardrail.keeps(case) else "deny"
    return "allow" if isinstance(decide(case, policies, kind), Allowed) else "deny"


def decide(case: Call, policies: Sequence[Policy], kind: Kind = Kind.SCP) -> Decision:
    """What `policies`, attached beside FullAWSAccess, make of the call."""
    return evaluate(
        ((FULL_ACCESS_POLICY, *policies),) if kind is Kind.SCP else (),
        (tuple(policies),) if kind is Kind.RCP else (),
        evaluated(case),
    )


def evaluated(case: Call) -> EvaluatedCall:
    """The case as the evaluator takes it: over TLS and to the home region, unless it says otherwise."""
    context = {"aws:RequestedRegion": HOME_REGION, "aws:SecureTransport": "true", **case.context}
    return EvaluatedCall(case.principal, case.action, case.resource, context)
