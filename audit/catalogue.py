"""AWS's control catalogue: the titles, severities and framework references of controls and managed rules."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from audit.calls import Calls
from audit.finding import Severity
from guardrails.guardrail import Guardrail, Rule

CONTROL_TOWER_RULE = "AWSControlTower_"
ORGANIZATION = "organization rule: "
PACK = "rule of a pack: "
CONFIG_RULE_TYPE = "AWS::Config::ConfigRule"
_DEPLOYED_NAMES = (
    re.compile(r"^OrgConfigRule-(?P<name>.+)-[a-z0-9]{8}$"),
    re.compile(r"^AWSControlTower_AWS-GR_(?P<name>.+)$"),
    re.compile(r"^securityhub-(?P<name>.+)-[a-z0-9]{6,8}$"),
    re.compile(r"^(?P<name>.+)-conformance-pack-[a-z0-9]+$"),
)
"""How the services that deploy rules decorate their names (their own documentation of deployed rules)."""


@dataclass(frozen=True)
class Entry:
    """One control of the catalogue."""

    arn: str
    title: str
    severity: Severity
    frameworks: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Controls by what refers to them: their ARN, an alias, or the managed rule that implements them."""

    by_control: Mapping[str, Entry] = field(default_factory=dict)
    by_rule: Mapping[str, Entry] = field(default_factory=dict)

    def control(self, identifier: str) -> Entry | None:
        """The control of a Control Tower or catalogue ARN, or of the alias an ARN ends with."""
        return self.by_control.get(identifier) or self.by_control.get(identifier.rsplit("/", 1)[-1])

    def rule(self, identifier: str) -> Entry | None:
        """The control that the managed Config rule `identifier` implements."""
        return self.by_rule.get(identifier)

    def deployed(self, rule_name: str) -> Entry | None:
        """The control for which Control Tower deployed a rule, whose name it carries."""
        return self.by_control.get(rule_name.removeprefix(CONTROL_TOWER_RULE))

    def with_guardrails(self, guardrails: Iterable[Guardrail]) -> "Catalogue":
        """The same, with what the guardrails that deploy rules say of them: their frameworks, and words and a severity
        where AWS has none."""
        ours = {rule.identifier: self._joined(one, rule) for one in guardrails for rule in one.rules}
        return replace(self, by_rule={**self.by_rule, **ours})

    def _joined(self, guardrail: Guardrail, rule: Rule) -> Entry:
        title = f"{rule.expected[:1].upper()}{rule.expected[1:]}"
        known = self.rule(rule.identifier) or Entry(guardrail.id, title, Severity.UNRATED, ())
        if known.severity is Severity.UNRATED and rule.severity:
            known = replace(known, severity=Severity(rule.severity))
        return replace(known, frameworks=tuple(sorted({*known.frameworks, *guardrail.frameworks})))


def read_catalogue(calls: Calls) -> Catalogue:
    """The whole catalogue with its framework mappings.

    Raises:
        AwsFailed: as the control catalogue answers.
    """
    references = _frameworks(calls)
    by_control: dict[str, Entry] = {}
    by_rule: dict[str, Entry] = {}
    for page in calls.pages("controlcatalog", "list_controls", MaxResults=100):
        for control in page["Controls"]:
            entry = _entry(control, references)
            by_control.update(dict.fromkeys((control["Arn"], control["Arn"].rsplit("/", 1)[-1]), entry))
            by_control.update(dict.fromkeys(control.get("Aliases", ()), entry))
            implementation = control.get("Implementation", {})
            if implementation.get("Type") == CONFIG_RULE_TYPE and "Identifier" in implementation:
                by_rule.setdefault(implementation["Identifier"], entry)
    return Catalogue(by_control, by_rule)


def _entry(control: Mapping[str, Any], references: Mapping[str, Iterable[str]]) -> Entry:
    severity = Severity(control["Severity"].lower()) if "Severity" in control else Severity.UNRATED
    return Entry(control["Arn"], control["Name"], severity, tuple(sorted(references.get(control["Arn"], ()))))


def _frameworks(calls: Calls) -> Mapping[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    only_frameworks = {"MappingTypes": ["FRAMEWORK"]}
    for page in calls.pages("controlcatalog", "list_control_mappings", MaxResults=1000, Filter=only_frameworks):
        for mapping in page["ControlMappings"]:
            framework = mapping["Mapping"]["Framework"]
            found[mapping["ControlArn"]].add(f"{framework['Name']} {framework['Item']}")
    return found


def plain_name(rule_name: str) -> str:
    """The name a rule was given, without what a deploying service put around it."""
    matches = (pattern.match(rule_name) for pattern in _DEPLOYED_NAMES)
    return next((match["name"] for match in matches if match), rule_name)


def family_of(rule_name: str) -> str:
    """The same for all rules that one deployment made: the organisation's and packs' end in ids of their own."""
    for service, pattern in (ORGANIZATION, _DEPLOYED_NAMES[0]), (PACK, _DEPLOYED_NAMES[3]):
        if match := pattern.match(rule_name):
            return f"{service}{match['name']}"
    return rule_name


def guess_identifier(rule_name: str) -> str:
    """The managed rule a name most likely stands for: `s3-bucket-ssl` is `S3_BUCKET_SSL`."""
    return plain_name(rule_name).replace("-", "_").upper()
