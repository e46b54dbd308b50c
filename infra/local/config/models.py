"""AWS Config of one account in one region: moto's, with evaluations and organisation rules.

The state stays in moto's own `config_backends`, so that whatever else in moto asks for it finds the same.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from moto.config.models import (
    MANAGED_RULES_CONSTRAINTS,
    ConfigBackend,
    ConfigRecorder,
    ConfigRule,
    config_backends,
    random_string,
)

from infra.local.cloud import current
from infra.local.config.deployment import ConformancePack, KeptRule, OrganizationPack, OrganizationRule
from infra.local.config.events import announce
from infra.local.config.ledger import Evaluation, Ledger
from infra.local.config.organization import administrators, is_member
from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, ManagedRule, Setting, Trigger, Verdict
from infra.local.config.rules import MANAGED_RULES
from infra.local.config.source import Holding, SourceFault
from infra.local.service import Refusal

MOST_RULES = 1000
"""Rules per account and region: https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
GLOBAL_TYPES = frozenset({"AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"})


class LocalConfigBackend(ConfigBackend):
    """Config of one account in one region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.ledger = Ledger(on_change=self._announce)
        self._stamped: set[str] = set()
        self.organization_rules: dict[str, OrganizationRule] = {}
        self.organization_packs: dict[str, OrganizationPack] = {}
        self.packs: dict[str, ConformancePack] = {}
        """The packs the account put itself."""
        self._kept_since: dict[str, datetime] = {}
        self.source_faults: dict[Place, SourceFault] = {}
        """Sources that an aggregator kept here does not hear from; tests and fault profiles set it."""
        self.answers: dict[str, list[str]] = {}
        """Advanced queries over an aggregator whose answer is being read page by page: the answer stands meanwhile."""
        self.keeps_deleted = False
        """Let evaluations of deleted resources stay, as custom rules do that never answer NOT_APPLICABLE."""

        self.holding: Holding | None = None
        """Set in a generated account: what services keep there is neither kept nor judged, but looked up."""

    @property
    def place(self) -> Place:
        """Where this is."""
        return Place(self.account_id, self.region_name)

    @property
    def recorder(self) -> ConfigRecorder | None:
        """The account's recorder in this region: there is at most one."""
        return next(iter(self.recorders.values()), None)

    def now(self) -> datetime:
        """AWS time."""
        return current().clock.now()

    def stamp_aggregator(self, name: str) -> None:
        """Put the times of an aggregator on the cloud's clock."""
        aggregator = self.config_aggregators[name]
        aggregator.last_updated_time = int(self.now().timestamp())
        if name not in self._stamped:
            self._stamped.add(name)
            aggregator.creation_time = aggregator.last_updated_time

    def put_configuration_recorder(self, config_recorder: dict[str, Any]) -> None:
        """Make or change the recorder; one without a role is refused."""
        if not config_recorder.get("roleARN"):
            raise Refusal("InvalidRoleException", "You have provided a null or empty role ARN.")
        super().put_configuration_recorder(config_recorder)

    def start_configuration_recorder(self, recorder_name: str) -> None:
        """Start recording, on the cloud's clock."""
        super().start_configuration_recorder(recorder_name)
        status = self.recorders[recorder_name].status
        status.last_status = "SUCCESS"
        status.last_start_time = status.last_status_change_time = int(self.now().timestamp())

    def stop_configuration_recorder(self, recorder_name: str) -> None:
        """Stop recording, on the cloud's clock; results stay as they were last seen."""
        if recorder_name in self.recorders:
            list(self.read_all())
        super().stop_configuration_recorder(recorder_name)
        status = self.recorders[recorder_name].status
        status.last_stop_time = status.last_status_change_time = int(self.now().timestamp())

    def delete_configuration_recorder(self, recorder_name: str) -> None:
        """Without a recorder nothing is evaluated any more."""
        super().delete_configuration_recorder(recorder_name)
        self.ledger.clear()

    def put_config_rule(self, config_rule: dict[str, Any], tags: list[dict[str, str]] | None = None) -> str:
        """Add or change a rule.

        Raises:
            Refusal: NoAvailableConfigurationRecorderException without a recorder, AccessDeniedException for a rule
                that a service keeps.
            NotImplementedError: for a rule whose evaluation is not modelled here.
        """
        if self.recorder is None:
            raise Refusal(
                "NoAvailableConfigurationRecorderException",
                "Configuration recorder is not available to put config rule.",
            )
        self._check_not_kept_by_service(config_rule.get("ConfigRuleName", ""))
        _check_modelled(config_rule)
        return super().put_config_rule(config_rule, tags)

    def delete_config_rule(self, rule_name: str) -> None:
        """Delete a rule with its results; a rule that a service keeps is refused."""
        self.deploy()
        self._check_not_kept_by_service(rule_name)
        super().delete_config_rule(rule_name)
        self.ledger.forget(rule_name)

    def deploy(self) -> None:
        """Bring the rules that services keep here up to date: what is new or changed comes, what is gone goes."""
        if self.holding is not None:
            return
        wanted = {rule.name: rule for rule in self._kept_rules()}
        for name in [name for name, rule in self.config_rules.items() if _keeper(rule) and name not in wanted]:
            del self.config_rules[name], self._kept_since[name]
            self.ledger.forget(name)
        for name, rule in wanted.items():
            if self._kept_since.get(name) != rule.updated_at:
                self._keep(rule)

    def all_packs(self) -> list[ConformancePack]:
        """The conformance packs here, the account's own and the organisation's, in order of their names."""
        kept = [
            pack.deploy(self.account_id, self.region_name) for pack in self._from_organization("organization_packs")
        ]
        return sorted([*self.packs.values(), *kept], key=lambda pack: pack.name)

    def rules(self) -> list[ConfigRule]:
        """The rules in force, in order of their names."""
        if self.holding is not None:
            kept = (self._pretend(rule) for rule in self._kept_rules())
            return sorted([*self.config_rules.values(), *kept], key=lambda rule: str(rule.config_rule_name))
        self.deploy()
        return [self.config_rules[name] for name in sorted(self.config_rules)]

    def find_rule(self, name: str) -> ConfigRule | None:
        """The rule of that name, if it is in force."""
        if self.holding is not None and name not in self.config_rules:
            kept = (self._pretend(rule) for rule in self._kept_rules() if rule.name == name)
            return next(kept, None)
        self.deploy()
        return self.config_rules.get(name)

    def read(self, rule: ConfigRule) -> list[Evaluation]:
        """Every result of a rule, judged now on what is in moto; none without a recorder.

        While the recorder stands still, the results are those it last had.
        """
        recorder = self.recorder
        if recorder is None:
            return []
        name = str(rule.config_rule_name)
        if self.holding is not None and _keeper(rule):
            return list(self.holding.evaluate(name, until=None))
        managed = MANAGED_RULES.get(str(rule.source.source_identifier))
        if managed is None or not recorder.status.recording:
            return self.ledger.read(name)
        return self.ledger.enter(name, self._judge(rule, managed, recorder), self.now(), self.keeps_deleted)

    def read_last(self, rule: ConfigRule, until: datetime) -> list[Evaluation]:
        """The results of a rule as they were when they were last asked for; of a generated account, at a moment."""
        if self.holding is not None and _keeper(rule):
            return list(self.holding.evaluate(str(rule.config_rule_name), until))
        return self.ledger.read(str(rule.config_rule_name))

    def remember(self) -> None:
        """Judge everything, so that it can be told later what was so now."""
        if self.holding is None:
            list(self.read_all())

    def haunt(self, rule_name: str, verdict: Verdict) -> None:
        """Put a result for a resource that is no more on record, to stay."""
        self.keeps_deleted = True
        self.ledger.enter(rule_name, [verdict], self.now(), keep_gone=True)

    def read_all(self) -> Iterator[tuple[ConfigRule, list[Evaluation]]]:
        """Every rule with its results."""
        return ((rule, self.read(rule)) for rule in self.rules())

    def put_organization_rule(self, name: str, metadata: Mapping[str, Any], excluded: list[str]) -> OrganizationRule:
        """Deploy a managed rule to every member account that records this region; the caller was checked."""
        before = self.organization_rules.get(name)
        suffix = before.suffix if before else random_string()
        arn = self._arn(f"organization-config-rule/{name}-{suffix}")
        rule = OrganizationRule(name, arn, suffix, dict(metadata), frozenset(excluded), self.now())
        self.check_rules([rule.keep().config_rule])
        self.organization_rules[name] = rule
        return rule

    def put_organization_pack(
        self,
        name: str,
        config_rules: tuple[Mapping[str, Any], ...],
        excluded: list[str],
        parameters: Mapping[str, str],
        delivery_bucket: str,
    ) -> OrganizationPack:
        """Deploy a pack to every member account that records this region; the caller was checked."""
        before = self.organization_packs.get(name)
        suffix = before.suffix if before else random_string()
        arn = self._arn(f"organization-conformance-pack/{name}-{suffix}")
        self.check_rules(config_rules)
        pack = OrganizationPack(
            name, arn, suffix, config_rules, delivery_bucket, parameters, frozenset(excluded), self.now()
        )
        self.organization_packs[name] = pack
        return pack

    def check_rules(self, config_rules: Iterable[Mapping[str, Any]]) -> None:
        """Refuse rules that Config would refuse; NotImplementedError for those that are not modelled."""
        for rule in config_rules:
            _check_modelled(rule)
            ConfigRule(self.account_id, self.region_name, dict(rule), {})

    def _announce(self, before: Evaluation | None, after: Evaluation) -> None:
        rule = self.config_rules.get(after.rule_name)
        if rule is not None:
            announce(current(), self.place, rule.config_rule_arn, before, after)

    def _judge(self, rule: ConfigRule, managed: ManagedRule, recorder: ConfigRecorder) -> Iterator[Verdict]:
        types = rule.scope.compliance_resource_types if rule.scope else None
        only = rule.scope.compliance_resource_id if rule.scope else None
        setting = Setting(_parameters(rule), tuple(types or managed.resource_types), self.now())
        for verdict in managed.evaluate(self.place, setting):
            looked_at = managed.trigger is not Trigger.CHANGE or records(recorder, verdict.resource_type)
            in_scope = verdict.resource_type == ACCOUNT or verdict.resource_type in setting.resource_types
            if looked_at and in_scope and only in (None, verdict.resource_id):
                yield verdict

    def _kept_rules(self) -> Iterator[KeptRule]:
        yield from (rule.keep() for rule in self._from_organization("organization_rules"))
        for pack in self.all_packs() if self.recorder else []:
            yield from pack.keep()

    def _from_organization(self, kind: str) -> Iterator[Any]:
        """What the administrators of the organisation deploy here, if this is a member that records."""
        if self.recorder is None or not is_member(self.account_id):
            return
        for administrator in administrators():
            held = getattr(Place(administrator, self.region_name).config, kind, {})
            yield from (one for one in held.values() if self.account_id not in one.excluded)

    def _pretend(self, rule: KeptRule) -> ConfigRule:
        """A rule made for one answer: a generated organisation has too many of them to keep."""
        made = ConfigRule(self.account_id, self.region_name, dict(rule.config_rule), {})
        made.created_by = rule.keeper
        digest = hashlib.sha256(f"{self.account_id}/{self.region_name}/{rule.name}".encode()).hexdigest()
        made.config_rule_id = f"config-rule-{digest[:6]}"
        made.config_rule_arn = self._arn(f"config-rule/{made.config_rule_id}")
        return made

    def _keep(self, rule: KeptRule) -> None:
        held = self.config_rules.get(rule.name)
        if held is None:
            held = self.config_rules[rule.name] = ConfigRule(
                self.account_id, self.region_name, dict(rule.config_rule), {}
            )
        else:
            held.modify_fields(self.region_name, dict(rule.config_rule), held.tags)
        held.created_by = rule.keeper
        self._kept_since[rule.name] = rule.updated_at

    def _arn(self, resource: str) -> str:
        return f"arn:{self.partition}:config:{self.region_name}:{self.account_id}:{resource}"

    def _check_not_kept_by_service(self, rule_name: str) -> None:
        rule = self.config_rules.get(rule_name)
        if rule is not None and _keeper(rule):
            raise Refusal(
                "AccessDeniedException",
                f"The AWS Config rule {rule_name} is a service-linked rule of {_keeper(rule)}: "
                "only that service can change or delete it.",
            )


def _keeper(rule: ConfigRule) -> str | None:
    """The service that keeps a rule, None for a rule of the account itself."""
    return rule.created_by or None


def _check_modelled(config_rule: Mapping[str, Any]) -> None:
    source, scope = config_rule.get("Source", {}), config_rule.get("Scope") or {}
    identifier = source.get("SourceIdentifier")
    if source.get("Owner") != "AWS" or identifier not in MANAGED_RULES_CONSTRAINTS:
        return
    if identifier not in MANAGED_RULES:
        raise NotImplementedError(f"the evaluation of {identifier} is not modelled")
    if scope.get("TagKey"):
        raise NotImplementedError("a scope by tag is not modelled")
    documented = MANAGED_RULES_CONSTRAINTS[identifier].get("Resource Types", "").split(", ")
    missing = set(documented) & set(scope.get("ComplianceResourceTypes") or []) - {
        *MANAGED_RULES[identifier].resource_types
    }
    if missing:
        raise NotImplementedError(f"{identifier} is not modelled for {', '.join(sorted(missing))}")


def _parameters(rule: ConfigRule) -> dict[str, str]:
    constraints = MANAGED_RULES_CONSTRAINTS[rule.source.source_identifier]["Parameters"]
    defaults = {one["Name"]: str(one["Default"]) for one in constraints if one.get("Default") is not None}
    given = {name: str(value) for name, value in rule.input_parameters_dict.items()}
    return defaults | given


def records(recorder: ConfigRecorder, resource_type: str) -> bool:
    """Whether a recorder keeps items of a type.

    IAM's types are global: "all supported" has them only where it includes global resource types.
    https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
    """
    group = recorder.recording_group
    if resource_type == ACCOUNT:
        return True
    if group.all_supported:
        return bool(group.include_global_resource_types) or resource_type not in GLOBAL_TYPES
    if group.resource_types:
        return resource_type in group.resource_types
    return resource_type not in (group.exclusion_by_resource_types or {}).get("resourceTypes", [])


__all__ = ["LocalConfigBackend", "config_backends"]

config_backends.backend = LocalConfigBackend
ConfigRule.MAX_RULES = MOST_RULES
