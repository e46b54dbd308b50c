"""The policies of a caller, read from moto's IAM: what it is allowed to do, and how far that may go."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from moto.iam.models import Group, ManagedPolicy, Role, User, iam_backends
from moto.s3.models import FakeBucket

from infra.local.authorize.principals import Principal

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
_NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@dataclass(frozen=True, slots=True)
class Document:
    """One policy document, and the name that a denial by it gives it."""

    name: str
    """ARN of a managed policy; empty for an inline one, which has none."""

    content: str


def identity_documents(principal: Principal) -> list[Document]:
    """Inline and managed policies of the role or user, and of the user's groups."""
    holder = principal.holder
    if holder is None:
        return [Document(ADMINISTRATOR_ACCESS, _EVERYTHING)] if principal.is_administrator else []
    found = list(_documents(holder))
    if isinstance(holder, User):
        for group in iam_backends[principal.account]["aws"].get_groups_for_user(holder.name):
            found += _documents(group)
    return found


def boundary_document(principal: Principal) -> Document | None:
    """The permissions boundary, if there is one; where its policy is gone, one that allows nothing."""
    arn = getattr(principal.holder, "permissions_boundary_arn", None)
    if arn is None:
        return None
    return _managed(principal.account, arn)


def session_documents(principal: Principal) -> list[Document]:
    """The session policies that were passed when the role was assumed; of a root session its task policy.

    The managed ones count as they are now: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    session = principal.session
    if session is None:
        return []
    own = [Document("", session.policy)] if session.policy else []
    return own + [_managed(principal.account, arn) for arn in session.origin.policies]


def _managed(account: str, arn: str) -> Document:
    policy = iam_backends[account]["aws"].managed_policies.get(arn)
    return Document(arn, _current(policy) if policy else _NOTHING)


def trust_document(role: Role) -> Document:
    """Who may assume the role."""
    return Document("", role.assume_role_policy_document)


def root_trust(account: str) -> Document:
    """What centralised root access comes to: as if each member's root trusted that account of the organisation."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRoot", "Resource": "*"}
    return Document("", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def bucket_document(bucket: FakeBucket) -> Document | None:
    """The policy of a bucket, if it has one."""
    policy = bucket.policy
    if not policy:
        return None
    return Document("", policy.decode() if isinstance(policy, bytes) else policy)


def _documents(holder: Role | User | Group) -> Iterator[Document]:
    yield from (Document("", content) for content in holder.policies.values())
    yield from (Document(policy.arn, _current(policy)) for policy in holder.managed_policies.values())


def _current(policy: ManagedPolicy) -> str:
    return next(str(version.document) for version in policy.versions if version.is_default)
