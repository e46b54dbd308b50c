"""Enabled baselines: on organisational units, and on the accounts that inherit them by auto-enrolment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from infra.local.agenda import Action
from infra.local.controltower import account_resources, refusals
from infra.local.controltower.baseline import (
    BY_NAME,
    CONTROL_TOWER,
    IDENTITY_CENTER,
    VERSIONS,
    Baseline,
    EnabledBaseline,
    Status,
)
from infra.local.controltower.enrolment import Assignment, EnrolmentQueue
from infra.local.controltower.ground import REFUSALS, Ground
from infra.local.controltower.operation import Kind, Operation
from infra.local.organizations.entities import OrganizationalUnit

AccountHook = Callable[[str, str], None]
"""Told of an account and the OU it is now enrolled in."""

OU_BASELINES = frozenset({"AWSControlTowerBaseline", "ConfigBaseline", "BackupBaseline"})
"""Baselines that can be enabled on an OU; the others belong to the landing zone (user guide, "Types of baselines")."""


MOVE = "organizations.MoveAccount"
"""The call that begins an enrolment, and lets an account go."""

IDENTITY_CENTER_PARAMETER = "IdentityCenterEnabledBaselineArn"
"""What AWSControlTowerBaseline must be told where IdentityCenterBaseline is enabled (user guide, API examples)."""


@dataclass
class EnabledBaselines:
    """Which baselines are enabled where. An OU with AWSControlTowerBaseline is what AWS calls registered."""

    ground: Ground
    on_enrolled: AccountHook
    on_unit_reset: Callable[[str], None]
    """Told of an OU whose baseline was enabled or reset: its controls are put right again."""
    on_unit_left: Callable[[str], None]
    """Told of an OU whose baseline was disabled."""
    parents: dict[str, EnabledBaseline] = field(default_factory=dict)
    """By ARN: on OUs, and on shared accounts."""
    children: dict[str, EnabledBaseline] = field(default_factory=dict)
    """By account id: what member accounts inherited of AWSControlTowerBaseline."""

    def __post_init__(self) -> None:
        cloud = self.ground.cloud
        self.queue = EnrolmentQueue(
            cloud.agenda,
            lambda: cloud.limits.count("controltower.account_operations"),
            self._begin_enrolment,
            self._end_enrolment,
        )

    # --- registered OUs

    def of_unit(self, ou_id: str | None, baseline: Baseline = CONTROL_TOWER) -> EnabledBaseline | None:
        """What is enabled of a baseline on an OU."""
        return next(
            (
                one
                for one in self.parents.values()
                if one.baseline == baseline and one.target_arn.rsplit("/", 1)[-1] == ou_id
            ),
            None,
        )

    def is_registered(self, ou_id: str | None) -> bool:
        """Whether accounts moved into the OU are enrolled."""
        return self.of_unit(ou_id) is not None

    def place(
        self,
        baseline: Baseline,
        target_arn: str,
        status: Status,
        operation_id: str,
        parameters: tuple[tuple[str, Any], ...] = (),
    ) -> EnabledBaseline:
        """Enter an enabled baseline without any waiting, as setting up the landing zone does."""
        enabled = EnabledBaseline(
            arn=self.ground.arn("enabledbaseline"),
            baseline=baseline,
            version=VERSIONS.get(baseline.name, "1.0"),
            target_arn=target_arn,
            parent_arn=None,
            status=status,
            operation_id=operation_id,
            parameters=parameters,
        )
        self.parents[enabled.arn] = enabled
        return enabled

    def enable(
        self, baseline: Baseline, version: str, target_arn: str, parameters: dict[str, Any]
    ) -> tuple[EnabledBaseline, Operation]:
        """Begin to enable a baseline on an OU: register it."""
        unit = self._unit(target_arn)
        if baseline.name not in OU_BASELINES:
            raise refusals.invalid(f"{baseline.name} cannot be enabled on an organizational unit.")
        _check_version(baseline, version)
        self._check_parameters(baseline, parameters)
        if self.of_unit(unit.id, baseline):
            raise refusals.conflict(f"{baseline.name} is already enabled on {target_arn}.")
        operation = self._begin_on_unit(Kind.ENABLE_BASELINE, unit)
        enabled = self.place(baseline, target_arn, Status.UNDER_CHANGE, operation.identifier, tuple(parameters.items()))
        self._end_on_unit(operation, enabled.arn, lambda at: self._bring_in_line(enabled.arn, at))
        return enabled, operation

    def reset(self, arn: str, kind: Kind = Kind.RESET_ENABLED_BASELINE) -> Operation:
        """Begin to apply an enabled baseline again: members that are not enrolled get enrolled."""
        enabled = self._parent(arn)
        operation = self._begin_on_unit(kind, self._unit(enabled.target_arn))
        self.parents[arn] = replace(enabled, status=Status.UNDER_CHANGE, operation_id=operation.identifier)
        self._end_on_unit(operation, arn, lambda at: self._bring_in_line(arn, at))
        return operation

    def update(self, arn: str, version: str, parameters: dict[str, Any]) -> Operation:
        """Begin to apply a version of the baseline with other parameters."""
        baseline = self._parent(arn).baseline
        _check_version(baseline, version)
        self._check_parameters(baseline, parameters)
        operation = self.reset(arn, Kind.UPDATE_ENABLED_BASELINE)
        self.parents[arn] = replace(self.parents[arn], parameters=tuple(parameters.items()))
        return operation

    def disable(self, arn: str) -> Operation:
        """Begin to take a baseline off an OU; its accounts are un-enrolled."""
        enabled = self._parent(arn)
        unit = self._unit(enabled.target_arn)
        operation = self._begin_on_unit(Kind.DISABLE_BASELINE, unit)
        self.parents[arn] = replace(enabled, status=Status.UNDER_CHANGE, operation_id=operation.identifier)
        self._end_on_unit(operation, arn, lambda at: self._take_off(arn, unit, at))
        return operation

    def _unit(self, target_arn: str) -> OrganizationalUnit:
        unit = self.ground.unit(target_arn)
        if unit is None or unit.arn != target_arn:
            raise refusals.invalid(f"{target_arn} is no organizational unit of this organization.")
        return unit

    def _parent(self, arn: str) -> EnabledBaseline:
        if arn in self.parents and ":ou/" in self.parents[arn].target_arn:
            return self.parents[arn]
        if any(child.arn == arn for child in self.children.values()) or arn in self.parents:
            raise refusals.invalid("Only an enabled baseline of an organizational unit can be changed.")
        raise refusals.missing(f"There is no enabled baseline {arn}.")

    def identity_center(self) -> EnabledBaseline | None:
        """IdentityCenterBaseline, where the landing zone manages Identity Center."""
        return next((one for one in self.parents.values() if one.baseline == IDENTITY_CENTER), None)

    def _check_parameters(self, baseline: Baseline, given: dict[str, Any]) -> None:
        identity_center = self.identity_center()
        if baseline != CONTROL_TOWER or identity_center is None:
            return
        if given.get(IDENTITY_CENTER_PARAMETER) != identity_center.arn:
            raise refusals.invalid(f"{baseline.name} needs the parameter {IDENTITY_CENTER_PARAMETER}.")

    def _begin_on_unit(self, kind: Kind, unit: OrganizationalUnit) -> Operation:
        """One operation on an OU at a time in the whole landing zone, and none while an account is enrolling."""
        if any(operation.kind.is_baseline and ":ou/" in operation.target_arn for operation in self.ground.running()):
            raise refusals.conflict("An operation on an organizational unit is in progress.")
        if self.queue.is_busy(unit.id):
            raise refusals.conflict(f"An account is being enrolled in {unit.id}.")
        lasts = self.ground.draw(self.ground.pace.organizational_unit, kind.call)
        return self.ground.begin(kind, unit.arn, self.ground.now(), lasts)

    def _end_on_unit(self, operation: Operation, arn: str, effect: Action) -> None:
        def failed() -> None:
            if arn in self.parents:
                self.parents[arn] = replace(self.parents[arn], status=Status.FAILED)

        self.ground.at_end(operation, effect, failed)

    def _bring_in_line(self, arn: str, at: datetime) -> None:
        enabled = self.parents[arn] = replace(self.parents[arn], status=Status.SUCCEEDED)
        unit = self.ground.unit(enabled.target_arn)
        if unit is None:
            return
        self.on_unit_reset(unit.id)
        if enabled.baseline != CONTROL_TOWER:
            return
        for account in self.ground.members(unit):
            if self.is_out_of_line(account.id):
                self.enrol_now(account.id, unit.id, at)

    def _take_off(self, arn: str, unit: OrganizationalUnit, at: datetime) -> None:
        baseline = self.parents.pop(arn).baseline
        if baseline != CONTROL_TOWER:
            return
        self.on_unit_left(unit.id)
        for account in self.ground.members(unit):
            self.queue.ask(Assignment(account.id, None), at)

    # --- accounts

    def account_moved(self, account_id: str, parent_id: str, at: datetime) -> None:
        """React to an account's move, as auto-enrolment does: enrol it in a registered OU, else let it go."""
        if not self.ground.setup.auto_enrol or account_id == self.ground.cloud.management_account_id:
            return
        if self.is_registered(parent_id):
            self.queue.ask(Assignment(account_id, parent_id), at)
        elif account_id in self.children:
            self.queue.ask(Assignment(account_id, None), at)

    def is_out_of_line(self, account_id: str) -> bool:
        """Whether an account is not enrolled as its OU wants it."""
        child, account = self.children.get(account_id), self.ground.account(account_id)
        if child is None or account is None or child.status is Status.FAILED:
            return True
        parent = self.of_unit(account.parent.id) if account.parent else None
        return parent is None or parent.arn != child.parent_arn

    def enrol_now(self, account_id: str, ou_id: str, at: datetime) -> None:
        """Enrol an account without any waiting."""
        parent = self.of_unit(ou_id)
        if parent is None:
            raise ValueError(f"{ou_id} is not registered")
        operation = self.ground.begin(Kind.RESET_ENABLED_BASELINE, self._account_arn(account_id), at, timedelta(0))
        self.children[account_id] = self._child(account_id, parent, operation.identifier)
        self._settle_child(account_id, ou_id)

    def adopt(self, account_id: str, ou_id: str, at: datetime) -> None:
        """Enrol an account as `enrol_now` does, but for the rules of the OU's detective controls."""
        parent = self.of_unit(ou_id)
        if parent is None:
            raise ValueError(f"{ou_id} is not registered")
        operation = self.ground.begin(Kind.RESET_ENABLED_BASELINE, self._account_arn(account_id), at, timedelta(0))
        self.children[account_id] = self._child(account_id, parent, operation.identifier)
        account_resources.deploy(self.ground, account_id)
        self._change(account_id, status=Status.SUCCEEDED)

    def _begin_enrolment(self, assignment: Assignment, at: datetime) -> timedelta | None:
        ground = self.ground
        if assignment.ou_id is None:
            child = self.children.get(assignment.account_id)
            if child is None:
                return None
            lasts = ground.draw(ground.pace.unenrolment, MOVE)
            operation = ground.begin(Kind.DISABLE_BASELINE, child.target_arn, at, lasts)
            self._change(assignment.account_id, status=Status.UNDER_CHANGE, operation_id=operation.identifier)
            return lasts
        parent = self.of_unit(assignment.ou_id)
        if parent is None:
            return None
        lasts = ground.draw(ground.pace.enrolment, MOVE)
        operation = ground.begin(Kind.ENABLE_BASELINE, self._account_arn(assignment.account_id), at, lasts)
        if why := ground.cloud.faults.failure_of(MOVE):
            ground.fail(operation.identifier, f"AWS Control Tower could not enroll the account: {why}")
        self.children[assignment.account_id] = self._child(assignment.account_id, parent, operation.identifier)
        return lasts

    def _end_enrolment(self, assignment: Assignment, _: datetime) -> None:
        if assignment.ou_id is None:
            account_resources.remove(self.ground, assignment.account_id)
            self.children.pop(assignment.account_id, None)
            return
        account = self.ground.account(assignment.account_id)
        if account is None or account.parent is None or account.parent.id != assignment.ou_id:
            self._fail_child(assignment.account_id, "The account left the organizational unit while it was enrolled.")
            return
        self._settle_child(assignment.account_id, assignment.ou_id)

    def _settle_child(self, account_id: str, ou_id: str) -> None:
        child = self.children[account_id]
        if self.ground.operations[child.operation_id].failure:
            self._change(account_id, status=Status.FAILED)
            return
        try:
            account_resources.deploy(self.ground, account_id)
            self.on_enrolled(account_id, ou_id)
        except account_resources.Obstacle as obstacle:
            self._fail_child(account_id, str(obstacle))
        except REFUSALS as refusal:
            self._fail_child(account_id, str(refusal.message))
        else:
            self._change(account_id, status=Status.SUCCEEDED)

    def _fail_child(self, account_id: str, why: str) -> None:
        self.ground.fail(self.children[account_id].operation_id, why)
        self._change(account_id, status=Status.FAILED)

    def _change(self, account_id: str, **changes: Any) -> None:
        self.children[account_id] = replace(self.children[account_id], **changes)

    def _child(self, account_id: str, parent: EnabledBaseline, operation_id: str) -> EnabledBaseline:
        before = self.children.get(account_id)
        return EnabledBaseline(
            arn=before.arn if before else self.ground.arn("enabledbaseline"),
            baseline=parent.baseline,
            version=parent.version,
            target_arn=self._account_arn(account_id),
            parent_arn=parent.arn,
            status=Status.UNDER_CHANGE,
            operation_id=operation_id,
        )

    def _account_arn(self, account_id: str) -> str:
        account = self.ground.account(account_id)
        if account is None:
            raise ValueError(f"{account_id} is no account of the organization")
        return account.arn

    # --- reading

    def enrolled_in(self, ou_id: str) -> list[str]:
        """The ids of the accounts that are enrolled in an OU, all gone well."""
        parent = self.of_unit(ou_id)
        return [
            account_id
            for account_id, child in self.children.items()
            if parent and child.parent_arn == parent.arn and child.status is Status.SUCCEEDED
        ]

    def all(self, with_children: bool) -> Iterator[EnabledBaseline]:
        """Every enabled baseline; those of member accounts only on request."""
        yield from self.parents.values()
        if with_children:
            yield from self.children.values()

    def find(self, arn: str) -> EnabledBaseline:
        """An enabled baseline by its ARN; refused where there is none."""
        for enabled in self.all(with_children=True):
            if enabled.arn == arn:
                return enabled
        raise refusals.missing(f"There is no enabled baseline {arn}.")

    def inheritance(self, enabled: EnabledBaseline) -> str | None:
        """IN_SYNC or DRIFTED; None for the landing zone's own baselines, which AWS does not check."""
        if enabled.baseline != CONTROL_TOWER:
            return "IN_SYNC" if enabled.baseline == BY_NAME["BackupBaseline"] else None
        target = enabled.target_arn.rsplit("/", 1)[-1]
        if enabled.parent_arn is not None:
            drifted = enabled.status is not Status.UNDER_CHANGE and self.is_out_of_line(target)
        else:
            unit = self.ground.unit(target)
            drifted = (
                unit is not None
                and not self.queue.is_busy(target)
                and any(self.is_out_of_line(account.id) for account in self.ground.members(unit))
            )
        return "DRIFTED" if drifted else "IN_SYNC"


def _check_version(baseline: Baseline, version: str) -> None:
    if version != VERSIONS.get(baseline.name, "1.0"):
        raise refusals.invalid(f"Version {version} of {baseline.name} does not suit the landing zone.")
