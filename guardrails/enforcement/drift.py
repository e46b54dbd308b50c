"""What is attached but should not be, what should be but is not, and what somebody changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from guardrails.compiler.packs import Document
from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import intact, wanted_at
from guardrails.enforcement.step import ControlStep, PackStep


@dataclass(frozen=True)
class Drift:
    """One difference, in words."""

    kind: DriftKind
    policy: str
    target: str
    target_name: str
    detail: str
    remedy: str


_APPLY = "`freehold guardrails apply` repairs it."


def find_drift(
    documents: Sequence[Document], nodes: Sequence[Node], live: Live, names: Mapping[str, str]
) -> tuple[Drift, ...]:
    """Every difference between what is compiled and what is attached on the classes' OUs, above and below."""
    return (
        *_missing(documents, nodes, live, names),
        *_of_ours(documents, nodes, live, names),
        *_of_others(nodes, live, names),
    )


def find_deployment_drift(steps: Iterable[ControlStep | PackStep]) -> Iterator[Drift]:
    """What controls and conformance packs lack, told by what would be done about it."""
    for step in steps:
        what = f"the conformance pack in {step.target_name}" if isinstance(step, PackStep) else f"OU {step.target_name}"
        yield Drift(step.drift, step.policy, step.target, step.target_name, f"{what}: {step.reason}", _APPLY)


def _missing(
    documents: Sequence[Document], nodes: Sequence[Node], live: Live, names: Mapping[str, str]
) -> Iterator[Drift]:
    for document in documents:
        found = intact(document, live)
        for target in wanted_at(document, nodes, live):
            if found is None or found.id not in live.attached.get(target, ()):
                detail = f"carries {', '.join(document.guardrails)} and is not attached to {names[target]}"
                yield Drift(DriftKind.MISSING, document.name, target, names[target], detail, _APPLY)


def _of_ours(
    documents: Sequence[Document], nodes: Sequence[Node], live: Live, names: Mapping[str, str]
) -> Iterator[Drift]:
    belongs = {found.id: set(wanted_at(d, nodes, live)) for d in documents if (found := intact(d, live))}
    for target, policies in live.attached.items():
        for policy in (live.policies[each] for each in policies):
            if policy.ours and target not in belongs.get(policy.id, ()):
                yield _stray(policy, target, names[target])


def _stray(policy: LivePolicy, target: str, name: str) -> Drift:
    if policy.tampered:
        detail = f"its content is no longer the one it is named after, at {name}"
        return Drift(DriftKind.TAMPERED, policy.name, target, name, detail, _APPLY)
    detail = f"is attached to {name}, but not part of what is compiled for it"
    return Drift(DriftKind.OUTDATED, policy.name, target, name, detail, _APPLY)


def _of_others(nodes: Sequence[Node], live: Live, names: Mapping[str, str]) -> Iterator[Drift]:
    for target in dict.fromkeys(target for node in nodes for target in node.path):
        for kind in PolicyKind:
            there = live.on(target, kind)
            for policy in there:
                if not (policy.ours or policy.aws_managed or policy.from_control_tower):
                    yield _foreign(policy, target, names[target])
        if not any(policy.aws_managed for policy in live.on(target, PolicyKind.SCP)):
            detail = f"no SCP managed by AWS is attached to {names[target]}; unless another one allows, nothing is"
            remedy = f"Attach FullAWSAccess to {names[target]}."
            yield Drift(DriftKind.CLOSED, "FullAWSAccess", target, names[target], detail, remedy)


def _foreign(policy: LivePolicy, target: str, name: str) -> Drift:
    detail = f"was attached to {name} by somebody else"
    remedy = "Ask who attached it; it is left alone. What it does belongs in the catalogue."
    return Drift(DriftKind.FOREIGN, policy.name, target, name, detail, remedy)
