"""Tag policies, as far as Organizations enforces them on what it tags itself: roots, OUs, accounts and policies.

Which resource types support enforcement:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from infra.local.organizations.entities import Policy, Target, TargetType
from infra.local.organizations.organization import Organization
from infra.local.organizations.refusals import constraint

TAG_POLICY = "TAG_POLICY"
RESOURCE_TYPES = {
    TargetType.ACCOUNT: "organizations:account",
    TargetType.ORGANIZATIONAL_UNIT: "organizations:ou",
    TargetType.ROOT: "organizations:root",
}
POLICY = "organizations:policy"


@dataclass(slots=True)
class TagRule:
    """What the effective policy says of one key."""

    key: str = ""
    """As it has to be written."""
    values: list[str] | None = None
    """Those allowed, `*` standing for any letters; None where any is."""
    enforced_for: list[str] = field(default_factory=list)

    def binds(self, resource_type: str) -> bool:
        """Whether a tag against it is refused on that type."""
        service = resource_type.partition(":")[0]
        return not {resource_type, f"{service}:*", f"{service}:ALL_SUPPORTED"}.isdisjoint(self.enforced_for)

    def allows(self, key: str, value: str) -> bool:
        """Whether a tag of this key, in whatever case, is written and valued as it has to be."""
        return key == self.key and (self.values is None or any(fnmatchcase(value, one) for one in self.values))


def check_tag_policy(organization: Organization, resource_type: str, tags: Mapping[str, str]) -> None:
    """Refuse tags that the policy of the management account, which owns what Organizations tags, does not allow.

    Raises:
        Refusal: ConstraintViolationException with the Reason TAG_POLICY_VIOLATION.
    """
    if TAG_POLICY not in organization.root.policy_types:
        return
    rules = effective_rules(organization.management_account)
    for key, value in tags.items():
        rule = rules.get(key.lower())
        if rule is not None and rule.binds(resource_type) and not rule.allows(key, value):
            raise constraint(
                "TAG_POLICY_VIOLATION",
                "You attempted to create or update a resource with tags that are not compliant with the tag policy"
                " requirements for this account.",
            )


def effective_rules(target: Target) -> dict[str, TagRule]:
    """What applies to an account, by key in lower case: from the root down, each level over the one above."""
    rules: dict[str, TagRule] = {}
    for level in target.lineage():
        for policy in _tag_policies(level.policies):
            for name, entry in json.loads(policy.content)["tags"].items():
                _merge(rules.setdefault(name.lower(), TagRule()), name, entry)
    return rules


def _tag_policies(policies: Iterable[Policy]) -> list[Policy]:
    return [policy for policy in policies if policy.type == TAG_POLICY]


def _merge(rule: TagRule, name: str, entry: Mapping[str, Any]) -> None:
    rule.key = str(entry.get("tag_key", {}).get("@@assign", rule.key or name))
    if "tag_value" in entry:
        rule.values = _combined(rule.values or [], entry["tag_value"])
    rule.enforced_for = _combined(rule.enforced_for, entry.get("enforced_for", {}))


def _combined(above: list[str], operators: Mapping[str, Any]) -> list[str]:
    """A list after the operators of a lower level: @@assign, @@append, @@remove."""
    assigned = list(operators.get("@@assign", above))
    removed = operators.get("@@remove", [])
    return [one for one in [*assigned, *operators.get("@@append", [])] if one not in removed]
