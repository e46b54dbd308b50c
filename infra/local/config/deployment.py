"""Rules that a service keeps in an account: those of the organisation, and those of conformance packs."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ORGANIZATION_SERVICE = "config-multiaccountsetup.amazonaws.com"
PACK_SERVICE = "config-conforms.amazonaws.com"
COPIED = ("Description", "InputParameters", "MaximumExecutionFrequency")


@dataclass(frozen=True)
class KeptRule:
    """A rule that an account has because of something else, and can neither change nor delete."""

    config_rule: Mapping[str, Any]
    """As PutConfigRule takes it."""
    keeper: str
    """The service principal."""
    updated_at: datetime

    @property
    def name(self) -> str:
        """What it is called in the account."""
        return str(self.config_rule["ConfigRuleName"])


@dataclass(frozen=True)
class OrganizationRule:
    """A managed rule that an administrator deploys to every member account of a region."""

    name: str
    arn: str
    suffix: str
    """The eight characters that end the names of its rules in the members."""
    metadata: Mapping[str, Any]
    """OrganizationManagedRuleMetadata as it was put."""
    excluded: frozenset[str]
    updated_at: datetime

    @property
    def member_rule_name(self) -> str:
        """What the rule is called in every member account."""
        return f"OrgConfigRule-{self.name}-{self.suffix}"

    def keep(self) -> KeptRule:
        """The rule a member account gets."""
        scope = {
            "ComplianceResourceTypes": self.metadata.get("ResourceTypesScope"),
            "ComplianceResourceId": self.metadata.get("ResourceIdScope"),
            "TagKey": self.metadata.get("TagKeyScope"),
            "TagValue": self.metadata.get("TagValueScope"),
        }
        config_rule = {
            "ConfigRuleName": self.member_rule_name,
            "Source": {"Owner": "AWS", "SourceIdentifier": self.metadata["RuleIdentifier"]},
            **{key: self.metadata[key] for key in COPIED if self.metadata.get(key)},
            **({"Scope": {key: value for key, value in scope.items() if value}} if any(scope.values()) else {}),
        }
        return KeptRule(config_rule, ORGANIZATION_SERVICE, self.updated_at)


@dataclass(frozen=True)
class ConformancePack:
    """A set of rules that comes and goes as one."""

    name: str
    account_id: str
    region: str
    config_rules: tuple[Mapping[str, Any], ...]
    """The rules of the template, as PutConfigRule takes them."""
    delivery_bucket: str
    parameters: Mapping[str, str]
    updated_at: datetime
    created_by: str | None = None
    """The service principal that put it, None for the account itself."""

    @property
    def pack_id(self) -> str:
        """Stays the same for an account, a region and a name."""
        digest = hashlib.sha256(f"{self.account_id}/{self.region}/{self.name}".encode()).hexdigest()
        return f"conformance-pack-{digest[:9]}"

    @property
    def arn(self) -> str:
        """Of the pack in its account."""
        return f"arn:aws:config:{self.region}:{self.account_id}:conformance-pack/{self.name}/{self.pack_id}"

    def keep(self) -> Iterator[KeptRule]:
        """The rules the account gets; their names end in the id of the pack."""
        for rule in self.config_rules:
            name = f"{rule['ConfigRuleName']}-{self.pack_id}"
            yield KeptRule({**rule, "ConfigRuleName": name}, PACK_SERVICE, self.updated_at)


@dataclass(frozen=True)
class OrganizationPack:
    """A conformance pack that an administrator deploys to every member account of a region."""

    name: str
    arn: str
    suffix: str
    config_rules: tuple[Mapping[str, Any], ...]
    delivery_bucket: str
    parameters: Mapping[str, str]
    excluded: frozenset[str]
    updated_at: datetime

    @property
    def member_pack_name(self) -> str:
        """What the pack is called in every member account."""
        return f"OrgConformsPack-{self.name}-{self.suffix}"

    def deploy(self, account_id: str, region: str) -> ConformancePack:
        """The pack of one member account."""
        return ConformancePack(
            self.member_pack_name,
            account_id,
            region,
            self.config_rules,
            self.delivery_bucket,
            self.parameters,
            self.updated_at,
            ORGANIZATION_SERVICE,
        )
