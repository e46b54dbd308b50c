"""Config's operations on the rules and recorders of one account in one region."""

from datetime import datetime
from typing import Any, NoReturn

from moto.config.models import ConfigRule
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from infra.local.config.delivery import check_delivery
from infra.local.config.inventory import Item, collect
from infra.local.config.ledger import summarise
from infra.local.config.models import records
from infra.local.config.operations import (
    ConfigOperations,
    describe_compliance,
    describe_result,
    find,
    resource_key,
)
from infra.local.config.page import listed, page_size, read_page

RECORDER_STATES = {"PENDING": "Pending", "SUCCESS": "Success", "FAILURE": "Failure"}


class AccountOperations(ConfigOperations):
    """Rules of the account and what they say."""

    def describe_configuration_recorder_status(self) -> Any:
        """Whether the account records in this region."""
        names = self.params.get("ConfigurationRecorderNames") or []
        found = self.config_backend.describe_configuration_recorder_status(names)
        for one in found:
            if "lastStatus" in one:
                one["lastStatus"] = RECORDER_STATES.get(one["lastStatus"], one["lastStatus"])
        return ActionResult({"ConfigurationRecordersStatus": found})

    def put_delivery_channel(self) -> Any:
        """Where the account's history goes, once Config has written there."""
        before = dict(self.config_backend.delivery_channels)
        answer = super().put_delivery_channel()  # moto refuses what is wrong in itself
        recorder = self.config_backend.recorder
        role = str(recorder.role_arn) if recorder else ""
        try:
            check_delivery(self.config_backend.place, self.params["DeliveryChannel"], role)
        except ServiceException:
            self.config_backend.delivery_channels = before
            raise
        return answer

    def describe_config_rules(self) -> Any:
        """The rules in force, those of the organisation among them."""
        rules = self._named_rules(self.params.get("ConfigRuleNames"))
        if (self.params.get("Filters") or {}).get("EvaluationMode") == "PROACTIVE":
            rules = []
        return self.page("ConfigRules", [((str(one.config_rule_name),), _describe_rule(one)) for one in rules], 25, 25)

    def describe_compliance_by_config_rule(self) -> ActionResult:
        """The state of each rule of the account in this region."""
        wanted = self.params.get("ComplianceTypes")
        rows = []
        for rule in self._named_rules(self.params.get("ConfigRuleNames")):
            summary = summarise(self.config_backend.read(rule))
            if not wanted or summary.compliance in wanted:
                name = str(rule.config_rule_name)
                rows.append(((name,), {"ConfigRuleName": name, "Compliance": describe_compliance(summary)}))
        return self.page("ComplianceByConfigRules", rows, 25, 25)

    def get_compliance_details_by_config_rule(self) -> ActionResult:
        """The results of one rule of the account in this region."""
        (rule,) = self._named_rules([self.params["ConfigRuleName"]])
        wanted = self.params.get("ComplianceTypes")
        found = [one for one in self.config_backend.read(rule) if not wanted or one.verdict.compliance in wanted]
        return self.page("EvaluationResults", [(resource_key(one), describe_result(one)) for one in found], 10, 100)

    def describe_config_rule_evaluation_status(self) -> ActionResult:
        """When each rule ran: always just now, because results are made when they are read."""
        now = self.now
        rows = [
            ((str(rule.config_rule_name),), _evaluation_status(rule, now))
            for rule in self._named_rules(self.params.get("ConfigRuleNames"))
        ]
        return self.page("ConfigRulesEvaluationStatus", rows, 50, 50)

    def start_config_rules_evaluation(self) -> ActionResult:
        """Run rules now."""
        for rule in self._named_rules(self.params.get("ConfigRuleNames")):
            self.config_backend.read(rule)
        return EmptyResult()

    def list_discovered_resources(self) -> Any:
        """The resources of one type that the account records in this region."""
        resource_type, name = self.params["resourceType"], self.params.get("resourceName")
        recorder, ids = self.config_backend.recorder, self.params.get("resourceIds")
        recorded = recorder is not None and records(recorder, resource_type)
        rows = [
            ((item.resource_id,), _identify(item))
            for item in (collect(self.config_backend.place, resource_type) if recorded else [])
            if (not ids or item.resource_id in ids) and name in (None, item.name)
        ]
        size = page_size(self.params.get("limit"), 100, 100)
        page = read_page(listed(rows), self.params.get("nextToken"), size, {"resourceType": resource_type})
        return ActionResult({"resourceIdentifiers": page.items, "nextToken": page.token})

    def select_resource_config(self) -> NoReturn:
        """Not modelled: moto answers every query with nothing."""
        raise NotImplementedError("queries over a single account are not modelled")

    def get_resource_config_history(self) -> NoReturn:
        """Not modelled: moto keeps no history and knows five types."""
        raise NotImplementedError("the history of a resource is not modelled")

    def batch_get_resource_config(self) -> NoReturn:
        """Not modelled: moto knows five types and leaves out all others."""
        raise NotImplementedError("configuration items of a single account are not modelled")

    def describe_delivery_channel_status(self) -> NoReturn:
        """Not modelled."""
        raise NotImplementedError("deliveries of snapshots and history are not modelled")

    def put_evaluations(self) -> NoReturn:
        """Not modelled."""
        raise NotImplementedError("results of custom rules are not modelled")

    def put_resource_config(self) -> NoReturn:
        """Not modelled."""
        raise NotImplementedError("configuration items of third parties are not modelled")

    def delete_resource_config(self) -> NoReturn:
        """Not modelled."""
        raise NotImplementedError("configuration items of third parties are not modelled")

    def _named_rules(self, names: list[str] | None) -> list[ConfigRule]:
        rules = {str(rule.config_rule_name): rule for rule in self.config_backend.rules()}
        return find(rules, names, "NoSuchConfigRuleException", "Config rule")


def _identify(item: Item) -> dict[str, str]:
    name = {"resourceName": item.name} if item.name else {}
    return {"resourceType": item.resource_type, "resourceId": item.resource_id, **name}


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
