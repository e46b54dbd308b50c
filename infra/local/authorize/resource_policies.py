"""The policies on resources: of buckets, keys, queues, topics, functions, secrets, repositories, tables and buses.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.s3.models import FakeBucket, s3_backends

from guardrails.evaluator.document import read_json
from infra.local.authorize.documents import Document, bucket_document
from infra.local.authorize.state import state_of


@dataclass(frozen=True, slots=True)
class Guarded:
    """A resource as authorisation sees it."""

    owner: str
    """Account."""

    policy: Document | None
    decides: bool = False
    """Whether its policy has to allow even within its account: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"""


def guarded(arn: str) -> Guarded | None:
    """Who owns a resource that may have a policy, and that policy; None for every other.

    A resource that is not there has an owner by its ARN and no policy, so that nobody from elsewhere gets in.
    """
    service, region, account, name = (arn.split(":", 5) + [""] * 6)[2:6]
    if service == "s3":
        bucket = bucket_named(name.partition("/")[0])
        return Guarded(str(bucket.account_id), bucket_document(bucket)) if bucket else None
    find = _POLICIES.get(service)
    if find is None or not account.isdigit():
        return None
    state = state_of(service, account, region)
    text = find(state, name, arn) if state is not None else None
    is_key = service == "kms" and name.startswith("key/") and text is not None
    return Guarded(account, Document("", text) if text else None, decides=is_key)


def has_policies(service: str) -> bool:
    """Whether resources of that service may let other accounts in, and so are looked for in their owner's."""
    return service in _POLICIES


def bucket_named(name: str) -> FakeBucket | None:
    """The bucket, whoever owns it."""
    partition, account = s3_backends.bucket_accounts.get(name, ("aws", None))
    return s3_backends[account][partition].buckets.get(name) if account else None


def _of_queue(state: Any, name: str, _: str) -> str | None:
    queue = state.queues.get(name)
    return queue.policy or None if queue else None


def _of_topic(state: Any, _: str, arn: str) -> str | None:
    topic = state.topics.get(arn)
    return str(topic.policy) if topic else None


def _of_key(state: Any, name: str, _: str) -> str | None:
    """The key's policy, a text or as a stack gave it, and what its grants add to it."""
    key = state.keys.get(name.removeprefix("key/"))
    if key is None:
        return None
    policy = key.policy if isinstance(key.policy, dict) else read_json(key.policy, "policy")
    statements = policy.get("Statement", [])
    said = statements if isinstance(statements, list) else [statements]
    return json.dumps({**policy, "Statement": [*said, *_grants(key)]})


def _grants(key: Any) -> Iterator[dict[str, Any]]:
    """https://docs.aws.amazon.com/kms/latest/developerguide/grants.html"""
    for grant in key.grants.values():
        within = grant.constraints or {}
        same = {f"kms:EncryptionContext:{k}": v for k, v in within.get("EncryptionContextSubset", {}).items()}
        same |= {f"kms:EncryptionContext:{k}": v for k, v in within.get("EncryptionContextEquals", {}).items()}
        yield {
            "Effect": "Allow",
            "Principal": {"AWS": grant.grantee_principal},
            "Action": [f"kms:{operation}" for operation in grant.operations],
            "Resource": "*",
            **({"Condition": {"StringEquals": same}} if same else {}),
        }


_ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})


def _of_function(state: Any, name: str, _: str) -> str | None:
    """Without what moto leaves in the statement of a stack's permission, and no policy has."""
    known = state._lambdas._functions.get(name.removeprefix("function:").partition(":")[0])
    given = known["latest"].policy.statements if known and known.get("latest") else []
    statements = [{key: value for key, value in one.items() if key in _ELEMENTS} for one in given]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


def _of_secret(state: Any, _: str, arn: str) -> str | None:
    secret = state.secrets.get(arn)
    return getattr(secret, "policy", None)


def _of_repository(state: Any, name: str, _: str) -> str | None:
    repository = state.repositories.get(name.removeprefix("repository/"))
    return repository.policy if repository else None


def _of_table(state: Any, _: str, arn: str) -> str | None:
    policy = state.resource_policies.get(arn.partition("/index/")[0])
    return policy.policy_doc if policy else None


def _of_bus(state: Any, name: str, _: str) -> str | None:
    bus = state.event_buses.get(name.removeprefix("event-bus/"))
    return bus.policy if bus else None


_POLICIES: dict[str, Callable[[Any, str, str], str | None]] = {
    "dynamodb": _of_table,
    "ecr": _of_repository,
    "events": _of_bus,
    "kms": _of_key,
    "lambda": _of_function,
    "secretsmanager": _of_secret,
    "sns": _of_topic,
    "sqs": _of_queue,
}
