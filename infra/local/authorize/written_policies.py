"""A policy that a call puts on a resource is read before it counts: what is none is refused, as AWS does.

Each service has its own code for it: the API references of PutBucketPolicy, PutKeyPolicy, PutResourcePolicy (Secrets
Manager, DynamoDB), SetRepositoryPolicy, SetQueueAttributes and SetTopicAttributes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.evaluator import Kind, parse_policy
from infra.local.call import Call
from infra.local.wire import WireError
from vending.core.errors import BadInput

_CODES = {
    "dynamodb.CreateTable": ("ResourcePolicy", "ValidationException"),
    "dynamodb.PutResourcePolicy": ("Policy", "ValidationException"),
    "ecr.SetRepositoryPolicy": ("policyText", "InvalidParameterException"),
    "events.PutPermission": ("Policy", "ValidationException"),
    "kms.CreateKey": ("Policy", "MalformedPolicyDocumentException"),
    "kms.PutKeyPolicy": ("Policy", "MalformedPolicyDocumentException"),
    "s3.PutBucketPolicy": ("Policy", "MalformedPolicy"),
    "secretsmanager.PutResourcePolicy": ("ResourcePolicy", "MalformedPolicyDocumentException"),
}
"""The parameter that is a policy, and what a bad one is told."""

_ATTRIBUTES = {
    "sns.CreateTopic": "InvalidParameter",
    "sns.SetTopicAttributes": "InvalidParameter",
    "sqs.CreateQueue": "InvalidAttributeValue",
    "sqs.SetQueueAttributes": "InvalidAttributeValue",
}
"""Where a policy is one attribute among others; an empty one takes it away."""


def find_bad_policy(call: Call, parameters: Mapping[str, Any]) -> WireError | None:
    """The refusal of the first policy in a call that is none."""
    for text, code in _written(call, parameters):
        try:
            parse_policy(text.decode("utf-8", "replace") if isinstance(text, bytes) else text, Kind.RESOURCE)
        except BadInput as why:
            return WireError(code, f"The policy is not valid: {why}", 400)
    return None


def _written(call: Call, parameters: Mapping[str, Any]) -> Iterator[tuple[str | bytes, str]]:
    if call.name in _CODES:
        name, code = _CODES[call.name]
        if parameters.get(name) is not None:
            yield parameters[name], code
    elif call.name in _ATTRIBUTES:
        named = {parameters.get("AttributeName"): parameters.get("AttributeValue")}
        policy = {**(parameters.get("Attributes") or {}), **named}.get("Policy")
        if policy:
            yield policy, _ATTRIBUTES[call.name]
