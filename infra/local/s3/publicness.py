"""When a bucket policy or an access control list is public, as Amazon S3 defines the word.

Source: "The meaning of 'public'" in the S3 user guide,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from fnmatch import fnmatchcase
from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock
from moto.s3control.models import s3control_backends
from moto.utilities.utils import get_partition

from infra.local.s3control.models import declared_block

PUBLIC_GROUPS = frozenset(
    {
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    }
)
FIXING_KEYS = frozenset(
    key.lower()
    for key in (
        "aws:SourceArn",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:SourceOwner",
        "aws:SourceAccount",
        "aws:PrincipalOrgID",
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:userid",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:DataAccessPointArn",
        "s3:DataAccessPointAccount",
    )
)
FIXING_OPERATORS = frozenset({"stringequals", "stringlike", "arnequals", "arnlike", "stringequalsignorecase"})
WIDEST_IPV4 = 8
WIDEST_IPV6 = 32


class Access(Flag):
    """The kinds of access a grant can open to everybody."""

    NONE = 0
    READ = auto()
    WRITE = auto()


@dataclass(frozen=True)
class Block:
    """The four switches that hold for a bucket: the strictest of its own and its account's."""

    public_acls: bool = False
    ignore_acls: bool = False
    public_policy: bool = False
    restrict_buckets: bool = False

    @property
    def complete(self) -> bool:
        """All four switches on."""
        return self.public_acls and self.ignore_acls and self.public_policy and self.restrict_buckets

    def __or__(self, other: "Block") -> "Block":
        return Block(
            self.public_acls or other.public_acls,
            self.ignore_acls or other.ignore_acls,
            self.public_policy or other.public_policy,
            self.restrict_buckets or other.restrict_buckets,
        )


def bucket_block(bucket: FakeBucket) -> Block:
    """The bucket's own switches."""
    return _block(bucket.public_access_block)


def account_block(account_id: str, region: str) -> Block:
    """The account's switches, or the organisation's over them; an account that never set them has none on."""
    declared = declared_block(account_id)
    if declared is not None:
        return Block(*[declared] * 4)
    account = dict.get(s3control_backends, account_id)
    backend = dict.get(account, get_partition(region)) if account is not None else None
    return _block(backend.public_access_block if backend is not None else None)


def effective_block(bucket: FakeBucket) -> Block:
    """The switches that hold for a bucket, from whichever side they come."""
    return bucket_block(bucket) | account_block(bucket.account_id, bucket.region_name)


def policy_opens(policy: str | bytes | None) -> Access:
    """What a bucket policy allows to everybody; nothing when there is no policy or it is not JSON."""
    return _merge(statement_opens(statement) for statement in statements(policy))


def statement_opens(statement: Mapping[str, Any]) -> Access:
    """What one statement of a resource policy allows to everybody."""
    if statement.get("Effect") != "Allow" or not is_everybody(statement):
        return Access.NONE
    if _is_fixed(statement.get("Condition") or {}):
        return Access.NONE
    if "NotAction" in statement:
        return Access.READ | Access.WRITE
    return _merge(_action_opens(str(action)) for action in values(statement.get("Action", [])))


def acl_opens(bucket: FakeBucket) -> Access:
    """What the bucket's access control list grants to everybody; ACLs are off where the owner is enforced."""
    if ownership(bucket) == "BucketOwnerEnforced" or bucket.acl is None:
        return Access.NONE
    return _merge(_grant_opens(grant) for grant in bucket.acl.grants)


def ownership(bucket: FakeBucket) -> str | None:
    """The object ownership setting, `None` when it was deleted."""
    rule: Any = bucket.ownership_rule
    if isinstance(rule, Mapping):
        rule = _first(rule)
    return rule if rule is None else str(rule)


def statements(policy: str | bytes | None) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy document, whether it holds one or a list."""
    if not policy:
        return
    try:
        document = json.loads(policy)
    except ValueError:
        return
    listed = document.get("Statement", []) if isinstance(document, dict) else []
    yield from (one for one in values(listed) if isinstance(one, Mapping))


def values(value: Any) -> list[Any]:
    """A policy element that may be one value or a list, always as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def is_everybody(statement: Mapping[str, Any]) -> bool:
    """Whether the principal of a statement is anyone at all."""
    principal = statement.get("Principal")
    named = values(principal.get("AWS", [])) if isinstance(principal, Mapping) else values(principal)
    return "NotPrincipal" in statement or "*" in named


def _block(block: PublicAccessBlock | None) -> Block:
    if block is None:
        return Block()
    return Block(
        bool(block.block_public_acls),
        bool(block.ignore_public_acls),
        bool(block.block_public_policy),
        bool(block.restrict_public_buckets),
    )


def _action_opens(action: str) -> Access:
    verb = action.lower()
    if verb in ("*", "s3:*"):
        return Access.READ | Access.WRITE
    if verb.startswith(("s3:get", "s3:list")) or fnmatchcase("s3:getobject", verb):
        return Access.READ
    return Access.WRITE


def _grant_opens(grant: Any) -> Access:
    if not any(grantee.uri in PUBLIC_GROUPS for grantee in grant.grantees):
        return Access.NONE
    return _merge(_permission_opens(permission) for permission in grant.permissions)


def _permission_opens(permission: str) -> Access:
    if permission == "FULL_CONTROL":
        return Access.READ | Access.WRITE
    return Access.READ if permission.startswith("READ") else Access.WRITE


def _merge(opened: Iterable[Access]) -> Access:
    result = Access.NONE
    for one in opened:
        result |= one
    return result


def _is_fixed(condition: Mapping[str, Any]) -> bool:
    return any(
        _fixes(operator, key, values(value)) for operator, keys in condition.items() for key, value in keys.items()
    )


def _fixes(operator: str, key: str, allowed: list[Any]) -> bool:
    if operator.lower() == "ipaddress" and key.lower() == "aws:sourceip":
        return all(_is_narrow(str(cidr)) for cidr in allowed)
    plain = operator.lower() in FIXING_OPERATORS and key.lower() in FIXING_KEYS
    return plain and not any("*" in str(one) or "?" in str(one) or "${" in str(one) for one in allowed)


def _is_narrow(cidr: str) -> bool:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (WIDEST_IPV4 if network.version == 4 else WIDEST_IPV6)


def _first(rule: Mapping[str, Any]) -> Any:
    rules = values(rule.get("OwnershipControls", rule).get("Rule", []))
    return rules[0].get("ObjectOwnership") if rules else None
