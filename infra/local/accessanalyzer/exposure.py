"""What opens a resource to somebody outside the zone of trust: policies of buckets, trust policies of roles.

https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html#what-is-access-analyzer-resource-identification
and access-analyzer-resources.html, read 2026-11-25. A service of AWS as principal is no outsider. Conditions are read
as S3 reads them for "public": one that fixes who calls closes what was open to everybody. The other resource types
that AWS analyses are not looked at.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.s3.models import FakeBucket

from infra.local.config.place import Place
from infra.local.s3.publicness import Access, acl_opens, effective_block, is_everybody, statement_opens, statements
from infra.local.s3.publicness import values as listed

_ACCOUNT = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?(\d{12})(?::.*)?")


@dataclass(frozen=True, slots=True)
class Exposed:
    """A resource that somebody outside can reach."""

    resource: str
    resource_type: str
    account_id: str


def exposed(place: Place, zone: frozenset[str]) -> Iterator[Exposed]:
    """The buckets of one region and the roles of one account that are open to somebody outside `zone`."""
    for bucket in place.buckets:
        if _bucket_opens(bucket, zone):
            yield Exposed(f"arn:aws:s3:::{bucket.name}", "AWS::S3::Bucket", place.account_id)
    for role in sorted(place.iam.roles.values(), key=lambda one: str(one.arn)) if place.iam else ():
        trust = _document(role.assume_role_policy_document)
        if any(_trusts(statement, zone) for statement in statements(trust)):
            yield Exposed(role.arn, "AWS::IAM::Role", place.account_id)


def _bucket_opens(bucket: FakeBucket, zone: frozenset[str]) -> bool:
    block = effective_block(bucket)
    if acl_opens(bucket) is not Access.NONE and not block.ignore_acls:
        return True
    if block.restrict_buckets and any(statement_opens(one) is not Access.NONE for one in statements(bucket.policy)):
        return False
    return any(_grants(statement, zone) for statement in statements(bucket.policy))


def _grants(statement: Mapping[str, Any], zone: frozenset[str]) -> bool:
    """Whether a statement of a resource policy lets somebody outside in."""
    if statement.get("Effect") != "Allow":
        return False
    if is_everybody(statement):
        return statement_opens(statement) is not Access.NONE
    return _names_outsider(statement, zone)


def _trusts(statement: Mapping[str, Any], zone: frozenset[str]) -> bool:
    """Whether a trust policy's statement lets somebody outside assume the role, by account or identity provider."""
    if statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    if isinstance(principal, Mapping) and principal.get("Federated"):
        return True
    return is_everybody(statement) or _names_outsider(statement, zone)


def _names_outsider(statement: Mapping[str, Any], zone: frozenset[str]) -> bool:
    principal = statement.get("Principal")
    named = listed(principal.get("AWS", [])) if isinstance(principal, Mapping) else []
    accounts = (_ACCOUNT.fullmatch(str(one)) for one in named)
    return any(match is not None and match[1] not in zone for match in accounts)


def _document(text: Any) -> str:
    """A trust policy as JSON: moto keeps it as text, sometimes with percent signs."""
    return json.dumps(text) if isinstance(text, Mapping) else unquote(str(text))
