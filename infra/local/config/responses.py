"""Config's operations: moto's where they are right, ours for evaluations, organisation rules and the aggregator."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from moto.config.models import ConfigRule, config_backends
from moto.config.responses import ConfigResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from infra.local.config.aggregation import Aggregation, RuleState, matches, open_aggregation
from infra.local.config.discovery import answer_query, describe, discover
from infra.local.config.inventory import COLLECTORS, Item
from infra.local.config.ledger import Evaluation, Summary, summarise
from infra.local.config.models import LocalConfigBackend
from infra.local.config.organization import administered_by
from infra.local.config.page import listed, page_size, read_page
from infra.local.config.place import Place
from infra.local.config.query import parse
from infra.local.config.rule import Compliance
from infra.local.config.source import SourceState
from infra.local.service import Refusal, ServiceResponse, Violation

RULE_CAP = 25
"""Counts of rules, and of the resources behind a rule, stop here and say so.

https://docs.aws.amazon.com/config/latest/APIReference/API_ComplianceSummary.html
"""
Rows = Iterable[tuple[tuple[str, ...], Any]]
RECORDER_STATES = {"PENDING": "Pending", "SUCCESS": "Success", "FAILURE": "Failure"}


class LocalConfigResponse(ServiceResponse, ConfigResponse):
    """Answers a call to Config."""

    service: ClassVar[str] = "config"

    def __init__(self) -> None:
        BaseResponse.__init__(self, service_name=self.service)
        self.automated_parameter_parsing = True

    @property
    def config_backend(self) -> LocalConfigBackend:
        """Config of the caller's account in the region called."""
        backend = config_backends[self.current_account][self.region]
        assert isinstance(backend, LocalConfigBackend)
        return backend

    def invalid(self, violation: Violation) -> ServiceException:
        """Limits have an error of their own; the rest is a ValidationException."""
        if violation.path in ("Limit", "MaxResults"):
            return Refusal("InvalidLimitException", violation.sentence)
        return super().invalid(violation)

    def put_configuration_aggregator(self) -> str:
        """Create or change an aggregator; over an organisation only for those who speak for it."""
        if self.params.get("OrganizationAggregationSource"):
            administered_by(self.current_account)
        made = super().put_configuration_aggregator()
        self.config_backend.stamp_aggregator(self.params["ConfigurationAggregatorName"])
        return made

    def describe_configuration_recorder_status(self) -> Any:
        """Whether the account records in this region."""
        names = self.params.get("ConfigurationRecorderNames") or []
        found = self.config_backend.describe_configuration_recorder_status(names)
        for one in found:
            if "lastStatus" in one:
                one["lastStatus"] = RECORDER_STATES.get(one["lastStatus"], one["lastStatus"])
        return ActionResult({"ConfigurationRecordersStatus": found})

    def describe_config_rules(self) -> Any:
        """The rules in force, those of the organisation among them."""
        rules = self._named_rules(self.params.get("ConfigRuleNames"))
        if (self.params.get("Filters") or {}).get("EvaluationMode") == "PROACTIVE":
            rules = []
        return self._page("ConfigRules", [((str(one.config_rule_name),), _describe_rule(one)) for one in rules], 25, 25)

    def describe_compliance_by_config_rule(self) -> ActionResult:
        """The state of each rule of the account in this region."""
        wanted = self.params.get("ComplianceTypes")
        rows = []
        for rule in self._named_rules(self.params.get("ConfigRuleNames")):
            summary = summarise(self.config_backend.read(rule))
            if not wanted or summary.compliance in wanted:
                name = str(rule.config_rule_name)
                rows.append(((name,), {"ConfigRuleName": name, "Compliance": _compliance(summary, False)}))
        return self._page("ComplianceByConfigRules", rows, 25, 25)

    def get_compliance_details_by_config_rule(self) -> ActionResult:
        """The results of one rule of the account in this region."""
        (rule,) = self._named_rules([self.params["ConfigRuleName"]])
        wanted = self.params.get("ComplianceTypes")
        found = [one for one in self.config_backend.read(rule) if not wanted or one.verdict.compliance in wanted]
        return self._page("EvaluationResults", [(_key(one), _result(one)) for one in found], 10, 100)

    def describe_config_rule_evaluation_status(self) -> ActionResult:
        """When each rule ran: always just now, because results are made when they are read."""
        now = self.cloud.clock.now()
        rows = [
            ((str(rule.config_rule_name),), _evaluation_status(rule, now))
            for rule in self._named_rules(self.params.get("ConfigRuleNames"))
        ]
        return self._page("ConfigRulesEvaluationStatus", rows, 50, 50)

    def start_config_rules_evaluation(self) -> ActionResult:
        """Run rules now."""
        for rule in self._named_rules(self.params["ConfigRuleNames"]):
            self.config_backend.read(rule)
        return EmptyResult()

    def put_organization_config_rule(self) -> ActionResult:
        """Deploy a managed rule to the members of the organisation in this region."""
        administered_by(self.current_account)
        metadata = self.params.get("OrganizationManagedRuleMetadata")
        if metadata is None:
            raise NotImplementedError("organisation rules of one's own code are not modelled")
        rule = self.config_backend.put_organization_rule(
            self.params["OrganizationConfigRuleName"], metadata, self.params.get("ExcludedAccounts") or []
        )
        return ActionResult({"OrganizationConfigRuleArn": rule.arn})

    def delete_organization_config_rule(self) -> ActionResult:
        """Take a rule of the organisation back from every member."""
        administered_by(self.current_account)
        self.config_backend.find_organization_rules([self.params["OrganizationConfigRuleName"]])
        del self.config_backend.organization_rules[self.params["OrganizationConfigRuleName"]]
        return EmptyResult()

    def describe_organization_config_rules(self) -> ActionResult:
        """The rules of the organisation that were put in this account and region."""
        administered_by(self.current_account)
        rules = self.config_backend.find_organization_rules(self.params.get("OrganizationConfigRuleNames"))
        rows = [
            (
                (rule.name,),
                {
                    "OrganizationConfigRuleName": rule.name,
                    "OrganizationConfigRuleArn": rule.arn,
                    "OrganizationManagedRuleMetadata": dict(rule.metadata),
                    "ExcludedAccounts": sorted(rule.excluded),
                    "LastUpdateTime": rule.updated_at,
                },
            )
            for rule in rules
        ]
        return self._page("OrganizationConfigRules", rows, 100, 100)

    def describe_organization_config_rule_statuses(self) -> ActionResult:
        """How the deployment of each rule of the organisation went."""
        administered_by(self.current_account)
        rules = self.config_backend.find_organization_rules(self.params.get("OrganizationConfigRuleNames"))
        rows = [
            (
                (rule.name,),
                {
                    "OrganizationConfigRuleName": rule.name,
                    "OrganizationRuleStatus": "CREATE_SUCCESSFUL",
                    "LastUpdateTime": rule.updated_at,
                },
            )
            for rule in rules
        ]
        return self._page("OrganizationConfigRuleStatuses", rows, 100, 100)

    def get_organization_config_rule_detailed_status(self) -> ActionResult:
        """How the deployment of a rule went in each member: it fails where there is no recorder."""
        membership = administered_by(self.current_account)
        (rule,) = self.config_backend.find_organization_rules([self.params["OrganizationConfigRuleName"]])
        filters = self.params.get("Filters") or {}
        rows = []
        for account_id in membership.members:
            status = self.config_backend.member_rule_status(rule, account_id)
            wanted = matches(filters, AccountId=account_id, MemberAccountRuleStatus=status["MemberAccountRuleStatus"])
            if account_id not in rule.excluded and wanted:
                rows.append(((account_id,), status))
        return self._page("OrganizationConfigRuleDetailedStatus", rows, 100, 100)

    def describe_configuration_aggregator_sources_status(self) -> ActionResult:
        """How the last collection from each source went."""
        aggregation = self._aggregation()
        wanted = self.params.get("UpdateStatus")
        rows = [
            ((one["SourceType"], one["SourceId"], one["AwsRegion"]), one)
            for one in _source_states(aggregation)
            if not wanted or one["LastUpdateStatus"] in wanted
        ]
        return self._page("AggregatedSourceStatusList", rows, 100, 100)

    def describe_aggregate_compliance_by_config_rules(self) -> ActionResult:
        """The state of each rule of each source; rules without results are left out."""
        aggregation = self._aggregation()
        candidates = aggregation.candidates(self.params.get("Filters") or {})
        size = page_size(self.params.get("Limit"), 1000, 1000)
        page = read_page(candidates, self.params.get("NextToken"), size, self.params)
        rows = [_rule_state(one) for one in page.items]
        return ActionResult({"AggregateComplianceByConfigRules": rows, "NextToken": page.token})

    def get_aggregate_compliance_details_by_config_rule(self) -> ActionResult:
        """The results of one rule of one source."""
        wanted = self.params.get("ComplianceType")
        if wanted not in (None, Compliance.COMPLIANT, Compliance.NON_COMPLIANT):
            raise Refusal("ValidationException", "ComplianceType must be one of: COMPLIANT, NON_COMPLIANT.")
        aggregation = self._aggregation()
        place = Place(self.params["AccountId"], self.params["AwsRegion"])
        rule = aggregation.find_rule(place, self.params["ConfigRuleName"])
        found = aggregation.evaluations(place, rule) if rule else []
        rows = [
            (_key(one), {**_result(one), "AccountId": place.account_id, "AwsRegion": place.region})
            for one in found
            if wanted in (None, one.verdict.compliance)
        ]
        return self._page("AggregateEvaluationResults", rows, 50, 100)

    def get_aggregate_config_rule_compliance_summary(self) -> ActionResult:
        """How many rules are compliant and not, by account, by region or in all.

        The members are named after resources but count rules.
        """
        group = self.params.get("GroupByKey")
        counts: dict[str, list[Compliance]] = {}
        for state in self._aggregation().states(self.params.get("Filters") or {}):
            counts.setdefault(_group(state.place, group), []).append(state.summary.compliance)
        now = self.cloud.clock.now()
        rows = [
            ((name,), {"GroupName": name, "ComplianceSummary": _summary(found, now)}) for name, found in counts.items()
        ]
        answer = self._page_of("AggregateComplianceCounts", rows, 1000, 1000)
        return ActionResult({**answer, "GroupByKey": group} if group else answer)

    def select_aggregate_resource_config(self) -> ActionResult:
        """Query the configuration items of every source."""
        query = parse(self.params["Expression"])
        asked = self.params.get("MaxResults") or self.params.get("Limit")
        size = page_size(asked, 500 if query.aggregates else 25, 100)
        found = answer_query(self._aggregation(), query, self.cloud.clock.now())
        rows = [((f"{number:09}",), row) for number, row in enumerate(found)]
        page = read_page(listed(rows), self.params.get("NextToken"), size, self.params)
        info = {"SelectFields": [{"Name": name} for name in query.fields]}
        return ActionResult({"Results": page.items, "QueryInfo": info, "NextToken": page.token})

    def list_aggregate_discovered_resources(self) -> Any:
        """The resources of one type in every source."""
        filters = self.params.get("Filters") or {}
        found = [
            _identify(item)
            for place in self._places(filters)
            for item in discover(self._aggregation(), place, self.params["ResourceType"])
            if matches(filters, ResourceId=item.resource_id, ResourceName=item.name)
        ]
        rows = [((one["SourceAccountId"], one["SourceRegion"], one["ResourceId"]), one) for one in found]
        return self._page("ResourceIdentifiers", rows, 100, 100)

    def get_aggregate_discovered_resource_counts(self) -> ActionResult:
        """How many resources every source has, by type, account or region."""
        filters = self.params.get("Filters") or {}
        wanted = filters.get("ResourceType")
        aggregation, counts, group = self._aggregation(), Counter[str](), self.params.get("GroupByKey")
        for place in self._places(filters):
            for resource_type in [wanted] if wanted else COLLECTORS:
                name = {"ACCOUNT_ID": place.account_id, "AWS_REGION": place.region}.get(group or "", resource_type)
                counts[name] += len(list(discover(aggregation, place, resource_type)))
        rows = [((name,), {"GroupName": name, "ResourceCount": count}) for name, count in counts.items() if count]
        groups = self._page_of("GroupedResourceCounts", rows if group else [], 1000, 1000)
        return ActionResult({**groups, "TotalDiscoveredResources": counts.total(), "GroupByKey": group})

    def get_aggregate_resource_config(self) -> ActionResult:
        """The configuration item of one resource."""
        item = self._find(self.params["ResourceIdentifier"])
        if item is None:
            raise Refusal("ResourceNotDiscoveredException", "The resource is not discovered by AWS Config.")
        now = self.cloud.clock.now()
        return ActionResult({"ConfigurationItem": {**_configuration_item(item, now), "tags": dict(item.tags)}})

    def batch_get_aggregate_resource_config(self) -> Any:
        """The configuration items of up to a hundred resources: without tags, and without those that are gone."""
        now, asked = self.cloud.clock.now(), self.params["ResourceIdentifiers"]
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
            for place in self._aggregation().places
            if matches(filters, AccountId=place.account_id, Region=place.region)
        ]

    def _find(self, identifier: Mapping[str, str]) -> Item | None:
        aggregation = self._aggregation()
        place = Place(identifier["SourceAccountId"], identifier["SourceRegion"])
        if place not in aggregation.places:
            return None
        held = discover(aggregation, place, identifier["ResourceType"])
        return next((item for item in held if item.resource_id == identifier["ResourceId"]), None)

    def _aggregation(self) -> Aggregation:
        return open_aggregation(self.config_backend, self.params["ConfigurationAggregatorName"])

    def _named_rules(self, names: list[str] | None) -> list[ConfigRule]:
        rules = {str(rule.config_rule_name): rule for rule in self.config_backend.rules()}
        unknown = [name for name in names or [] if name not in rules]
        if unknown:
            raise Refusal(
                "NoSuchConfigRuleException",
                f"The ConfigRule '{unknown[0]}' provided in the request is invalid. Please check the configRule name.",
            )
        return [rules[name] for name in names or rules]

    def _page(self, member: str, rows: Rows, default: int, most: int) -> ActionResult:
        return ActionResult(self._page_of(member, rows, default, most))

    def _page_of(self, member: str, rows: Rows, default: int, most: int) -> dict[str, Any]:
        size = page_size(self.params.get("Limit"), default, most)
        page = read_page(listed(rows), self.params.get("NextToken"), size, self.params)
        return {member: page.items, "NextToken": page.token}


def _key(evaluation: Evaluation) -> tuple[str, ...]:
    return evaluation.verdict.resource_type, evaluation.verdict.resource_id


def _result(evaluation: Evaluation) -> dict[str, Any]:
    verdict = evaluation.verdict
    qualifier = {
        "ConfigRuleName": evaluation.rule_name,
        "ResourceType": verdict.resource_type,
        "ResourceId": verdict.resource_id,
        "EvaluationMode": "DETECTIVE",
    }
    return {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": qualifier,
            "OrderingTimestamp": evaluation.recorded_at,
        },
        "ComplianceType": verdict.compliance.value,
        "ResultRecordedTime": evaluation.recorded_at,
        "ConfigRuleInvokedTime": evaluation.recorded_at,
        "Annotation": verdict.annotation or None,
    }


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


def _describe_rule(rule: ConfigRule) -> dict[str, Any]:
    return {
        **rule.to_dict(),
        "CreatedBy": rule.created_by or None,
        "EvaluationModes": [{"Mode": "DETECTIVE"}],
        "RuleEvaluationVisibility": "EXTERNAL",
    }


def _evaluation_status(rule: ConfigRule, now: datetime) -> dict[str, Any]:
    return {
        "ConfigRuleName": rule.config_rule_name,
        "ConfigRuleArn": rule.config_rule_arn,
        "ConfigRuleId": rule.config_rule_id,
        "LastSuccessfulInvocationTime": now,
        "LastSuccessfulEvaluationTime": now,
        "FirstEvaluationStarted": True,
    }


def _compliance(summary: Summary, always: bool) -> dict[str, Any]:
    counted = always or summary.compliance is Compliance.NON_COMPLIANT
    count = {"ComplianceContributorCount": _capped(summary.contributors)} if counted else {}
    return {"ComplianceType": summary.compliance.value, **count}


def _capped(count: int) -> dict[str, Any]:
    return {"CappedCount": min(count, RULE_CAP), "CapExceeded": count > RULE_CAP}


def _rule_state(state: RuleState) -> dict[str, Any]:
    return {
        "ConfigRuleName": state.rule_name,
        "Compliance": _compliance(state.summary, True),
        "AccountId": state.place.account_id,
        "AwsRegion": state.place.region,
    }


def _group(place: Place, by: str | None) -> str:
    return {"ACCOUNT_ID": place.account_id, "AWS_REGION": place.region}.get(by or "", "ALL")


def _summary(found: list[Compliance], now: datetime) -> dict[str, Any]:
    return {
        "CompliantResourceCount": _capped(found.count(Compliance.COMPLIANT)),
        "NonCompliantResourceCount": _capped(found.count(Compliance.NON_COMPLIANT)),
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
