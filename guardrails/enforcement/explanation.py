"""Why a call is denied: by which policy, at which place, for which guardrail, and whom to ask."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.evaluator import (
    Allowed,
    Because,
    Call,
    Decision,
    Denied,
    Kind,
    Policy,
    Unknown,
    evaluate,
    parse_policy,
)
from guardrails.exemptions import ended_by
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

    Where a policy asks for something that the call does not say (a header, the size of an instance, a tag), it is
    judged with and without, and the answer is unknown if that makes a difference. A caller of another account than
    the resource's is bound by the RCPs on the path alone: its SCPs hang on its own.

    Raises:
        BadInput: for a call that is none.
    """
    at_home = call.caller.account is None or call.resource_account in (None, call.caller.account)
    levels = {kind: _levels(path, live, kind) if at_home or kind is PolicyKind.RCP else () for kind in KINDS}

    def judge(unsaid: Sequence[str]) -> Decision:
        scps, rcps = levels[PolicyKind.SCP], levels[PolicyKind.RCP]
        return evaluate(scps, rcps, call, management_account=management_account, unknown=unsaid)

    told = _Teller(path, live, catalogue)
    decision = judge(unknown)
    unsaid = (*unknown, *_unsaid(call, [policy for kind in levels.values() for there in kind for policy in there]))
    if len(unsaid) > len(unknown):
        other = judge(unsaid)
        if type(other) is not type(decision):
            because = next(each.because for each in (other, decision) if not isinstance(each, Allowed))
            return told.tell("unknown", because, other.missing if isinstance(other, Unknown) else unsaid)
    if isinstance(decision, Allowed):
        sentence = (
            f"No guardrail denies it in {call.context.get('aws:RequestedRegion')}; if AWS does, look at the role's own "
            "permissions and the resource's policy."
            if at_home
            else f"No RCP of account {call.resource_account} denies it; the SCPs of the caller's own account "
            f"{call.caller.account} have a say too."
        )
        return Explanation("allow", sentence, "")
    return (
        told.tell("deny", decision.because, ())
        if isinstance(decision, Denied)
        else told.tell("unknown", decision.because, decision.missing)
    )


def _unsaid(call: Call, policies: Iterable[Policy]) -> tuple[str, ...]:
    """Keys that the policies ask for and that the call may have or not: those of its own service, and of the tags that
    it gives. Everything else about a call follows from who makes it and where."""
    service = f"{call.action.partition(':')[0].lower()}:"
    said = {key.lower() for key in call.context}
    statements = (
        statement for policy in policies for statement in policy.statements if statement.covers(call.action.lower())
    )
    asked = {key for statement in statements for key in statement.keys if key.startswith((service, "aws:requesttag/"))}
    return tuple(sorted(asked - said))


def _spellings(live: Live) -> dict[str, str]:
    """The condition keys of the policies as these write them, by lower case."""
    documents = (json.loads(p.content) for p in live.policies.values() if p.content and not p.kind.top_key)
    listed = (each if isinstance(each, list) else [each] for each in (document["Statement"] for document in documents))
    conditions = (statement.get("Condition", {}) for statements in listed for statement in statements)
    return {key.lower(): key for condition in conditions for keys in condition.values() for key in keys}


def _levels(path: Sequence[tuple[str, str]], live: Live, kind: PolicyKind) -> tuple[tuple[Policy, ...], ...]:
    return tuple(
        tuple(parse_policy(policy.content, KINDS[kind], name=policy.name, place=policy.name) for policy in there)
        for there in (live.on(target, kind) for target, _ in path)
    )


@dataclass(frozen=True)
class _Teller:
    """Puts a decision into words."""

    path: Sequence[tuple[str, str]]
    live: Live
    catalogue: Sequence[Guardrail]

    def tell(self, decision: str, because: Because, missing: Sequence[str]) -> Explanation:
        """Who speaks, for which guardrail, and whom to ask."""
        spellings = _spellings(self.live)
        missing = [spellings.get(key.lower(), key) for key in missing]
        target, place = self.path[because.level or 0]
        if because.policy is None:
            sentence = f"Nothing at {place} allows it: every level needs a policy that does, usually FullAWSAccess."
            return Explanation(decision, sentence, "Ask the platform team to look at the policies there.", place)
        kind = PolicyKind(because.kind.value)
        policy = self.live.on(target, kind)[because.policy]
        guardrail = _owner(policy, because.sid, self.catalogue)
        speaks = "denies it" if decision == "deny" else f"may deny it: that depends on {', '.join(missing)}"
        title = f" ({guardrail.id}: {guardrail.title})" if guardrail else ""
        ended = _ended(guardrail, because.sid) if guardrail else ""
        return Explanation(
            decision,
            f"The {kind.upper()} {policy.name} at {place} {speaks}{title}.{ended}",
            guardrail.exemption if guardrail else f"Ask whoever attached {policy.name}; it is not one of Freehold's.",
            place,
            policy.name,
            because.sid or str(because.statement),
            guardrail.id if guardrail else "",
            tuple(missing),
        )


def _ended(guardrail: Guardrail, sid: str) -> str:
    """What became of the exemption that there was."""
    exemption = ended_by(guardrail, sid)
    return f" The exemption {exemption.ticket} ended on {exemption.expires}." if exemption else ""


def _owner(policy: LivePolicy, sid: str, catalogue: Sequence[Guardrail]) -> Guardrail | None:
    """The guardrail that the statement's Sid belongs to, if the policy is ours."""
    owners = {deny.sid: guardrail for guardrail in catalogue for deny in guardrail.statements}
    return owners.get(sid) if policy.ours else None


def tell(explanation: Explanation) -> Mapping[str, Any]:
    """The explanation as the API and the command line show it."""
    return {**vars(explanation), "missing": list(explanation.missing)}
