"""What the organisation makes of a call: SCPs of the caller's account, RCPs of the resource's account."""

from collections.abc import Collection

from guardrails.evaluator.call import Call, Facts, is_service_linked
from guardrails.evaluator.completion import settle
from guardrails.evaluator.decision import Decision, Kind
from guardrails.evaluator.hierarchy import RCP_EXEMPT_ACTIONS, RCP_SERVICES, Hierarchy, Levels, hierarchy_of
from guardrails.evaluator.question import Question

NOTHING = Question()


def evaluate(
    levels: Levels | Hierarchy,
    rcp_levels: Levels | Hierarchy,
    call: Call,
    *,
    management_account: str | None = None,
    unknown: Collection[str] = frozenset(),
) -> Decision:
    """Whether guardrails let the call through, identity policies taken to allow it.

    `levels` are the SCPs from the root to the caller's account, `rcp_levels` the RCPs from the root to the
    account that owns the resource. `unknown` are keys that the request has, but whose values nobody can
    tell. Of several denials the first is named: explicit before implicit, SCPs before RCPs, then from the
    root down, in the order of policies and statements.
    """
    facts = call.facts()
    question = ask_organization(levels, rcp_levels, call, facts, management_account)
    if unknown:
        return settle(question, call.resource, facts, unknown)
    return question.decide(call.resource, facts)


def ask_organization(
    levels: Levels | Hierarchy,
    rcp_levels: Levels | Hierarchy,
    call: Call,
    facts: Facts,
    management_account: str | None,
) -> Question:
    """What the organisation asks of the call: nothing of a service-linked role.

    SCPs bind users, roles and roots of member accounts, not AWS services or callers from elsewhere:
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#scp-effects-on-permissions
    """
    if is_service_linked(facts):
        return NOTHING
    account = call.caller.account
    scps = hierarchy_of(levels, Kind.SCP) if levels and account and account != management_account else None
    rcps = hierarchy_of(rcp_levels, Kind.RCP) if rcp_levels and _rcps_bind(call, management_account) else None
    if scps is None:
        return rcps.question(call.action) if rcps else NOTHING
    question = scps.question(call.action)
    return question + rcps.question(call.action) if rcps else question


def _rcps_bind(call: Call, management_account: str | None) -> bool:
    """Whether RCPs reach the resource. Where an action has no resource, those of the given levels count."""
    if call.service not in RCP_SERVICES or call.action.lower() in RCP_EXEMPT_ACTIONS:
        return False
    return management_account is None or call.owner != management_account
