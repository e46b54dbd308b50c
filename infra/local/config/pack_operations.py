"""Config's operations on conformance packs: in one account, and over an aggregator."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.s3.models import s3_backends

from infra.local.config.aggregation import Aggregation, matches, open_aggregation
from infra.local.config.deployment import ConformancePack
from infra.local.config.ledger import Evaluation, Summary, summarise
from infra.local.config.models import LocalConfigBackend
from infra.local.config.operations import ConfigOperations, Rows, find
from infra.local.config.place import Place
from infra.local.config.rule import Compliance
from infra.local.config.template import BadTemplate, read_template
from infra.local.service import Refusal

BAD_TEMPLATE = "ConformancePackTemplateValidationException"
ORGANIZATION_BAD_TEMPLATE = "OrganizationConformancePackTemplateValidationException"


class PackOperations(ConfigOperations):
    """Conformance packs and what their rules say."""

    def put_conformance_pack(self) -> ActionResult:
        """Put a pack into this account and region."""
        if self.config_backend.recorder is None:
            raise Refusal(
                "InsufficientPermissionsException", "There is no configuration recorder to evaluate the pack."
            )
        rules = rules_of(self.params)
        self.config_backend.check_rules(rules)
        pack = ConformancePack(
            self.params["ConformancePackName"],
            self.current_account,
            self.region,
            rules,
            self.params.get("DeliveryS3Bucket") or "",
            parameters_of(self.params),
            self.cloud.clock.now(),
        )
        self.config_backend.packs[pack.name] = pack
        return ActionResult({"ConformancePackArn": pack.arn})

    def delete_conformance_pack(self) -> ActionResult:
        """Delete a pack of the account with its rules; one of the organisation is refused."""
        (pack,) = self._packs([self.params["ConformancePackName"]])
        if pack.created_by:
            raise Refusal("AccessDeniedException", f"The conformance pack {pack.name} belongs to {pack.created_by}.")
        del self.config_backend.packs[pack.name]
        return EmptyResult()

    def describe_conformance_packs(self) -> ActionResult:
        """The packs here, those of the organisation among them."""
        found = self._packs(self.params.get("ConformancePackNames"))
        return self.page("ConformancePackDetails", [((one.name,), _describe(one)) for one in found], 20, 20)

    def describe_conformance_pack_compliance(self) -> ActionResult:
        """The state of each rule of a pack."""
        (pack,) = self._packs([self.params["ConformancePackName"]])
        filters = self.params.get("Filters") or {}
        states = {name: summarise(found).compliance for name, found in _read(self.config_backend, pack)}
        rows: Rows = [
            ((name,), {"ConfigRuleName": name, "ComplianceType": state.value, "Controls": []})
            for name, state in states.items()
            if matches(filters, ComplianceType=state) and name in (filters.get("ConfigRuleNames") or [name])
        ]
        answer = self.page_of("ConformancePackRuleComplianceList", rows, 1000, 1000)
        return ActionResult({**answer, "ConformancePackName": pack.name})

    def describe_aggregate_compliance_by_conformance_packs(self) -> ActionResult:
        """The state of each pack of each source."""
        rows = [
            ((row["AccountId"], row["AwsRegion"], row["ConformancePackName"]), row)
            for row in self._aggregate(self.params.get("Filters") or {})
        ]
        return self.page("AggregateComplianceByConformancePacks", rows, 100, 100)

    def get_aggregate_conformance_pack_compliance_summary(self) -> ActionResult:
        """How many packs are compliant and not, by account, by region or in all."""
        group = self.params.get("GroupByKey")
        member = {"ACCOUNT_ID": "AccountId", "AWS_REGION": "AwsRegion"}.get(group or "")
        counts: dict[str, list[str]] = {}
        for row in self._aggregate(self.params.get("Filters") or {}):
            name = row[member] if member else "ALL"
            counts.setdefault(name, []).append(row["Compliance"]["ComplianceType"])
        rows = [((name,), {"GroupName": name, "ComplianceSummary": _count(found)}) for name, found in counts.items()]
        answer = self.page_of("AggregateConformancePackComplianceSummaries", rows, 100, 100)
        return ActionResult({**answer, "GroupByKey": group} if group else answer)

    def _aggregate(self, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        aggregation = open_aggregation(self.config_backend, self.params["ConfigurationAggregatorName"])
        for place in aggregation.places:
            if matches(filters, AccountId=place.account_id, AwsRegion=place.region):
                for row in _pack_states(aggregation, place):
                    state = row["Compliance"]["ComplianceType"]
                    if matches(filters, ConformancePackName=row["ConformancePackName"], ComplianceType=state):
                        yield row

    def _packs(self, names: list[str] | None) -> list[ConformancePack]:
        held = {pack.name: pack for pack in self.config_backend.all_packs()}
        return find(held, names, "NoSuchConformancePackException", "conformance pack")


def rules_of(params: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The rules of the template a request carries or points to.

    Raises:
        Refusal: a template validation exception, the organisation's own where the pack is the organisation's.
    """
    code = ORGANIZATION_BAD_TEMPLATE if "OrganizationConformancePackName" in params else BAD_TEMPLATE
    try:
        return read_template(_body(params), parameters_of(params))
    except BadTemplate as error:
        raise Refusal(code, str(error)) from error


def parameters_of(params: Mapping[str, Any]) -> dict[str, str]:
    """The input parameters of a request."""
    given = params.get("ConformancePackInputParameters") or []
    return {one["ParameterName"]: one["ParameterValue"] for one in given}


def _body(params: Mapping[str, Any]) -> str:
    if params.get("TemplateBody"):
        return str(params["TemplateBody"])
    uri = str(params.get("TemplateS3Uri") or "")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    owner = s3_backends.bucket_accounts.get(bucket)
    if owner is None:
        raise BadTemplate("The request carries no template, or points to none.")
    found = s3_backends[owner[1]][owner[0]].get_object(bucket, key)
    if found is None:
        raise BadTemplate(f"There is no object {uri}.")
    return bytes(found.value).decode()


def _describe(pack: ConformancePack) -> dict[str, Any]:
    return {
        "ConformancePackName": pack.name,
        "ConformancePackArn": pack.arn,
        "ConformancePackId": pack.pack_id,
        "DeliveryS3Bucket": pack.delivery_bucket,
        "ConformancePackInputParameters": [
            {"ParameterName": name, "ParameterValue": value} for name, value in pack.parameters.items()
        ],
        "LastUpdateRequestedTime": pack.updated_at,
        "CreatedBy": pack.created_by,
    }


def _read(backend: LocalConfigBackend, pack: ConformancePack) -> Iterator[tuple[str, list[Evaluation]]]:
    names = {kept.name for kept in pack.keep()}
    for rule in backend.rules():
        if rule.config_rule_name in names:
            yield str(rule.config_rule_name), backend.read(rule)


def _pack_states(aggregation: Aggregation, place: Place) -> Iterator[dict[str, Any]]:
    rules = {str(rule.config_rule_name): rule for rule in aggregation.rules(place)}
    backend = place.config
    for pack in backend.all_packs() if rules and isinstance(backend, LocalConfigBackend) else []:
        held = [rules[kept.name] for kept in pack.keep()]
        states = [summarise(aggregation.evaluations(place, rule)) for rule in held]
        yield {
            "ConformancePackName": pack.name,
            "Compliance": _summarise(states),
            "AccountId": place.account_id,
            "AwsRegion": place.region,
        }


def _summarise(states: Iterable[Summary]) -> dict[str, Any]:
    found = [state.compliance for state in states]
    fine, failing = found.count(Compliance.COMPLIANT), found.count(Compliance.NON_COMPLIANT)
    known = Compliance.COMPLIANT if fine else Compliance.INSUFFICIENT_DATA
    return {
        "ComplianceType": (Compliance.NON_COMPLIANT if failing else known).value,
        "CompliantRuleCount": fine,
        "NonCompliantRuleCount": failing,
        "TotalRuleCount": len(found),
    }


def _count(states: list[str]) -> dict[str, int]:
    return {
        "CompliantConformancePackCount": states.count(Compliance.COMPLIANT),
        "NonCompliantConformancePackCount": states.count(Compliance.NON_COMPLIANT),
    }
