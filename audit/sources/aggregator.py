"""What the Config aggregator answers: sources, rules, results, resources. AWS documents no rate for its calls."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from audit.calls import Calls
from audit.finding import ACCOUNT_TYPE, Cell, Observation, State
from vending.core.clock import to_text

PAGE = 100
RULES_PAGE = 1000
GROUPS_PAGE = 500
"""Rows of a page of groups when no limit is named (SelectAggregateResourceConfig, API reference)."""
LONGEST = 4096
"""Characters of an expression (the same)."""
STATES = {"COMPLIANT": State.PASS, "NON_COMPLIANT": State.FAIL, "NOT_APPLICABLE": State.NOT_APPLICABLE}
GLOBAL_TYPES = "AWS::IAM::"
"""Recorded in one region, whichever region's rule judges them."""
_COLUMNS = (
    "accountId, awsRegion, configurationItemCaptureTime, configuration.targetResourceId, "
    "configuration.targetResourceType, configuration.configRuleList.configRuleName, "
    "configuration.configRuleList.complianceType"
)
Place = tuple[str, str]
"""An account id and a region."""
Resource = tuple[str, str, str, str]
"""Account id, region, type and id."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The state of one rule in one account and region, as the aggregator lists it."""

    cell: Cell
    compliance: str
    count: int | None
    """How many resources make it so; None when AWS does not say or stops counting."""


@dataclass(frozen=True)
class DeployedRule:
    """A rule that Config deploys to every account of the organisation but the management account."""

    identifier: str
    """The managed rule behind it; empty for a custom one."""
    description: str = ""
    parameters: str = ""
    """InputParameters as JSON."""
    scope: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Aggregator:
    """One aggregator of an organisation."""

    calls: Calls
    name: str
    regions: tuple[str, ...]
    """The governed ones: an aggregator may collect from more."""

    def doubtful(self) -> Iterator[Mapping[str, Any]]:
        """The sources whose last update did not succeed."""
        wanted = ["FAILED", "OUTDATED"]
        for page in self._pages("describe_configuration_aggregator_sources_status", UpdateStatus=wanted, Limit=PAGE):
            yield from page["AggregatedSourceStatusList"]

    def rules(self, source: str, **filters: str) -> Iterator[RuleRow]:
        """Every rule that has results, with its state; `filters` are the API's own."""
        narrowed: dict[str, Any] = {"Filters": filters} if filters else {}
        for page in self._pages("describe_aggregate_compliance_by_config_rules", **narrowed, Limit=RULES_PAGE):
            for row in page["AggregateComplianceByConfigRules"]:
                count = row["Compliance"].get("ComplianceContributorCount", {})
                yield RuleRow(
                    Cell(source, row["ConfigRuleName"], row["AccountId"], row["AwsRegion"]),
                    row["Compliance"]["ComplianceType"],
                    None if count.get("CapExceeded") else count.get("CappedCount"),
                )

    def results(self, cell: Cell) -> list[Mapping[str, Any]]:
        """What one rule says of its resources; rows that only ask what would be are left out."""
        where = {"ConfigRuleName": cell.control_id, "AccountId": cell.account_id, "AwsRegion": cell.region}
        pages = self._pages("get_aggregate_compliance_details_by_config_rule", **where, Limit=PAGE)
        rows = (row for page in pages for row in page["AggregateEvaluationResults"])
        return [row for row in rows if _qualifier(row).get("EvaluationMode") != "PROACTIVE"]

    def judged(self, accounts: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Every resource of these accounts that any rule judges, with the list of its rules."""
        listed = ", ".join(f"'{account}'" for account in accounts)
        return self._select(f"SELECT {_COLUMNS} WHERE {self._results} AND accountId IN ({listed})", Limit=PAGE)

    def judged_and_failing(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many resources rules judge in every account, and how many of these fail one."""
        judged, failing = Counter[str](), Counter[str]()
        columns = "accountId, configuration.complianceType"
        for row in self._select(f"SELECT {columns}, COUNT(*) WHERE {self._results} GROUP BY {columns}"):
            count = int(row["COUNT(*)"])
            judged[row["accountId"]] += count
            failing[row["accountId"]] += count if _fails(row) else 0
        return judged, failing

    def judged_places(self, accounts: Collection[str]) -> Iterator[tuple[Place, bool, int]]:
        """The same for the regions of some accounts: a place, whether resources fail there, and how many."""
        columns = "accountId, awsRegion, configuration.complianceType"
        listed = sorted(accounts)
        for start in range(0, len(listed), PAGE):
            some = ", ".join(f"'{account}'" for account in listed[start : start + PAGE])
            where = f"{self._results} AND accountId IN ({some})"
            for row in self._select(f"SELECT {columns}, COUNT(*) WHERE {where} GROUP BY {columns}"):
                yield (row["accountId"], row["awsRegion"]), _fails(row), int(row["COUNT(*)"])

    def changed(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """The resources whose results were captured anew since a moment, as `judged` has them."""
        return self._select(f"SELECT {_COLUMNS} WHERE {self._results} AND {_newer(since)}", Limit=PAGE)

    def known_types(self) -> frozenset[str]:
        """The resource types that the aggregator knows anything of."""
        pages = self._pages("get_aggregate_discovered_resource_counts", GroupByKey="RESOURCE_TYPE")
        return frozenset(group["GroupName"] for page in pages for group in page.get("GroupedResourceCounts", ()))

    def existing(self, resources: Iterable[Resource]) -> set[Resource]:
        """Those of some resources that are still there. Global ones are looked for in every region."""
        asked: dict[Resource, Resource] = {}
        for account, region, kind, name in resources:
            for one in self.regions if kind.startswith(GLOBAL_TYPES) else (region,):
                asked[account, one, kind, name] = (account, region, kind, name)
        found: set[Resource] = set()
        names = list(asked)
        for some in (names[start : start + PAGE] for start in range(0, len(names), PAGE)):
            answer = self.calls.ask(
                "config",
                "batch_get_aggregate_resource_config",
                ConfigurationAggregatorName=self.name,
                ResourceIdentifiers=[_identifier(one) for one in some],
            )
            for item in answer["BaseConfigurationItems"]:
                found.update(asked[one] for one in _wherever(item, self.regions) if one in asked)
        return found

    def captured(self, resources: Iterable[Resource], since: datetime) -> set[Resource]:
        """Those of some resources that changed themselves since a moment: so they are there.

        A listing of all that changed has five times as many to a page as `existing`; where it is longer all the same,
        nothing is listed and the answer is empty.
        """
        wanted = set(resources)
        kinds = ", ".join(f"'{kind}'" for kind in sorted({kind for _, _, kind, _ in wanted}))
        where = f"resourceType IN ({kinds}) AND {_newer(since)}"
        by_name = ceil(len(wanted) / PAGE)
        if by_name <= 2 or len(where) > LONGEST / 2 or ceil(self._count(where) / GROUPS_PAGE) >= by_name:
            return set()
        columns = "accountId, resourceType, resourceId"  # AWS groups by three at most
        found: set[Resource] = set()
        for region in sorted({region for _, region, _, _ in wanted}):
            here = f"awsRegion IN ('{region}', 'global') AND {where}"
            for item in self._select(f"SELECT {columns}, COUNT(*) WHERE {here} GROUP BY {columns}"):
                found.update(_wherever({**item, "awsRegion": region}, self.regions))
        return wanted & found

    def packs(self) -> Iterator[Mapping[str, Any]]:
        """Every conformance pack of every source; deleted ones too, as AWS's reference says."""
        for page in self._pages("describe_aggregate_compliance_by_conformance_packs", Limit=PAGE):
            yield from page["AggregateComplianceByConformancePacks"]

    @property
    def _results(self) -> str:
        regions = ", ".join(f"'{region}'" for region in self.regions)
        return f"resourceType = 'AWS::Config::ResourceCompliance' AND awsRegion IN ({regions})"

    def _count(self, where: str) -> int:
        return sum(int(row["COUNT(*)"]) for row in self._select(f"SELECT COUNT(*) WHERE {where}"))

    def _select(self, expression: str, **params: Any) -> Iterator[Mapping[str, Any]]:
        for page in self._pages("select_aggregate_resource_config", Expression=expression, **params):
            yield from (json.loads(row) for row in page["Results"])

    def _pages(self, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        return self.calls.pages("config", operation, ConfigurationAggregatorName=self.name, **params)


def find_aggregator(calls: Calls, regions: Sequence[str]) -> Aggregator | None:
    """The organisation's aggregator in the home region; None where there is none."""
    for page in calls.pages("config", "describe_configuration_aggregators"):
        for one in page["ConfigurationAggregators"]:
            if "OrganizationAggregationSource" in one:
                return Aggregator(calls, str(one["ConfigurationAggregatorName"]), tuple(regions))
    return None


def read_deployed(calls: Calls, regions: Sequence[str]) -> dict[str, DeployedRule]:
    """The organisation's rules by their names; they are listed in the region they are deployed to."""
    found = {}
    for region in regions:
        for page in calls.pages("config", "describe_organization_config_rules", region):
            for rule in page["OrganizationConfigRules"]:
                about = rule.get("OrganizationManagedRuleMetadata", {})
                scope = {name: value for name, value in about.items() if name.endswith("Scope") and value}
                found[rule["OrganizationConfigRuleName"]] = DeployedRule(
                    about.get("RuleIdentifier", ""),
                    about.get("Description", ""),
                    about.get("InputParameters", ""),
                    scope,
                )
    return found


def observe(row: Mapping[str, Any]) -> Observation:
    """A row of a rule's results as an observation."""
    about = _qualifier(row)
    recorded: datetime = row.get("ResultRecordedTime") or row["EvaluationResultIdentifier"]["OrderingTimestamp"]
    state, reason, strange = judge(row["ComplianceType"], row.get("Annotation") or "")
    return Observation(about["ResourceId"], about["ResourceType"], state, reason, recorded, strange=strange)


def judge(compliance: str, annotation: str) -> tuple[State, str, bool]:
    """A state, its reason, and whether Config's word for it has no meaning here."""
    state = STATES.get(compliance)
    if state is None:
        return State.UNKNOWN, f"Config answered {compliance} for this resource, which has no meaning here.", True
    return state, annotation, False


def can_be_gone(resource_type: str) -> bool:
    """Whether a resource of this type can be looked for: an account as a whole is no configuration item."""
    return resource_type != ACCOUNT_TYPE


def _identifier(resource: Resource) -> dict[str, str]:
    account, region, kind, name = resource
    return {"SourceAccountId": account, "SourceRegion": region, "ResourceType": kind, "ResourceId": name}


def _wherever(item: Mapping[str, Any], regions: Sequence[str]) -> Iterator[Resource]:
    """An item as a resource; a global one in every region: it may name its region `global`."""
    account, kind, name = item["accountId"], item["resourceType"], item["resourceId"]
    yield account, item["awsRegion"], kind, name
    if kind.startswith(GLOBAL_TYPES):
        yield from ((account, region, kind, name) for region in regions)


def _fails(row: Mapping[str, Any]) -> bool:
    return bool(row["configuration"]["complianceType"] == "NON_COMPLIANT")


def _newer(since: datetime) -> str:
    return f"configurationItemCaptureTime >= '{to_text(since)}'"


def _qualifier(row: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = row["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    return found
