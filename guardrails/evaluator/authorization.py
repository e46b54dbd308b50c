"""Whether AWS would carry out a call: every kind of policy together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from guardrails.evaluator.call import Call, Facts
from guardrails.evaluator.completion import settle
from guardrails.evaluator.decision import Because, Decision, Kind
from guardrails.evaluator.evaluation import ask_organization
from guardrails.evaluator.grantee import Reach
from guardrails.evaluator.hierarchy import Hierarchy, Levels
from guardrails.evaluator.principal import PrincipalKind
from guardrails.evaluator.question import Denial, Question, Requirement
from guardrails.evaluator.statement import Effect, Policy, Statement


@dataclass(frozen=True)
class Grants:
    """The policies that can allow a call, and those that narrow it. Empty means there are none."""

    identity: Sequence[Policy] = ()
    """Of the user or role and of its groups."""
    boundary: Policy | None = None
    session: Sequence[Policy] = ()
    resource: Policy | None = None
    """The policy on the resource: of a bucket, a key, a queue; for sts:AssumeRole the role's trust policy."""
    resource_decides: bool = False
    """The resource's policy must allow, or leave it to the account, even within one account: role trust
    policies and KMS key policies."""


def authorize(
    call: Call,
    grants: Grants,
    levels: Levels | Hierarchy = (),
    rcp_levels: Levels | Hierarchy = (),
    *,
    management_account: str | None = None,
    unknown: Collection[str] = frozenset(),
) -> Decision:
    """Whether AWS would carry out the call.

    `levels` and `rcp_levels` as for `evaluate`; leave them empty for accounts outside an organisation. Where
    the resource has no account in its ARN, say it in the call, else it counts as the caller's own.
    """
    facts = call.facts()
    question = ask_organization(levels, rcp_levels, call, facts, management_account)
    question += _ask_grants(call, facts, grants)
    if unknown:
        return settle(question, call.resource, facts, unknown)
    return question.decide(call.resource, facts)


@dataclass(frozen=True)
class _Spoken:
    """A statement of one of the caller's or the resource's policies that speaks of the call."""

    because: Because
    statement: Statement
    reach: Reach

    @property
    def denies(self) -> bool:
        return self.statement.effect is Effect.DENY


def _ask_grants(call: Call, facts: Facts, grants: Grants) -> Question:
    spoken = list(_speak(call, facts, grants))
    denials = tuple(Denial(each.because, each.statement) for each in spoken if each.denies)
    allows = [each for each in spoken if not each.denies]
    return Question(denials, tuple(_requirements(call, grants, allows)))


def _speak(call: Call, facts: Facts, grants: Grants) -> Iterator[_Spoken]:
    action = call.action.lower()
    for policies in (grants.identity, _listed(grants.boundary), grants.session, _listed(grants.resource)):
        for number, policy in enumerate(policies):
            for statement in policy.statements:
                grantees = statement.grantees
                reach = grantees.reach(call.caller, facts) if grantees else Reach.ENTITY
                if reach and statement.covers(action):
                    yield _Spoken(_place(policy, number, statement), statement, reach)


def _listed(policy: Policy | None) -> Sequence[Policy]:
    return (policy,) if policy else ()


def _place(policy: Policy, number: int, statement: Statement) -> Because:
    return Because(policy.kind, None, number, statement.index, policy.name, statement.sid)


def _requirements(call: Call, grants: Grants, allows: Sequence[_Spoken]) -> Iterator[Requirement]:
    """What has to allow the call. A resource policy alone suffices within one account, where it names the
    caller and not just the account; to a role it cannot give more than boundary and session leave.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """
    caller = call.caller
    abroad = call.owner is not None and call.owner != caller.account
    by_resource = [each for each in allows if each.because.kind is Kind.RESOURCE]
    if caller.account is None or abroad or grants.resource_decides:
        yield _requirement(Kind.RESOURCE, by_resource)
    if caller.account is None or caller.kind is PrincipalKind.ROOT:
        return
    named = [] if abroad else [each for each in by_resource if each.reach >= Reach.ENTITY]
    session = [each for each in named if each.reach is Reach.SESSION]
    unbounded = named if caller.kind is PrincipalKind.USER else session
    yield _requirement(Kind.IDENTITY, _of(Kind.IDENTITY, allows) + named)
    if grants.boundary:
        yield _requirement(Kind.BOUNDARY, _of(Kind.BOUNDARY, allows) + unbounded)
    if grants.session:
        yield _requirement(Kind.SESSION, _of(Kind.SESSION, allows) + session)


def _of(kind: Kind, allows: Iterable[_Spoken]) -> list[_Spoken]:
    return [each for each in allows if each.because.kind is kind]


def _requirement(kind: Kind, allows: Iterable[_Spoken]) -> Requirement:
    return Requirement(Because(kind, None), tuple(each.statement for each in allows))
