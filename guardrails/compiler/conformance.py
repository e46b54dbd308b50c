"""Config rules as organisation conformance packs: one for each set of OU classes and region, named by content.

A conformance pack of the organisation reaches every account but the excluded ones, whatever its OU. So the rules that
hold in the same classes share a pack, and the accounts in all other OUs are what it excludes. Accounts at the root and
in quarantine are not excluded: they are between classes, will be watched from the first moment in whichever they join,
and to stop watching an account just when it is shut would blind the people who look into it. Who is excluded follows
the accounts' moves on a schedule, without another `apply`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.compiler.packs import PREFIX, content_hash
from guardrails.guardrail import Guardrail, Rule
from vending.core.errors import BadInput

MOST_BYTES = 51_200
"""Of a template in the call itself (botocore's model of PutOrganizationConformancePack)."""
MOST_EXCLUDED = 1_000
"""Accounts that one pack can exclude (botocore's model of PutOrganizationConformancePack)."""
_LONGEST_LIST = 60
"""Characters of the classes in a name; a name has at most 128, of letters, digits and hyphens."""


@dataclass(frozen=True)
class ConformancePack:
    """The rules of a set of classes, in one region."""

    region: str
    ou_classes: tuple[str, ...]
    template: str
    guardrails: tuple[str, ...]
    """Ids of the guardrails that have rules in it."""

    @property
    def name(self) -> str:
        """Another template is another pack: AWS never shows a template again, so its hash is in the name."""
        classes = "-".join(self.ou_classes)
        told = classes if len(classes) <= _LONGEST_LIST else f"{len(self.ou_classes)}-classes-{content_hash(classes)}"
        return f"{PREFIX}-{told}-{content_hash(self.template)}"


def compile_conformance(
    catalogue: Sequence[Guardrail], regions: Sequence[str], ou_classes: Iterable[str]
) -> tuple[ConformancePack, ...]:
    """Every pack, for a company that governs these regions and has these OU classes.

    Raises:
        BadInput: naming the guardrails that deploy the same rule, or a pack that is too long.
    """
    grouped: defaultdict[tuple[str, tuple[str, ...]], list[tuple[Guardrail, Rule]]] = defaultdict(list)
    for guardrail, rule in _rules(catalogue):
        classes = tuple(sorted(set(guardrail.ou_classes) & set(ou_classes)))
        for region in (rule.regions or regions) if classes else ():
            grouped[region, classes].append((guardrail, rule))
    return tuple(_pack(region, classes, rules) for (region, classes), rules in sorted(grouped.items(), key=_place))


def _place(group: tuple[tuple[str, tuple[str, ...]], Any]) -> tuple[str, tuple[str, ...]]:
    return group[0]


def _rules(catalogue: Sequence[Guardrail]) -> Iterator[tuple[Guardrail, Rule]]:
    """Every rule with its guardrail; of two that deploy the same rule to one class the second is refused."""
    owners: dict[tuple[str, str], str] = {}
    for guardrail in sorted(catalogue, key=lambda each: each.id):
        for rule in guardrail.rules:
            for ou_class in guardrail.ou_classes:
                owner = owners.setdefault((ou_class, rule.identifier), guardrail.id)
                if owner != guardrail.id:
                    raise BadInput(
                        f"Guardrails {owner} and {guardrail.id} both deploy {rule.identifier} to {ou_class}.",
                        "Leave it to one of them.",
                    )
            yield guardrail, rule


def _pack(region: str, ou_classes: tuple[str, ...], rules: Sequence[tuple[Guardrail, Rule]]) -> ConformancePack:
    resources = {_logical_id(rule): _resource(rule) for _, rule in rules}
    template = json.dumps({"Resources": resources}, separators=(",", ":"), sort_keys=True)
    named = tuple(sorted({guardrail.id for guardrail, _ in rules}))
    if len(template.encode()) > MOST_BYTES:
        raise BadInput(
            f"Guardrails {', '.join(named)}: their conformance pack has {len(template.encode())} bytes; AWS takes "
            f"{MOST_BYTES}.",
            "Give some of them other OU classes, or fewer parameters.",
        )
    return ConformancePack(region, ou_classes, template, named)


def _logical_id(rule: Rule) -> str:
    return "".join(word.capitalize() for word in rule.identifier.split("_"))


def _resource(rule: Rule) -> Mapping[str, Any]:
    properties: dict[str, Any] = {
        "ConfigRuleName": rule.identifier.lower().replace("_", "-"),
        "Source": {"Owner": "AWS", "SourceIdentifier": rule.identifier},
    }
    if rule.parameters:
        properties["InputParameters"] = dict(rule.parameters)
    return {"Type": "AWS::Config::ConfigRule", "Properties": properties}
