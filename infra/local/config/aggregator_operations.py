"""Config's operations on what an aggregator collects."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult

from infra.local.config.aggregation import Aggregation, RuleState, matches, open_aggregation
from infra.local.config.discovery import answer_query, describe, discover
from infra.local.config.inventory import COLLECTORS, Item
from infra.local.config.operations import (
    ConfigOperations,
    cap,
    describe_compliance,
    describe_result,
    resource_key,
)
from infra.local.config.organization import administered_by
from infra.local.config.page import listed, page_size, position, read_page
from infra.local.config.place import Place
from infra.local.config.query import parse
from infra.local.config.rule import Compliance
from infra.local.config.source import SourceState
from infra.local.service import Refusal


class AggregatorOperations(ConfigOperations):
    """Rules and resources of every source of an aggregator."""

    def put_configuration_aggregator(self) -> str:
        """Create or change an aggregator; over an organisation only for those who speak for it."""
        if self.params.get("OrganizationAggregationSource"):
            administered_by(self.current_account)
        made = super().put_configuration_aggregator()
        self.config_backend.stamp_aggregator(self.params["ConfigurationAggregatorName"])
        return made

    def describe_configuration_aggregator_sources_status(self) -> ActionResult:
        """How the last collection from each source went."""
        aggregation = self.aggregation()
        wanted = self.params.get("UpdateStatus")
        rows = [
            ((one["SourceType"], one["SourceId"], one["AwsRegion"]), one)
            for one in _source_states(aggregation)
            if not wanted or one["LastUpdateStatus"] in wanted
        ]
        return self.page("AggregatedSourceStatusList", rows, 100, 100)

    def describe_aggregate_compliance_by_config_rules(self) -> ActionResult:
        """The state of each rule of each source; rules without results are left out."""
        aggregation = self.aggregation()
        token, size = self.params.get("NextToken"), page_size(self.params.get("Limit"), 1000, 1000)
        candidates = aggregation.candidates(self.params.get("Filters") or {}, position(token, self.params))
        page = self.read(candidates, size)
        rows = [_rule_state(one) for one in page.items]
        return ActionResult({"AggregateComplianceByConfigRules": rows, "NextToken": page.token})

    def get_aggregate_compliance_details_by_config_rule(self) -> ActionResult:
        """The results of one rule of one source."""
        wanted = self.params.get("ComplianceType")
        if wanted not in (None, Compliance.COMPLIANT, Compliance.NON_COMPLIANT):
            raise Refusal("ValidationException", "ComplianceType must be one of: COMPLIANT, NON_COMPLIANT.")
        aggregation = self.aggregation()
        place = Place(self.params["AccountId"], self.params["AwsRegion"])
        rule = aggregation.find_rule(place, self.params["ConfigRuleName"])
        found = aggregation.evaluations(place, rule) if rule else []
        rows = [
            (resource_key(one), {**describe_result(one), "AccountId": place.account_id, "AwsRegion": place.region})
            for one in found
            if wanted in (None, one.verdict.compliance)
        ]
        return self.page("AggregateEvaluationResults", rows, 50, 100)

    def get_aggregate_config_rule_compliance_summary(self) -> ActionResult:
        """How many rules are compliant and not, by account, by region or in all.

        The members are named after resources but count rules.
        """
        group = self.params.get("GroupByKey")
        counts: dict[str, list[Compliance]] = {}
        for state in self.aggregation().states(self.params.get("Filters") or {}):
            counts.setdefault(group_of(state.place, group), []).append(state.summary.compliance)
        now = self.now
        rows = [
            ((name,), {"GroupName": name, "ComplianceSummary": _summary(found, now)}) for name, found in counts.items()
        ]
        answer = self.page_of("AggregateComplianceCounts", rows, 1000, 1000)
        return ActionResult({**answer, "GroupByKey": group} if group else answer)

    def select_aggregate_resource_config(self) -> ActionResult:
        """Query the configuration items of every source."""
        query = parse(self.params["Expression"])
        asked = self.params.get("MaxResults") or self.params.get("Limit")
        size = page_size(asked, 500 if query.aggregates else 25, 100)
        token, answers = self.params.get("NextToken"), self.config_backend.answers
        if not token or self.params["Expression"] not in answers:
            answers[self.params["Expression"]] = answer_query(self.aggregation(), query, self.now)
        found = answers[self.params["Expression"]]
        rows = [((f"{number:09}",), row) for number, row in enumerate(found)]
        page = read_page(listed(rows), token, size, self.params)
        next_token = page.token if query.pages else None
        if next_token is None:
            del answers[self.params["Expression"]]
        info = {"SelectFields": [{"Name": name} for name in query.fields]}
        return ActionResult({"Results": page.items, "QueryInfo": info, "NextToken": next_token})

    def list_aggregate_discovered_resources(self) -> Any:
        """The resources of one type in every source."""
        filters = self.params.get("Filters") or {}
        found = [
            _identify(item)
            for place in self._places(filters)
            for item in discover(self.aggregation(), place, self.params["ResourceType"])
            if matches(filters, ResourceId=item.resource_id, ResourceName=item.name)
        ]
        rows = [((one["SourceAccountId"], one["SourceRegion"], one["ResourceId"]), one) for one in found]
        return self.page("ResourceIdentifiers", rows, 100, 100)

    def get_aggregate_discovered_resource_counts(self) -> ActionResult:
        """How many resources every source has, by type, account or region."""
        filters = self.params.get("Filters") or {}
        wanted = filters.get("ResourceType")
        aggregation, counts, group = self.aggregation(), Counter[str](), self.params.get("GroupByKey")
        for place in self._places(filters):
            for resource_type in [wanted] if wanted else COLLECTORS:
                name = {"ACCOUNT_ID": place.account_id, "AWS_REGION": place.region}.get(group or "", resource_type)
                counts[name] += len(list(discover(aggregation, place, resource_type)))
        rows = [((name,), {"GroupName": name, "ResourceCount": count}) for name, count in counts.items() if count]
        groups = self.page_of("GroupedResourceCounts", rows if group else [], 1000, 1000)
        return ActionResult({**groups, "TotalDiscoveredResources": counts.total(), "GroupByKey": group})

    def get_aggregate_resource_config(self) -> ActionResult:
        """The configuration item of one resource."""
        item = self._find(self.params["ResourceIdentifier"])
        if item is None:
            raise Refusal("ResourceNotDiscoveredException", "The resource is not discovered by AWS Config.")
        now = self.now
        return ActionResult({"ConfigurationItem": {**_configuration_item(item, now), "tags": dict(item.tags)}})

    def batch_get_aggregate_resource_config(self) -> Any:
        """The configuration items of up to a hundred resources: without tags, and without those that are gone."""
        now, asked = self.now, self.params["ResourceIdentifiers"]
        found = [item for one in asked if (item := self._find(one)) is not None]
        known = {(item.place.account_id, item.place.region, item.resource_type, item.resource_id) for item in found}
        names = ("SourceAccountId", "SourceRegion", "ResourceType", "ResourceId")
        return ActionResult(
            {
                "BaseConfigurationItems": [_configuration_item(item, now) for item in found],
                "UnprocessedResourceIdentifiers": [
                    one for one in asked if tuple(one[name] for name in names) not in known
                ],
            }
        )

    def _places(self, filters: Mapping[str, Any]) -> list[Place]:
        return [
            place
            for place in self.aggregation().places
            if matches(filters, AccountId=place.account_id, Region=place.region)
        ]

    def _find(self, identifier: Mapping[str, str]) -> Item | None:
        aggregation = self.aggregation()
        place = Place(identifier["SourceAccountId"], identifier["SourceRegion"])
        if not aggregation.collects(place):
            return None
        held = discover(aggregation, place, identifier["ResourceType"])
        return next((item for item in held if item.resource_id == identifier["ResourceId"]), None)

    def aggregation(self) -> Aggregation:
        """The aggregator that was asked for."""
        return open_aggregation(self.config_backend, self.params["ConfigurationAggregatorName"])


def _identify(item: Item) -> dict[str, str]:
    return {
        "SourceAccountId": item.place.account_id,
        "SourceRegion": item.place.region,
        "ResourceType": item.resource_type,
        "ResourceId": item.resource_id,
        **({"ResourceName": item.name} if item.name else {}),
    }


def _configuration_item(item: Item, now: datetime) -> dict[str, Any]:
    row = dict(describe(item, now))
    del row["tags"]
    return {**row, "configuration": json.dumps(row["configuration"]), "configurationItemCaptureTime": now}


def _rule_state(state: RuleState) -> dict[str, Any]:
    return {
        "ConfigRuleName": state.rule_name,
        "Compliance": describe_compliance(state.summary, always=True),
        "AccountId": state.place.account_id,
        "AwsRegion": state.place.region,
    }


def group_of(place: Place, by: str | None) -> str:
    """What a place is counted under: its account, its region, or all together."""
    return {"ACCOUNT_ID": place.account_id, "AWS_REGION": place.region}.get(by or "", "ALL")


def _summary(found: list[Compliance], now: datetime) -> dict[str, Any]:
    return {
        "CompliantResourceCount": cap(found.count(Compliance.COMPLIANT)),
        "NonCompliantResourceCount": cap(found.count(Compliance.NON_COMPLIANT)),
        "ComplianceSummaryTimestamp": now,
    }


def _source_states(aggregation: Aggregation) -> Iterable[Mapping[str, Any]]:
    now = aggregation.owner.now()
    if aggregation.membership:
        yield {
            "SourceId": aggregation.membership.organization_id,
            "SourceType": "ORGANIZATION",
            "AwsRegion": aggregation.owner.region_name,
            "LastUpdateStatus": SourceState.SUCCEEDED.value,
            "LastUpdateTime": now,
        }
    for place in aggregation.places:
        fault = aggregation.fault(place)
        yield {
            "SourceId": place.account_id,
            "SourceType": "ACCOUNT",
            "AwsRegion": place.region,
            "LastUpdateStatus": (fault.state if fault else SourceState.SUCCEEDED).value,
            "LastUpdateTime": fault.since if fault else now,
            **({"LastErrorCode": fault.error_code} if fault and fault.error_code else {}),
            **({"LastErrorMessage": fault.error_message} if fault and fault.error_message else {}),
        }
