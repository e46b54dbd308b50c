"""Enabled controls: what Control Tower enforces or watches on an organisational unit and its accounts."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from infra.local.config.rules import MANAGED_RULES
from infra.local.controlcatalog.catalogue import Control, Guidance, read_catalogue
from infra.local.controltower import account_resources, refusals
from infra.local.controltower.baseline import Status
from infra.local.controltower.baselines import EnabledBaselines
from infra.local.controltower.ground import ID_LETTERS, Ground
from infra.local.controltower.guardrail_policy import GuardrailPolicies, fill
from infra.local.controltower.operation import Kind, Operation
from infra.local.organizations.entities import OrganizationalUnit


class Drift(StrEnum):
    """Whether what is deployed is what Control Tower deployed."""

    IN_SYNC = "IN_SYNC"
    DRIFTED = "DRIFTED"
    NOT_CHECKING = "NOT_CHECKING"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class EnabledControl:
    """A control enabled on an OU."""

    arn: str
    control: Control
    identifier: str
    """The ARN it was enabled by, global or regional."""
    ou_id: str
    target_arn: str
    status: Status
    operation_id: str
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """An enabled control as one target has it: the OU it was enabled on, or an account that inherits it."""

    enabled: EnabledControl
    account_id: str | None = None

    @property
    def arn(self) -> str:
        """Its own ARN; an account's is made from the OU's, so that it stays the same."""
        if self.account_id is None:
            return self.enabled.arn
        digest = hashlib.sha256(f"{self.enabled.arn}/{self.account_id}".encode()).digest()
        letters = "".join(ID_LETTERS[byte % len(ID_LETTERS)] for byte in digest[:16])
        return f"{self.enabled.arn.rpartition('/')[0]}/{letters}"

    @property
    def parent_arn(self) -> str | None:
        """The enabled control of the OU that an account inherits from."""
        return None if self.account_id is None else self.enabled.arn


Apply = Callable[[EnabledControl], None]


@dataclass
class EnabledControls:
    """Every enabled control, and what it takes to change one."""

    ground: Ground
    baselines: EnabledBaselines
    enabled: dict[str, EnabledControl] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._policies = GuardrailPolicies(self.ground)

    # --- changing

    def place(self, control: Control, unit: OrganizationalUnit) -> EnabledControl:
        """Enable a control without any waiting, as setting up the landing zone does; `apply_to_unit` follows."""
        operation = self.ground.begin(Kind.ENABLE_CONTROL, unit.arn, self.ground.now(), timedelta(0))
        return self._enter(control, control.arn, unit, operation, Status.SUCCEEDED)

    def enable(self, identifier: str, target_arn: str, parameters: dict[str, Any]) -> tuple[EnabledControl, Operation]:
        """Begin to enable a control on an OU."""
        control, unit = self._control(identifier), self._unit(target_arn)
        self._check_changeable(control)
        _check_modelled(control)
        if control.only_on and unit.name not in control.only_on:
            raise refusals.invalid(f"{control.alias} cannot be enabled on {unit.name}.")
        _check_parameters(control, parameters)
        if any(one.control is control and one.ou_id == unit.id for one in self.enabled.values()):
            raise refusals.conflict(f"{control.alias} is already enabled on {target_arn}.")
        operation = self._begin(Kind.ENABLE_CONTROL, control, identifier, unit)
        enabled = self._enter(control, identifier, unit, operation, Status.UNDER_CHANGE, tuple(parameters.items()))
        self._finish_later(enabled.arn, operation, self._deploy)
        return enabled, operation

    def disable(self, arn: str) -> Operation:
        """Begin to disable an enabled control."""
        enabled = self._changeable(arn)
        operation = self._begin_on(Kind.DISABLE_CONTROL, enabled)
        self.ground.at_end(operation, lambda _: self._withdraw(arn), lambda: self._keep(enabled))
        return operation

    def update(self, arn: str, parameters: dict[str, Any]) -> Operation:
        """Begin to give an enabled control other parameters."""
        enabled = self._changeable(arn)
        _check_parameters(enabled.control, parameters)
        if not enabled.control.parameters:
            raise refusals.invalid(f"{enabled.control.alias} takes no parameters.")
        if enabled.status is Status.SUCCEEDED and dict(enabled.parameters) == parameters:
            raise refusals.invalid("The parameters are the ones already configured.")
        if self.drift(enabled) is Drift.DRIFTED:
            raise refusals.invalid("The enabled control has drifted: reset it, or disable and enable it again.")
        operation = self._begin_on(Kind.UPDATE_ENABLED_CONTROL, enabled)
        self.enabled[arn] = replace(self.enabled[arn], parameters=tuple(parameters.items()))
        self._finish_later(arn, operation, self._deploy)
        return operation

    def reset(self, arn: str) -> Operation:
        """Begin to deploy an enabled control again; AWS does not offer that for service control policies."""
        enabled = self._changeable(arn)
        if enabled.control.is_policy:
            raise refusals.invalid("ResetEnabledControl does not work for controls implemented with SCPs.")
        operation = self._begin_on(Kind.RESET_ENABLED_CONTROL, enabled)
        self._finish_later(arn, operation, self._deploy)
        return operation

    def apply_to_unit(self, ou_id: str) -> None:
        """Write the OU's policies again, as its enabled controls say; undoes drift."""
        self._write_policies(ou_id)

    def apply_to_account(self, account_id: str, ou_id: str) -> None:
        """Deploy the OU's detective controls into an account that has just been enrolled."""
        account_resources.remove_rules(self.ground, account_id)
        for enabled in self._on(ou_id):
            if enabled.control.is_config_rule and enabled.status is not Status.FAILED:
                self._put_rule(enabled, account_id)

    def drop_unit(self, ou_id: str) -> None:
        """Forget the controls of an OU that is no longer registered, and take its policies away."""
        for enabled in list(self._on(ou_id)):
            del self.enabled[enabled.arn]
        self._write_policies(ou_id)

    def _enter(
        self,
        control: Control,
        identifier: str,
        unit: OrganizationalUnit,
        operation: Operation,
        status: Status,
        parameters: tuple[tuple[str, Any], ...] = (),
    ) -> EnabledControl:
        enabled = EnabledControl(
            self.ground.arn("enabledcontrol"),
            control,
            identifier,
            unit.id,
            unit.arn,
            status,
            operation.identifier,
            parameters,
        )
        self.enabled[enabled.arn] = enabled
        self.ground.operations[operation.identifier] = replace(
            operation, enabled_arn=enabled.arn, control_identifier=identifier
        )
        return enabled

    def _control(self, identifier: str) -> Control:
        control = read_catalogue().find(identifier)
        if control is None:
            raise refusals.missing(f"There is no control {identifier}.")
        return control

    def _unit(self, target_arn: str) -> OrganizationalUnit:
        unit = self.ground.unit(target_arn)
        if unit is None or unit.arn != target_arn:
            raise refusals.invalid(f"{target_arn} is no organizational unit of this organization.")
        if not self.baselines.is_registered(unit.id):
            raise refusals.missing(f"Organizational unit {unit.id} is not registered with AWS Control Tower.")
        return unit

    def _check_changeable(self, control: Control) -> None:
        if control.guidance is Guidance.MANDATORY or control.alias == "AWS-GR_REGION_DENY":
            raise refusals.invalid(f"{control.alias} cannot be changed with the AWS Control Tower APIs.")

    def _changeable(self, arn: str) -> EnabledControl:
        enabled = self.enabled.get(arn)
        if enabled is None:
            if any(view.arn == arn for view in self.views(with_children=True)):
                raise refusals.invalid("A control that an account inherits is changed on its organizational unit.")
            raise refusals.missing(f"There is no enabled control {arn}.")
        self._check_changeable(enabled.control)
        return enabled

    def _begin_on(self, kind: Kind, enabled: EnabledControl) -> Operation:
        unit = self._unit(enabled.target_arn)
        operation = self._begin(kind, enabled.control, enabled.identifier, unit)
        self.ground.operations[operation.identifier] = replace(operation, enabled_arn=enabled.arn)
        self.enabled[enabled.arn] = replace(enabled, status=Status.UNDER_CHANGE, operation_id=operation.identifier)
        return operation

    def _begin(self, kind: Kind, control: Control, identifier: str, unit: OrganizationalUnit) -> Operation:
        """An operation of one control; never two of the same control on the same OU."""
        running = list(self.ground.running())
        if sum(operation.kind.is_control for operation in running) >= self._most_at_once():
            raise refusals.over_quota("The most control operations that may be in progress are in progress.")
        for operation in running:
            if operation.target_arn == unit.arn and operation.kind.is_baseline:
                raise refusals.conflict(f"An operation on {unit.id} is in progress.")
            if operation.target_arn == unit.arn and operation.control_identifier == identifier:
                raise refusals.conflict(f"An operation on {control.alias} and {unit.id} is in progress.")
        lasts = self.ground.draw(self.ground.pace.control, kind.call)
        return self.ground.begin(kind, unit.arn, self.ground.now(), lasts, control_identifier=identifier)

    def _most_at_once(self) -> int:
        return self.ground.cloud.limits.count("controltower.control_operations")

    def _finish_later(self, arn: str, operation: Operation, apply: Apply) -> None:
        def finish(_: datetime) -> None:
            self._mark(arn, Status.SUCCEEDED)
            apply(self.enabled[arn])

        self.ground.at_end(operation, finish, lambda: self._mark(arn, Status.FAILED))

    def _mark(self, arn: str, status: Status) -> None:
        self.enabled[arn] = replace(self.enabled[arn], status=status)

    def _deploy(self, enabled: EnabledControl) -> None:
        if enabled.control.is_policy:
            self._write_policies(enabled.ou_id)
        if enabled.control.is_config_rule:
            for account_id in self.baselines.enrolled_in(enabled.ou_id):
                self._put_rule(enabled, account_id)

    def _keep(self, enabled: EnabledControl) -> None:
        self.enabled[enabled.arn] = replace(enabled, status=Status.FAILED)

    def _withdraw(self, arn: str) -> None:
        enabled = self.enabled.pop(arn)
        if enabled.control.is_policy:
            self._write_policies(enabled.ou_id)
        if enabled.control.is_config_rule:
            for account_id in self.baselines.enrolled_in(enabled.ou_id):
                account_resources.delete_rule(self.ground, account_id, enabled.control.alias)

    def _put_rule(self, enabled: EnabledControl, account_id: str) -> None:
        account_resources.put_rule(self.ground, account_id, enabled.control)

    def _write_policies(self, ou_id: str) -> None:
        self._policies.write(
            ou_id,
            [
                fill(statement, dict(enabled.parameters))
                for enabled in self._on(ou_id)
                if enabled.control.is_policy and enabled.status is not Status.FAILED
                for statement in enabled.control.statements
            ],
        )

    # --- reading

    def _on(self, ou_id: str) -> Iterator[EnabledControl]:
        return (enabled for enabled in self.enabled.values() if enabled.ou_id == ou_id)

    def views(self, with_children: bool) -> Iterator[View]:
        """Every enabled control; as the enrolled accounts have it only on request."""
        members: dict[str, list[str]] = {}
        for enabled in self.enabled.values():
            yield View(enabled)
            if with_children:
                if enabled.ou_id not in members:
                    members[enabled.ou_id] = self.baselines.enrolled_in(enabled.ou_id)
                yield from (View(enabled, account_id) for account_id in members[enabled.ou_id])

    def find(self, arn: str) -> View:
        """An enabled control by its ARN, inherited ones too; refused where there is none."""
        if arn in self.enabled:
            return View(self.enabled[arn])
        for view in self.views(with_children=True):
            if view.arn == arn:
                return view
        raise refusals.missing(f"There is no enabled control {arn}.")

    def named(self, identifier: str, target_arn: str) -> str:
        """The ARN of what is enabled of a control on an OU; refused where it is not."""
        control = self._control(identifier)
        for enabled in self.enabled.values():
            if enabled.control is control and enabled.target_arn == target_arn:
                return enabled.arn
        raise refusals.missing(f"{control.alias} is not enabled on {target_arn}.")

    def drift(self, enabled: EnabledControl) -> Drift:
        """Whether the underlying resources are as deployed.

        Policies are watched. For the other kinds AWS answers NOT_CHECKING (Controls reference guide, API
        examples, read 2026-11-20: `AWS-GR_EBS_OPTIMIZED_INSTANCE` is NOT_CHECKING).
        """
        if not enabled.control.is_policy:
            return Drift.NOT_CHECKING
        if self.ground.unit(enabled.ou_id) is None:
            return Drift.UNKNOWN
        sids = [statement["Sid"] for statement in enabled.control.statements]
        return Drift.DRIFTED if self._policies.has_drifted(enabled.ou_id, sids) else Drift.IN_SYNC

    def inheritance(self, enabled: EnabledControl) -> Drift:
        """Whether every account of the OU has what the OU has."""
        if not enabled.control.is_policy:
            return Drift.NOT_CHECKING
        return Drift.IN_SYNC


def _check_parameters(control: Control, given: dict[str, Any]) -> None:
    known = {parameter.name for parameter in control.parameters}
    if unknown := set(given) - known:
        raise refusals.invalid(f"{control.alias} has no parameter {sorted(unknown)[0]}.")
    for parameter in control.parameters:
        if parameter.required and parameter.name not in given:
            raise refusals.invalid(f"{control.alias} needs the parameter {parameter.name}.")


def _check_modelled(control: Control) -> None:
    """NotImplementedError for a control that the local cloud could only pretend to enforce or watch."""
    if control.is_policy or (control.is_config_rule and control.implementation_id in MANAGED_RULES):
        return
    raise NotImplementedError(f"enabling {control.alias}: {control.implementation_type} {control.implementation_id}")
