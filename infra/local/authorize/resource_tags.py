"""The tags that resources have, for `aws:ResourceTag` and what some services call it besides.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
Of buckets nothing is said: their tags count where the owner enabled that, which is not modelled.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.s3.models import FakeKey, s3_backends

from infra.local.authorize.state import GLOBAL, state_of

_ALSO = {"ec2": "ec2:ResourceTag", "iam": "iam:ResourceTag", "secretsmanager": "secretsmanager:ResourceTag"}
"""Services whose own key says the same."""


def facts_of_tags(arn: str) -> dict[str, str | list[str]]:
    """The condition keys of a resource's tags; none where it has none, is not there, or is several."""
    service, region, account, name = (arn.split(":", 5) + [""] * 6)[2:6]
    if service == "s3" and "/" in name and "*" not in name:
        return _of_object(*name.split("/", 1))
    find = _TAGS.get(service)
    state = state_of(service, account, region or GLOBAL) if find and "*" not in arn else None
    if find is None or state is None:
        return {}
    found = find(state, name, arn)
    names = ["aws:ResourceTag", *([_ALSO[service]] if service in _ALSO else [])]
    return {f"{key}/{tag}": value for key in names for tag, value in _pairs(found).items()}


def _of_object(bucket: str, key: str) -> dict[str, str | list[str]]:
    """None where the newest version is a delete marker, which has no tags."""
    partition, account = s3_backends.bucket_accounts.get(bucket, ("aws", None))
    state = s3_backends[account][partition] if account else None
    found = state.buckets[bucket].keys.get(key) if state and bucket in state.buckets else None
    tags = state.tagger.get_tag_dict_for_resource(found.arn) if state and isinstance(found, FakeKey) else {}
    return {f"s3:ExistingObjectTag/{tag}": str(value) for tag, value in tags.items()}


def _pairs(tags: Any) -> dict[str, str]:
    """moto keeps tags as a map or as a list, with keys in either case."""
    if isinstance(tags, Mapping):
        return {str(key): str(value["Value"] if isinstance(value, Mapping) else value) for key, value in tags.items()}
    return {str(_either(tag, "key")): str(_either(tag, "value")) for tag in tags or ()}


def _either(tag: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in tag.items() if key.lower().removeprefix("tag") == name), "")


def _named(things: Iterable[Any], name: str) -> Any:
    return next((thing.tags for thing in things if thing.name == name), None)


def _of_ec2(state: Any, name: str, _: str) -> Any:
    return state.tags.get(name.rpartition("/")[2])


def _of_iam(state: Any, name: str, _: str) -> Any:
    kind, last = name.partition("/")[0], name.rpartition("/")[2]
    things = {"role": state.roles, "user": state.users}.get(kind, {})
    return _named(things.values(), last)


def _of_key(state: Any, name: str, _: str) -> Any:
    return state.tagger.get_tag_dict_for_resource(name.removeprefix("key/"))


def _of_queue(state: Any, name: str, _: str) -> Any:
    return getattr(state.queues.get(name), "tags", None)


def _of_topic(state: Any, _: str, arn: str) -> Any:
    return getattr(state.topics.get(arn), "_tags", None)


def _of_table(state: Any, name: str, _: str) -> Any:
    return getattr(state.tables.get(name.removeprefix("table/").partition("/")[0]), "tags", None)


def _of_secret(state: Any, _: str, arn: str) -> Any:
    return getattr(state.secrets.get(arn), "tags", None)


def _of_function(state: Any, name: str, _: str) -> Any:
    known = state._lambdas._functions.get(name.removeprefix("function:").partition(":")[0])
    return getattr(known.get("latest"), "tags", None) if known else None


def _of_log_group(state: Any, _: str, arn: str) -> Any:
    return state.tagger.get_tag_dict_for_resource(arn.removesuffix(":*"))


_TAGS: dict[str, Callable[[Any, str, str], Any]] = {
    "dynamodb": _of_table,
    "ec2": _of_ec2,
    "iam": _of_iam,
    "kms": _of_key,
    "lambda": _of_function,
    "logs": _of_log_group,
    "secretsmanager": _of_secret,
    "sns": _of_topic,
    "sqs": _of_queue,
}
