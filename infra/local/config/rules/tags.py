"""The managed rule about tags."""

from collections.abc import Iterator, Mapping

from infra.local.config.inventory import COLLECTORS, collect
from infra.local.config.place import Place
from infra.local.config.rule import ManagedRule, Setting, Trigger, Verdict, judge

MOST_KEYS = 6
TAGGABLE = tuple(name for name in COLLECTORS if name.startswith(("AWS::EC2::", "AWS::RDS::", "AWS::S3::")))
"""The types the rule supports, of those modelled here."""


def judge_required_tags(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Each resource in scope carries every wanted tag, with one of the wanted values where they are given.

    Raises:
        NotImplementedError: for a type in scope that is not modelled.
    """
    for resource_type in setting.resource_types:
        for item in collect(place, resource_type):
            missing = [key for key in _wanted(setting) if not _carries(item.tags, key, _wanted(setting)[key])]
            yield judge(resource_type, item.resource_id, not missing, f"Missing tags: {', '.join(missing)}.")


def _wanted(setting: Setting) -> Mapping[str, list[str]]:
    keys = {number: setting.parameters.get(f"tag{number}Key", "") for number in range(1, MOST_KEYS + 1)}
    return {key: setting.listed(f"tag{number}Value") for number, key in keys.items() if key}


def _carries(tags: Mapping[str, str], key: str, allowed: list[str]) -> bool:
    return key in tags and (not allowed or tags[key] in allowed)


RULES = (ManagedRule("REQUIRED_TAGS", TAGGABLE, Trigger.CHANGE, judge_required_tags),)
