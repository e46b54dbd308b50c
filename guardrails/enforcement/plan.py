"""What would change: read only, data that prints and diffs.

The order is the safety: new objects are made, then attached everywhere, and only then are old ones detached and
deleted, so that at no moment a guardrail is missing. Every state in between passes the lockout gate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from guardrails.compiler.packs import Document
from guardrails.compiler.quota import QUOTAS, STATEMENT_KINDS, PolicyKind
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.enforcement.node import Node
from guardrails.enforcement.step import Act, DeployedKind, Step
from guardrails.gates.documents import check_fit
from guardrails.gates.lockout import check_lockout
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import QUARANTINE


@dataclass(frozen=True)
class Plan:
    """The steps, and what speaks against them. A plan without objections may be applied."""

    steps: tuple[Step, ...]
    objections: tuple[Objection, ...]


def make_plan(documents: Sequence[Document], nodes: Sequence[Node], live: Live, names: Mapping[str, str]) -> Plan:
    """The way from `live` to `documents`; `names` are the targets' names."""
    steps = in_order(_steps(documents, nodes, live, names))
    objections = (*check_fit(documents), *_check_slots(steps, live, names), *_check_states(steps, nodes, live))
    return Plan(steps, tuple(dict.fromkeys(objections)))


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """What protects first, what takes away last."""
    return tuple(sorted(steps, key=lambda step: list(Act).index(step.act)))


def _steps(
    documents: Sequence[Document], nodes: Sequence[Node], live: Live, names: Mapping[str, str]
) -> Iterator[Step]:
    keep: dict[str, str] = {}
    root = nodes[0].path[0]
    for kind in sorted({document.kind for document in documents} - live.kinds):
        yield Step(Act.ENABLE, kind.label, kind, "the root does not know this kind yet", root, names[root])
    for document in documents:
        found = intact(document, live)
        policy, policy_id = (found.name, found.id) if found else (free_name(document, live), "")
        if found:
            keep[found.id] = document.ou_class
        else:
            yield Step(Act.CREATE, policy, document.kind, "it does not exist yet", document=document)
        for target in wanted_at(document, nodes, live):
            if policy_id not in live.attached.get(target, ()):
                yield Step(Act.ATTACH, policy, document.kind, "it is missing", target, names[target], policy_id)
    yield from _removals(keep, nodes, live, names)


def intact(document: Document, live: Live) -> LivePolicy | None:
    """The object of ours that holds exactly this document."""
    found = (p for p in live.ours if p.stem == document.stem and p.kind is document.kind)
    return next((policy for policy in found if policy.says(document.content)), None)


def free_name(document: Document, live: Live) -> str:
    """The document's name, with a number if an object that is not it has taken the name."""
    taken = {policy.name for policy in live.policies.values()}
    tries = (document.name, *(f"{document.name}.{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in tries if name not in taken)


def wanted_at(document: Document, nodes: Sequence[Node], live: Live) -> Iterator[str]:
    """The OU of the class; for quarantine also every account that a quarantine object of ours is attached to."""
    node = next(node for node in nodes if node.own and node.ou_class == document.ou_class)
    yield node.id
    if document.ou_class == QUARANTINE:
        stems = {document.stem}
        for target in live.attached:
            held = {policy.stem for policy in live.on(target, document.kind) if policy.ours}
            if target != node.id and target.isdigit() and held & stems:
                yield target


def _removals(keep: Mapping[str, str], nodes: Sequence[Node], live: Live, names: Mapping[str, str]) -> Iterator[Step]:
    at = {c: {node.id for node in nodes if node.own and node.ou_class == c} for c in set(keep.values())}
    for policy in live.ours:
        ou_class = keep.get(policy.id, "")
        for target in (target for target, attached in live.attached.items() if policy.id in attached):
            if target not in at.get(ou_class, ()) and not (ou_class == QUARANTINE and target.isdigit()):
                reason = "it does not belong here" if ou_class else _why_gone(policy)
                yield Step(Act.DETACH, policy.name, policy.kind, reason, target, names[target], policy.id)
        if not ou_class:
            yield Step(Act.DELETE, policy.name, policy.kind, _why_gone(policy), policy_id=policy.id)


def _why_gone(policy: LivePolicy) -> str:
    return "its content was changed by somebody" if policy.tampered else "it is out of date"


def _check_slots(steps: Sequence[Step], live: Live, names: Mapping[str, str]) -> Iterator[Objection]:
    """Old and new hang side by side for a moment, beside what others attached."""
    for kind, quota in QUOTAS.items():
        for target in sorted({step.target for step in steps if step.act is Act.ATTACH and step.kind is kind}):
            new = sum(1 for s in steps if s.act is Act.ATTACH and s.target == target and s.kind is kind)
            there = live.on(target, kind)
            if len(there) + new > quota.slots:
                theirs = sum(1 for policy in there if not policy.ours)
                yield Objection(
                    Gate.SLOTS,
                    f"{names[target]} holds {len(there)} of {quota.slots} {kind.label}s ({theirs} not ours) and "
                    f"{new} must be attached before any is detached.",
                )


State = Mapping[str, Mapping[str, tuple[PolicyKind | DeployedKind, str]]]
"""Target -> policy name -> kind and content."""


def _check_states(steps: Sequence[Step], nodes: Sequence[Node], live: Live) -> Iterator[Objection]:
    """Each survival call that a state on the way denies and that is allowed now, and each that the end denies.

    What is denied now and allowed in the end is no objection, or nothing broken could ever be repaired.
    """
    walk = list(states(steps, live))
    nodes = unlike(nodes, live)
    said = {(node.id, call) for node in nodes for call, _ in _denied_at(node, walk[0][1], "")}
    for number, (changed, state) in enumerate(walk[1:], start=1):
        for node in (node for node in nodes if changed in node.path):
            for call, objection in _denied_at(node, state, f"OU {node.name} after step {number} of {len(walk) - 1}"):
                if (node.id, call) not in said:
                    said.add((node.id, call))
                    yield objection
    for node in nodes:
        yield from (objection for _, objection in _denied_at(node, walk[-1][1], f"OU {node.name} in the end"))


def unlike(nodes: Sequence[Node], live: Live) -> tuple[Node, ...]:
    """The OUs of the classes, and those below where somebody's own SCP or RCP hangs, or no SCP at all.

    In every other OU calls are answered as in the OU above it.
    """
    looked_at = {target for node in nodes if node.own for target in node.path}
    return tuple(node for node in nodes if node.own or any(_adds(t, live) for t in node.path if t not in looked_at))


def _adds(target: str, live: Live) -> bool:
    scps, rcps = (live.on(target, kind) for kind in STATEMENT_KINDS)
    return not scps or not all(policy.aws_managed for policy in (*scps, *rcps))


def _denied_at(node: Node, state: State, where: str) -> list[tuple[str, Objection]]:
    """The survival calls that are denied at a node, by name."""
    levels = levels_of(node.path, state, PolicyKind.SCP)
    rcp_levels = levels_of(node.path, state, PolicyKind.RCP)
    return list(check_lockout(levels, rcp_levels, where, teams_work=node.ou_class != QUARANTINE))


def levels_of(path: Sequence[str], state: State, kind: PolicyKind) -> list[list[tuple[str, str]]]:
    """Names and contents of the policies on a path, level by level."""
    return [
        [(name, content) for name, (found, content) in state.get(target, {}).items() if found is kind]
        for target in path
    ]


def states(steps: Sequence[Step], live: Live) -> Iterator[tuple[str, State]]:
    """The state now, and after each step that attaches or detaches, with the target that changed."""
    state = {
        target: {live.policies[policy].name: _meaning(live.policies[policy]) for policy in policies}
        for target, policies in live.attached.items()
    }
    made = {step.policy: step.document.content for step in steps if step.document}
    existing = {policy.name: policy.content for policy in live.policies.values()}
    yield "", state
    for step in steps:
        if step.act is Act.ATTACH:
            content = made.get(step.policy) or existing[step.policy]
            state = {**state, step.target: {**state.get(step.target, {}), step.policy: (step.kind, content)}}
        elif step.act is Act.DETACH:
            kept = {name: policy for name, policy in state[step.target].items() if name != step.policy}
            state = {**state, step.target: kept}
        else:
            continue
        yield step.target, state


def _meaning(policy: LivePolicy) -> tuple[PolicyKind | DeployedKind, str]:
    return policy.kind, policy.content
