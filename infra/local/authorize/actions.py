"""Which IAM actions an operation needs.

Nearly always the operation's own name after the service's prefix. Where it is not, the Service Authorization
Reference says so, service by service: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from moto.core.utils import get_service_model
from policy_sentry.shared.iam_data import get_service_prefix_data

from infra.local.authorize.companions import companions
from infra.local.call import Call, is_modelled

_PREFIXES = {
    "cloudcontrol": "cloudformation",
    "cloudwatch": "cloudwatch",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "service-quotas": "servicequotas",
    "sesv2": "ses",
    "sso-admin": "sso",
    "stepfunctions": "states",
}
"""By botocore's name of the service, where the prefix is not the name it signs with."""

_S3 = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

_NAMES: dict[str, dict[str, str]] = {
    "s3": _S3,
    "s3control": {
        "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
        "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
        "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
    },
    "accessanalyzer": {"GetFindingV2": "GetFinding", "ListFindingsV2": "ListFindings"},
    "lambda": {
        "GetLayerVersionByArn": "GetLayerVersion",
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
    },
    "sns": {"PublishBatch": "Publish"},
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
}

_VERSIONED = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
"""S3 asks for another action where the request names a version."""

_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
"""A DynamoDB transaction is authorised item by item."""


_SESSION_PROPERTIES = {"Tags": "TagSession", "SourceIdentity": "SetSourceIdentity"}
"""What a session is given besides the role, and what that takes:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html"""


@cache
def prefix_of(service: str) -> str:
    """The service's prefix in IAM: `s3` for S3 Control, `elasticloadbalancing` for a load balancer."""
    if service in _PREFIXES or not is_modelled(service):
        return _PREFIXES.get(service, service)
    return str(get_service_model(service).signing_name)


def actions_of(call: Call, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The actions the call needs, all of them; an operation that nobody knows needs the action of its name."""
    prefix = prefix_of(call.service)
    names = (*_names(call, parameters), *companions(call, prefix, parameters))
    return tuple(dict.fromkeys(f"{prefix}:{name}" for name in names))


PASSING = "iam:PassRole"
_PASSES_TOO = frozenset(
    {
        "cloudformation:CreateChangeSet",
        "cloudformation:CreateStack",
        "cloudformation:DeleteStack",
        "cloudformation:UpdateStack",
        "events:PutTargets",
    }
)
"""Actions that hand a role to a service without the reference saying so."""


@cache
def passes_roles(action: str) -> bool:
    """Whether a caller who names a role with this action also needs `iam:PassRole` on it."""
    prefix, _, name = action.partition(":")
    data = get_service_prefix_data(prefix)
    types = data["privileges"].get(name, {}).get("resource_types", {}) if data else {}
    return action in _PASSES_TOO or any(PASSING in about["dependent_actions"] for about in types.values())


def _names(call: Call, parameters: Mapping[str, Any]) -> Iterator[str]:
    if call.service == "dynamodb" and call.operation in ("TransactWriteItems", "TransactGetItems"):
        for item in parameters.get("TransactItems") or ():
            yield from (_TRANSACTION[kind] for kind in item if kind in _TRANSACTION)
    elif call.service == "dynamodb" and (verbs := partiql_verbs(parameters)):
        yield from (f"PartiQL{verb.capitalize()}" for verb in verbs)
    elif call.name == "kms.ReEncrypt":
        yield from ("ReEncryptFrom", "ReEncryptTo")
    elif call.name == "s3.DeleteObjects":
        objects: Sequence[Mapping[str, Any]] = (parameters.get("Delete") or {}).get("Objects") or ({},)
        yield from ("DeleteObjectVersion" if each.get("VersionId") else "DeleteObject" for each in objects)
    elif call.service == "budgets":
        yield "ViewBudget" if call.operation.startswith("Describe") else _budget_change(call.operation)
    elif call.name == "sts.AssumeRole":
        yield call.operation
        yield from (action for given, action in _SESSION_PROPERTIES.items() if parameters.get(given))
    elif call.service == "apigateway":
        yield _rest_verb(call)
    else:
        name = _NAMES.get(call.service, {}).get(call.operation, call.operation)
        versioned = call.service == "s3" and parameters.get("VersionId")
        yield _VERSIONED.get(name, name) if versioned else name


def partiql(parameters: Mapping[str, Any]) -> list[str]:
    """The statements of a call in PartiQL, alone or in a batch or transaction."""
    batch = (*(parameters.get("Statements") or ()), *(parameters.get("TransactStatements") or ()))
    return [str(each["Statement"]) for each in (parameters, *batch) if each.get("Statement")]


def partiql_verbs(parameters: Mapping[str, Any]) -> list[str]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html"""
    verbs = [(text.split() or [""])[0].lower() for text in partiql(parameters)]
    return [verb for verb in dict.fromkeys(verbs) if verb in ("select", "insert", "update", "delete")]


def _budget_change(operation: str) -> str:
    known = get_service_prefix_data("budgets")["privileges"]
    return operation if operation in known else "ModifyBudget"


def _rest_verb(call: Call) -> str:
    """API Gateway's actions are the methods of HTTP."""
    model = get_service_model("apigateway")
    known = call.operation in model.operation_names
    return str(model.operation_model(call.operation).http["method"]) if known else call.operation
