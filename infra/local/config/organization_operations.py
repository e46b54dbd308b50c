"""Config's operations on the rules and packs that an administrator deploys to its organisation."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from infra.local.config.aggregation import matches
from infra.local.config.deployment import OrganizationPack, OrganizationRule
from infra.local.config.models import LocalConfigBackend
from infra.local.config.operations import ConfigOperations, find
from infra.local.config.organization import Membership, administered_by
from infra.local.config.pack_operations import parameters_of, rules_of
from infra.local.config.place import Place

SUCCESS = "CREATE_SUCCESSFUL"
FAILURE = {
    "ErrorCode": "NoAvailableConfigurationRecorder",
    "ErrorMessage": "Configuration recorder is not available.",
}


class OrganizationOperations(ConfigOperations):
    """What is deployed to every member account that records the region."""

    def put_organization_config_rule(self) -> ActionResult:
        """Deploy a managed rule to the members of the organisation in this region."""
        self._administer()
        metadata = self.params.get("OrganizationManagedRuleMetadata")
        if metadata is None:
            raise NotImplementedError("organisation rules of one's own code are not modelled")
        rule = self.config_backend.put_organization_rule(
            self.params["OrganizationConfigRuleName"], metadata, self.params.get("ExcludedAccounts") or []
        )
        return ActionResult({"OrganizationConfigRuleArn": rule.arn})

    def delete_organization_config_rule(self) -> ActionResult:
        """Take a rule of the organisation back from every member."""
        self._administer()
        (rule,) = self._organization_rules([self.params["OrganizationConfigRuleName"]])
        del self.config_backend.organization_rules[rule.name]
        return EmptyResult()

    def describe_organization_config_rules(self) -> ActionResult:
        """The rules of the organisation that were put in this account and region."""
        self._administer()
        found = self._organization_rules(self.params.get("OrganizationConfigRuleNames"))
        return self.page("OrganizationConfigRules", [((one.name,), _describe_rule(one)) for one in found], 100, 100)

    def describe_organization_config_rule_statuses(self) -> ActionResult:
        """How the deployment of each rule of the organisation went."""
        self._administer()
        rows = [
            (
                (rule.name,),
                {
                    "OrganizationConfigRuleName": rule.name,
                    "OrganizationRuleStatus": SUCCESS,
                    "LastUpdateTime": rule.updated_at,
                },
            )
            for rule in self._organization_rules(self.params.get("OrganizationConfigRuleNames"))
        ]
        return self.page("OrganizationConfigRuleStatuses", rows, 100, 100)

    def get_organization_config_rule_detailed_status(self) -> ActionResult:
        """How the deployment of a rule went in each member: it fails where there is no recorder."""
        membership = self._administer()
        (rule,) = self._organization_rules([self.params["OrganizationConfigRuleName"]])
        status, name = "MemberAccountRuleStatus", {"ConfigRuleName": rule.member_rule_name}
        return self._member_states("OrganizationConfigRuleDetailedStatus", status, name, rule, membership)

    def put_organization_conformance_pack(self) -> Any:
        """Deploy a conformance pack to the members of the organisation in this region."""
        self._administer()
        pack = self.config_backend.put_organization_pack(
            self.params["OrganizationConformancePackName"],
            rules_of(self.params),
            self.params.get("ExcludedAccounts") or [],
            parameters_of(self.params),
            self.params.get("DeliveryS3Bucket") or "",
        )
        return ActionResult({"OrganizationConformancePackArn": pack.arn})

    def delete_organization_conformance_pack(self) -> Any:
        """Take a pack back from every member."""
        self._administer()
        (pack,) = self._organization_packs([self.params["OrganizationConformancePackName"]])
        del self.config_backend.organization_packs[pack.name]
        return EmptyResult()

    def describe_organization_conformance_packs(self) -> Any:
        """The packs of the organisation that were put in this account and region."""
        self._administer()
        found = self._organization_packs(self.params.get("OrganizationConformancePackNames"))
        rows = [((one.name,), _describe_pack(one)) for one in found]
        return self.page("OrganizationConformancePacks", rows, 100, 100)

    def describe_organization_conformance_pack_statuses(self) -> Any:
        """How the deployment of each pack went."""
        self._administer()
        rows = [
            (
                (pack.name,),
                {
                    "OrganizationConformancePackName": pack.name,
                    "Status": SUCCESS,
                    "LastUpdateTime": pack.updated_at,
                },
            )
            for pack in self._organization_packs(self.params.get("OrganizationConformancePackNames"))
        ]
        return self.page("OrganizationConformancePackStatuses", rows, 100, 100)

    def get_organization_conformance_pack_detailed_status(self) -> Any:
        """How the deployment of a pack went in each member: it fails where there is no recorder."""
        membership = self._administer()
        (pack,) = self._organization_packs([self.params["OrganizationConformancePackName"]])
        member, name = "OrganizationConformancePackDetailedStatuses", {"ConformancePackName": pack.member_pack_name}
        return self._member_states(member, "Status", name, pack, membership)

    def _administer(self) -> Membership:
        return administered_by(self.current_account)

    def _organization_rules(self, names: list[str] | None) -> list[OrganizationRule]:
        held, code = self.config_backend.organization_rules, "NoSuchOrganizationConfigRuleException"
        return find(held, names, code, "organization config rule")

    def _organization_packs(self, names: list[str] | None) -> list[OrganizationPack]:
        held, code = self.config_backend.organization_packs, "NoSuchOrganizationConformancePackException"
        return find(held, names, code, "organization conformance pack")

    def _member_states(
        self,
        member: str,
        status: str,
        name: dict[str, str],
        deployed: OrganizationRule | OrganizationPack,
        membership: Membership,
    ) -> ActionResult:
        filters, rows = self.params.get("Filters") or {}, []
        for account_id in membership.members:
            recording = self._records(account_id)
            state = SUCCESS if recording else "CREATE_FAILED"
            wanted = matches(filters, **{"AccountId": account_id, status: state})
            if account_id not in deployed.excluded and wanted:
                row = {"AccountId": account_id, **name, status: state, "LastUpdateTime": deployed.updated_at}
                rows.append(((account_id,), row | ({} if recording else FAILURE)))
        return self.page(member, rows, 100, 100)

    def _records(self, account_id: str) -> bool:
        backend = Place(account_id, self.region).config
        return isinstance(backend, LocalConfigBackend) and backend.recorder is not None


def _describe_rule(rule: OrganizationRule) -> dict[str, Any]:
    return {
        "OrganizationConfigRuleName": rule.name,
        "OrganizationConfigRuleArn": rule.arn,
        "OrganizationManagedRuleMetadata": dict(rule.metadata),
        "ExcludedAccounts": sorted(rule.excluded),
        "LastUpdateTime": rule.updated_at,
    }


def _describe_pack(pack: OrganizationPack) -> dict[str, Any]:
    return {
        "OrganizationConformancePackName": pack.name,
        "OrganizationConformancePackArn": pack.arn,
        "DeliveryS3Bucket": pack.delivery_bucket,
        "ConformancePackInputParameters": [
            {"ParameterName": name, "ParameterValue": value} for name, value in pack.parameters.items()
        ],
        "ExcludedAccounts": sorted(pack.excluded),
        "LastUpdateTime": pack.updated_at,
    }
