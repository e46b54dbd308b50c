"""Why a call is denied: by which policy, at which place, for which guardrail, and whom to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.evaluator import Allowed, Because, Call, Denied, Kind, Policy, evaluate, parse_policy
from guardrails.guardrail import Guardrail

KINDS = {PolicyKind.SCP: Kind.SCP, PolicyKind.RCP: Kind.RCP}


@dataclass(frozen=True)
class Explanation:
    """What the guardrails on an account's path make of one call; identity policies are taken to allow it."""

    decision: str
    """`allow`, `deny` or `unknown`."""
    sentence: str
    ask: str
    """What the person can do about it; empty when nothing denies."""
    place: str = ""
    """Name of the root, OU or account whose policy speaks."""
    policy: str = ""
    statement: str = ""
    """Sid, or the number of the statement from 0."""
    guardrail: str = ""
    """Id in the catalogue, empty for a policy that is not ours."""
    missing: Sequence[str] = field(default=())
    """Context keys the decision depends on."""


def explain(
    call: Call,
    path: Sequence[tuple[str, str]],
    live: Live,
    catalogue: Sequence[Guardrail],
    management_account: str,
    unknown: Sequence[str] = (),
) -> Explanation:
    """Evaluate what really hangs on `path`, the ids and names from the root to the account.

    Raises:
        BadInput: for a call that is none.
    """
    levels = {kind: _levels(path, live, kind) for kind in KINDS}
    decision = evaluate(
        levels[PolicyKind.SCP],
        levels[PolicyKind.RCP],
        call,
        management_account=management_account,
        unknown=unknown,
    )
    if isinstance(decision, Allowed):
        sentence = (
            f"No guardrail denies it in {call.context.get('aws:RequestedRegion')}; if AWS does, look at the role's own "
            "permissions and the resource's policy."
        )
        return Explanation("allow", sentence, "")
    if isinstance(decision, Denied):
        return _told("deny", decision.because, (), path, live, catalogue)
    return _told("unknown", decision.because, decision.missing, path, live, catalogue)


def _levels(path: Sequence[tuple[str, str]], live: Live, kind: PolicyKind) -> tuple[tuple[Policy, ...], ...]:
    return tuple(
        tuple(parse_policy(policy.content, KINDS[kind], name=policy.name, place=policy.name) for policy in there)
        for there in (live.on(target, kind) for target, _ in path)
    )


def _told(
    decision: str,
    because: Because,
    missing: Sequence[str],
    path: Sequence[tuple[str, str]],
    live: Live,
    catalogue: Sequence[Guardrail],
) -> Explanation:
    place = path[because.level or 0]
    if because.policy is None:
        sentence = f"Nothing at {place[1]} allows it: every level needs a policy that does, usually FullAWSAccess."
        return Explanation(decision, sentence, "Ask the platform team to look at the policies there.", place[1])
    kind = PolicyKind(because.kind.value)
    policy = live.on(place[0], kind)[because.policy]
    guardrail = _owner(policy, because.sid, catalogue)
    speaks = "denies it" if decision == "deny" else f"denies it for some values of {', '.join(missing)}"
    title = f" ({guardrail.id}: {guardrail.title})" if guardrail else ""
    return Explanation(
        decision,
        f"The {kind.upper()} {policy.name} at {place[1]} {speaks}{title}.",
        guardrail.exemption if guardrail else f"Ask whoever attached {policy.name}; it is not one of Freehold's.",
        place[1],
        policy.name,
        because.sid or str(because.statement),
        guardrail.id if guardrail else "",
        tuple(missing),
    )


def _owner(policy: LivePolicy, sid: str, catalogue: Sequence[Guardrail]) -> Guardrail | None:
    """The guardrail that the statement's Sid belongs to, if the policy is ours."""
    owners = {deny.sid: guardrail for guardrail in catalogue for deny in guardrail.statements}
    return owners.get(sid) if policy.ours else None


def tell(explanation: Explanation) -> Mapping[str, Any]:
    """The explanation as the API and the command line show it."""
    return {**vars(explanation), "missing": list(explanation.missing)}
