"""Whether a call may go on: its actions and resources put before the evaluator with every policy that counts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from moto.core.request import Request
from moto.iam.models import iam_backends
from werkzeug.datastructures import Headers

from guardrails.evaluator import (
    Because,
    Denied,
    Grants,
    Kind,
    Policy,
    Unknown,
    authorize,
    parse_policy,
)
from guardrails.evaluator import (
    Call as Question,
)
from infra.local.authorize.actions import PASSING, actions_of, passes_roles
from infra.local.authorize.context import (
    Context,
    facts_of_action,
    facts_of_principal,
    facts_of_request,
    requested_region,
)
from infra.local.authorize.covenants import RCP, SCP, Covenants
from infra.local.authorize.documents import (
    Document,
    boundary_document,
    identity_documents,
    root_trust,
    session_documents,
    trust_document,
)
from infra.local.authorize.kinds import Place
from infra.local.authorize.parameters import Mentions
from infra.local.authorize.principals import ANONYMOUS, Principal, find_role
from infra.local.authorize.resource_policies import guarded
from infra.local.authorize.resource_tags import facts_of_tags
from infra.local.authorize.resources import resources_of
from infra.local.call import Call
from infra.local.iam.root_access import ASSUME_ROOT, may_be_assumed
from infra.local.iam.root_user import root_arn

_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+")
ASSUMPTIONS = frozenset({"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"})
"""Actions that the trust policy of a role has to allow."""

_ROOTS_OWN = frozenset(
    {
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes",
    }
)
"""What the root user of a bucket's or queue's account may do whatever its policy says:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about one action on one resource."""

    action: str
    resource: str
    context: Context
    owner: str
    """Account of the resource."""

    because: Because | None
    """None where it is allowed."""


@dataclass(frozen=True)
class Judge:
    """Judges the calls of one principal's request."""

    principal: Principal
    covenants: Covenants

    def verdicts(self, call: Call, request: Request, mentions: Mentions, now: datetime) -> Iterator[Verdict]:
        """One verdict for each action and resource of a request."""
        return self.weigh(call, request.headers, mentions, facts_of_request(request, call, now))

    def weigh(self, call: Call, headers: Headers, mentions: Mentions, about: Context) -> Iterator[Verdict]:
        """The same for a call that need not be a request; `about` is what is known of it besides."""
        place = Place(requested_region(call), self.principal.account, self.principal.arn, self.covenants.arn_of)
        common = {
            **about,
            **facts_of_principal(self.principal),
            **self.covenants.facts_of_principal(self.principal.account),
        }
        for action in actions_of(call, mentions.parameters):
            for resource in resources_of(action, mentions, place):
                facts = {**common, **facts_of_action(action, resource, headers, mentions)}
                if action == "ec2:CreateTags" and call.operation != "CreateTags":
                    facts["ec2:CreateAction"] = call.operation
                yield self.verdict(action, resource, facts)
            if passes_roles(action):
                yield from self._passed_roles(action, mentions, common)

    def _passed_roles(self, action: str, mentions: Mentions, common: Context) -> Iterator[Verdict]:
        facts = {**common, "iam:PassedToService": f"{action.partition(':')[0]}.amazonaws.com"}
        named = [arn for arn in mentions.arns() if _ROLE.fullmatch(arn)]
        for arn in dict.fromkeys([*named, *self._roles_in_profile(action, mentions)]):
            yield self.verdict(PASSING, arn, facts)

    def _roles_in_profile(self, action: str, mentions: Mentions) -> list[str]:
        """The roles in the instance profile that is handed on, or the one that is put into it.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html
        """
        iam = iam_backends[self.principal.account]["aws"] if self.principal.account in iam_backends else None
        if iam is None:
            return []
        if action == "iam:AddRoleToInstanceProfile":
            return [str(role.arn) for role in iam.roles.values() if role.name in mentions.of("RoleName")]
        given = mentions.parameters.get("IamInstanceProfile")
        wanted = set(given.values()) if isinstance(given, Mapping) else set()
        profiles = [each for each in iam.instance_profiles.values() if {each.name, each.arn} & wanted]
        return [str(role.arn) for profile in profiles for role in profile.roles]

    def verdict(self, action: str, resource: str, facts: Context) -> Verdict:
        """About one action on one resource; `facts` are what is known besides the resource itself."""
        owner, policy, decides = self._resource(action, resource)
        tags = {**self.covenants.tags_of(resource), **facts_of_tags(resource)}
        facts = {**facts, **self.covenants.facts_of_resource(owner), **tags}
        if action.startswith("s3:"):
            facts["s3:ResourceAccount"] = owner
        if decides and policy is None:
            return Verdict(action, resource, facts, owner, Because(Kind.RESOURCE, None))
        because = self._because(Question(self.principal.arn, action, resource, facts, owner), policy, decides)
        return Verdict(action, resource, facts, owner, because)

    def _because(self, question: Question, resource: Document | None, decides: bool) -> Because | None:
        decision = authorize(
            question,
            self._grants(resource, decides),
            _levels(self.covenants.levels(self.principal.account, SCP), Kind.SCP),
            _levels(self.covenants.levels(question.resource_account or self.principal.account, RCP), Kind.RCP),
            management_account=self.covenants.organization.management_account_id,
        )
        return decision.because if isinstance(decision, Denied | Unknown) else None

    def _grants(self, resource: Document | None, decides: bool) -> Grants:
        anonymous = self.principal is ANONYMOUS
        boundary = boundary_document(self.principal)
        return Grants(
            identity=() if anonymous else _parsed(identity_documents(self.principal), Kind.IDENTITY),
            boundary=_parse(boundary, Kind.BOUNDARY) if boundary else None,
            session=_parsed(session_documents(self.principal), Kind.SESSION),
            resource=_parse(resource, Kind.RESOURCE) if resource else None,
            resource_decides=decides,
        )

    def _resource(self, action: str, resource: str) -> tuple[str, Document | None, bool]:
        """The account that owns the resource, the resource's own policy, and whether that policy has to allow."""
        if action in ASSUMPTIONS or action == ASSUME_ROOT:
            assumed = _account_in(resource) or self.principal.account
            return assumed, self._trust(action, resource, assumed), True
        found = guarded(resource)
        if found is None:
            return self.principal.account, None, False
        own = self.principal.is_root and found.owner == self.principal.account
        return found.owner, None if own and action in _ROOTS_OWN else found.policy, found.decides

    def _trust(self, action: str, resource: str, owner: str) -> Document | None:
        """Who may assume: of a role its trust policy, of a root user what the organisation has centralised."""
        if self.covenants.is_closed(owner):
            return None
        if action == ASSUME_ROOT:
            assumed = may_be_assumed(owner, self.principal.account, self.principal.arn)
            return root_trust(self.principal.account) if assumed and resource == root_arn(owner) else None
        role = find_role(resource)
        return trust_document(role) if role else None


def _account_in(arn: str) -> str | None:
    account = arn.split(":", 5)[4] if arn.count(":") >= 5 else ""
    return account if account.isdigit() else None


def _parsed(documents: Iterable[Document], kind: Kind) -> tuple[Policy, ...]:
    return tuple(_parse(document, kind) for document in documents)


@lru_cache(maxsize=16_384)
def _parse(document: Document, kind: Kind) -> Policy:
    """Compiled, and compiled once for each text."""
    return parse_policy(document.content, kind, name=document.name)


@lru_cache(maxsize=4_096)
def _levels(levels: tuple[tuple[Document, ...], ...], kind: Kind) -> tuple[tuple[Policy, ...], ...]:
    return tuple(_parsed(level, kind) for level in levels)
