"""Services whose resources are known better than their requests say: by path, by id, by alias, by owner."""

import struct
from collections.abc import Callable, Iterable
from itertools import product

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.kms.utils import _deserialize_ciphertext_blob

from infra.local.authorize.kinds import Kind, Place, arns_of
from infra.local.authorize.parameters import Mentions
from infra.local.authorize.state import state_of
from infra.local.iam.root_user import root_arn


def _organization(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """By id, and only what the request names: a move between two OUs is not about the root."""
    if not kinds:
        return None
    ids = mentions.of(*_ORGANIZATION_IDS)
    return [arn for arn in map(place.organization_arn, ids) if arn is not None]


_ORGANIZATION_IDS = (
    "AccountId",
    "ChildId",
    "DestinationParentId",
    "OrganizationalUnitId",
    "ParentId",
    "PolicyId",
    "ResourceId",
    "RootId",
    "SourceParentId",
    "TargetId",
)


def _account(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """The member account that is named, in the organisation; else the caller's own."""
    if not kinds:
        return None
    named = (place.organization_arn(account) for account in mentions.of("AccountId"))
    found = [arn.replace(":organizations:", ":account:") for arn in named if arn is not None]
    return found or [f"arn:aws:account::{place.account}:account"]


_IAM_NAMES = {
    "role": ("RoleName", "roles"),
    "user": ("UserName", "users"),
    "group": ("GroupName", "groups"),
    "instance-profile": ("InstanceProfileName", "instance_profiles"),
}


def _identity(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """With the path that the role, user, group or profile really has, or will have."""
    kinds, found = tuple(kinds), list[str]()
    of_users_alone = [kind.name for kind in kinds] == ["user"]
    for kind in kinds:
        parameter, collection = _IAM_NAMES.get(kind.name, ("", ""))
        names = mentions.of(parameter) if parameter else []
        if names:
            found += [_with_path(kind, name, collection, mentions, place) for name in names]
        elif of_users_alone and (own := _own_user(mentions, place)):
            found.append(own)
        else:
            found += arns_of(kind, mentions, place)
    return found


def _own_user(mentions: Mentions, place: Place) -> str | None:
    """Whom a call is about that names no user: the owner of the access key it names, else the caller.

    A session of a role is no user; IAM asks it for a name.
    """
    keys = (iam_backends[place.account]["aws"].access_keys.get(key_id) for key_id in mentions.of("AccessKeyId"))
    for key in keys:
        if key is not None:
            user = iam_backends[place.account]["aws"].users.get(key.user_name or "")
            return str(user.arn) if user else root_arn(place.account)
    is_user = ":user/" in place.caller or place.caller == root_arn(place.account)
    return place.caller if is_user else None


def _with_path(kind: Kind, name: str, collection: str, mentions: Mentions, place: Place) -> str:
    things = getattr(iam_backends[place.account]["aws"], collection).values()
    existing = next((thing.arn for thing in things if thing.name == name), None)
    path = (mentions.of("Path") or ["/"])[0].strip("/")
    return existing or kind.fill({kind.placeholders[0]: f"{path}/{name}" if path else name}, place)


def _storage(kinds: Iterable[Kind], mentions: Mentions, _: Place) -> list[str] | None:
    """Buckets and objects, whose ARNs have no account; everything else as usual."""
    names = {kind.name for kind in kinds}
    buckets = [bucket.removeprefix("arn:aws:s3:::") for bucket in mentions.of("Bucket")]
    if "object" in names:
        return [f"arn:aws:s3:::{bucket}/{key}" for bucket in buckets for key in mentions.of("Key") or ["*"]]
    return [f"arn:aws:s3:::{bucket}" for bucket in buckets] if buckets and "bucket" in names else None


def _table(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """Tables by name, also as keys of a batch, and the index where one is read."""
    by_name = {kind.name: kind for kind in kinds}
    if "table" not in by_name:
        return None
    tables = [*mentions.of("TableName"), *mentions.keys_of("RequestItems")]
    indexes = mentions.of("IndexName")
    if "index" in by_name and indexes:
        return [
            by_name["index"].fill({"TableName": table, "IndexName": index}, place)
            for table, index in product(tables, indexes)
        ]
    name = by_name["table"].fill
    return [table if table.startswith("arn:") else name({"TableName": table}, place) for table in tables]


def _target_of_session(kinds: Iterable[Kind], mentions: Mentions, _: Place) -> list[str] | None:
    """The root user that is to be assumed, named by its account or by its ARN."""
    if not any(kind.name == "root-user" for kind in kinds):
        return None
    targets = mentions.of("TargetPrincipal")
    return [root_arn(target) if target.isdigit() else target for target in targets]


def _queue(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """By the account and the name in its address, or by a name and the account said to own it."""
    if not kinds:
        return None
    addresses = [url.split("/")[-2:] for url in (each.rstrip("/") for each in mentions.of("QueueUrl")) if "/" in url]
    owners = mentions.of("QueueOwnerAWSAccountId") or [place.account]
    named = [[owner, name] for owner, name in product(owners, mentions.of("QueueName"))]
    return [f"arn:aws:sqs:{place.region}:{account}:{name}" for account, name in addresses or named] or None


def _key(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """The key itself where an alias is given; what makes or moves an alias is about the alias too.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    if not any(kind.name == "key" for kind in kinds):
        return None
    given = mentions.of("KeyId", "TargetKeyId")
    if not given and (blob := mentions.parameters.get("CiphertextBlob")):
        return sealed_with(blob, place)
    aliases = [f"arn:aws:kms:{place.region}:{place.account}:{name}" for name in mentions.of("AliasName")]
    about_alias = any(kind.name == "alias" for kind in kinds)
    return [key_arn(each, place) for each in given] + (aliases if about_alias else []) or None


def key_arn(given: str, place: Place) -> str:
    """ARN of a key by its id, ARN or alias."""
    prefix = f"arn:aws:kms:{place.region}:{place.account}:"
    arn = given if given.startswith("arn:") else prefix + (given if given.startswith("alias/") else f"key/{given}")
    region, account, name = (arn.split(":", 5) + [""] * 6)[3:6]
    state = state_of("kms", account, region) if name.startswith("alias/") else None
    keys = state.keys.values() if state else ()
    return next((str(key.arn) for key in keys if name in key.aliases), arn)


def sealed_with(blob: bytes, place: Place) -> list[str] | None:
    """The key that a ciphertext names, in whatever account it is; None for what KMS did not seal.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    try:
        key_id = _deserialize_ciphertext_blob(blob).key_id
    except (struct.error, ValueError):
        return None
    own = state_of("kms", place.account, place.region)
    everywhere = (regions.get(place.region) for regions in dict.values(kms_backends))
    for state in (own, *everywhere):
        if state is not None and key_id in state.keys:
            return [str(state.keys[key_id].arn)]
    return None


def _repository(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """In the registry that is named, whose id is its account's."""
    names = mentions.of("repositoryName", "repositoryNames")
    registries = mentions.of("registryId") or [place.account]
    if not kinds or not names:
        return None
    return [f"arn:aws:ecr:{place.region}:{each}:repository/{name}" for each, name in product(registries, names)]


def _secret(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """With the six characters that Secrets Manager put behind the name."""
    given = mentions.of("SecretId")
    if not kinds or not given:
        return None
    state = state_of("secretsmanager", place.account, place.region)
    known = [(each, state.secrets.get(each) if state else None) for each in given]
    made = f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:"
    return [
        str(secret.arn) if secret else each if each.startswith("arn:") else f"{made}{each}-??????"
        for each, secret in known
    ]


def _log_group(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """A group as AWS writes it in its refusals: with the stream that is meant, or none, behind it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    groups = mentions.of("logGroupName")
    if not groups or not any(kind.name in ("log-group", "log-stream") for kind in kinds):
        return None
    streams = mentions.of("logStreamName") or [""]
    head = f"arn:aws:logs:{place.region}:{place.account}:log-group"
    return [f"{head}:{group}:log-stream:{stream}" for group, stream in product(groups, streams)]


def _stack(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """With the id that the stack of that name has, where there is one."""
    names = [name for name in mentions.of("StackName") if not name.startswith("arn:")]
    if not names or not any(kind.name == "stack" for kind in kinds):
        return None
    state = state_of("cloudformation", place.account, place.region)
    known = {stack.name: str(stack.stack_id) for stack in state.stacks.values()} if state else {}
    made = f"arn:aws:cloudformation:{place.region}:{place.account}:stack"
    return [known.get(name, f"{made}/{name}/*") for name in names]


def _sender(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """The identity that a mail is sent from: the address, or the domain where that is what was verified.

    https://docs.aws.amazon.com/ses/latest/dg/sending-authorization-policies.html
    """
    addresses = [text.partition("<")[2].rstrip(">") or text for text in mentions.of("FromEmailAddress", "Source")]
    if not addresses or not any(kind.name == "identity" for kind in kinds):
        return None
    state = state_of("sesv2", place.account, place.region)
    names = state.core_backend.email_identities if state else ()
    chosen = [address if address in names else address.rpartition("@")[2] for address in addresses]
    return [f"arn:aws:ses:{place.region}:{place.account}:identity/{each}" for each in chosen]


Resolver = Callable[[tuple[Kind, ...], Mentions, Place], list[str] | None]

SPECIAL: dict[str, Resolver] = {
    "account": _account,
    "cloudformation": _stack,
    "dynamodb": _table,
    "ecr": _repository,
    "iam": _identity,
    "kms": _key,
    "logs": _log_group,
    "organizations": _organization,
    "s3": _storage,
    "secretsmanager": _secret,
    "ses": _sender,
    "sqs": _queue,
    "sts": _target_of_session,
}
"""Where the ARN says more than the request does. None sends the call the usual way."""
