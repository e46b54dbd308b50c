"""The controls that are wanted beside those that are enabled: what to do, and what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from guardrails.enforcement.control_tower import (
    DRIFTED,
    FAILED,
    UNDER_CHANGE,
    CataloguedControl,
    ControlTower,
    EnabledControl,
)
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.node import Node
from guardrails.enforcement.step import Act, ControlStep, DeployedKind
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Control, Guardrail


@dataclass(frozen=True)
class WantedControl:
    """A control that a guardrail enables on an OU."""

    guardrail: str
    control: Control
    node: Node


@dataclass(frozen=True)
class TowerState:
    """What Control Tower answered: its catalogue, and what is enabled on the OUs of the classes."""

    known: tuple[CataloguedControl, ...]
    enabled: tuple[EnabledControl, ...]
    takes: Mapping[str, Mapping[str, bool]]
    """Control ARN -> the parameters it takes, and whether it needs them."""

    def find(self, alias: str) -> CataloguedControl | None:
        """The control of an alias."""
        return next((each for each in self.known if alias in each.aliases or alias == each.arn), None)

    def on(self, control: CataloguedControl, target_arn: str) -> EnabledControl | None:
        """A control as it is enabled on an OU, by whichever of its ARNs."""
        names = {control.arn, control.arn.rpartition("/")[2], *control.aliases}
        here = (each for each in self.enabled if each.target_arn == target_arn)
        return next((each for each in here if {each.control, each.control.rpartition("/")[2]} & names), None)

    def alias_of(self, enabled: EnabledControl) -> str:
        """What people call an enabled control."""
        names = {enabled.control, enabled.control.rpartition("/")[2]}
        found = next((each for each in self.known if names & {each.arn, *each.aliases}), None)
        return found.aliases[0] if found and found.aliases else enabled.control


NO_TOWER = TowerState((), (), {})
"""Where there is no Control Tower nothing is enabled, and no guardrail of the catalogue is a control."""


def read_tower(tower: ControlTower, wanted: Sequence[WantedControl], nodes: Sequence[Node]) -> TowerState:
    """All that planning needs.

    Raises:
        AwsFailed: as Control Tower answers.
    """
    known = tower.catalogue()
    aliases = {each.control.alias for each in wanted}
    takes = {each.arn: tower.parameters_of(each.arn) for each in known if aliases & {each.arn, *each.aliases}}
    state = TowerState(known, tower.enabled([node.arn for node in nodes if node.own], known), takes)
    needed = [(state.find(each.control.alias), each.node.arn) for each in wanted]
    ours = {found.arn: c for c, target in needed if c and (found := state.on(c, target))}
    return replace(state, enabled=tuple(_looked_up(each, ours.get(each.arn), takes, tower) for each in state.enabled))


def _looked_up(
    enabled: EnabledControl,
    wanted_as: CataloguedControl | None,
    takes: Mapping[str, Mapping[str, bool]],
    tower: ControlTower,
) -> EnabledControl:
    """With its parameters where a guardrail wants it and it takes any; with its owner where none does."""
    if wanted_as is None:
        return replace(enabled, ours=tower.is_ours(enabled.arn))
    return replace(enabled, parameters=tower.parameters_given(enabled.arn)) if takes[wanted_as.arn] else enabled


def wanted_controls(catalogue: Sequence[Guardrail], nodes: Sequence[Node]) -> tuple[WantedControl, ...]:
    """Every control with every OU it belongs to.

    Those are the OUs of the classes: a preventive control reaches every OU below by itself.
    https://docs.aws.amazon.com/controltower/latest/controlreference/control-considerations.html
    """
    return tuple(
        WantedControl(guardrail.id, guardrail.control, node)
        for guardrail in catalogue
        if guardrail.control
        for node in nodes
        if node.own and node.ou_class in guardrail.ou_classes
    )


def check_controls(wanted: Sequence[WantedControl], state: TowerState) -> Iterator[Objection]:
    """An objection for each control that AWS does not have, and each parameter that does not fit it."""
    for each in {want.guardrail: want for want in wanted}.values():
        control = state.find(each.control.alias)
        where = f"Guardrail {each.guardrail} enables {each.control.alias}"
        if control is None:
            yield Objection(Gate.GHOST, f"{where}, which the control catalogue does not have.")
            continue
        takes = state.takes.get(control.arn, {})
        for name in sorted(each.control.parameters.keys() - takes.keys()):
            yield Objection(Gate.GHOST, f"{where} with the parameter {name}, which it does not take.")
        for name in sorted(name for name, needed in takes.items() if needed and name not in each.control.parameters):
            yield Objection(Gate.GHOST, f"{where} without the parameter {name}, which it needs.")


def control_steps(wanted: Sequence[WantedControl], state: TowerState) -> Iterator[ControlStep]:
    """What brings the controls to where they belong. What is under change is left until it is over."""
    kept = set()
    for each in wanted:
        if control := state.find(each.control.alias):
            enabled = state.on(control, each.node.arn)
            kept.add(enabled.arn if enabled else "")
            step = _step(each, control, enabled)
            if step and (enabled is None or enabled.status != UNDER_CHANGE):
                yield step
    for enabled in state.enabled:
        if enabled.ours and enabled.arn not in kept and enabled.status != UNDER_CHANGE:
            ou = enabled.target_arn.rpartition("/")[2]
            yield ControlStep(
                Act.DISABLE,
                state.alias_of(enabled),
                DeployedKind.CONTROL,
                "it is not in the catalogue any more",
                ou,
                ou,
                enabled.arn,
                control_arn=enabled.control,
                target_arn=enabled.target_arn,
                drift=DriftKind.OUTDATED,
            )


def _step(want: WantedControl, control: CataloguedControl, enabled: EnabledControl | None) -> ControlStep | None:
    found = _what_to_do(want, control, enabled)
    if found is None:
        return None
    act, drift, reason = found
    return ControlStep(
        act,
        want.control.alias,
        DeployedKind.CONTROL,
        reason,
        want.node.id,
        want.node.name,
        enabled.arn if enabled else "",
        control_arn=control.arn,
        target_arn=want.node.arn,
        parameters=want.control.parameters if act in (Act.ENABLE, Act.UPDATE) else {},
        drift=drift,
    )


def _what_to_do(
    want: WantedControl, control: CataloguedControl, enabled: EnabledControl | None
) -> tuple[Act, DriftKind, str] | None:
    """A policy of Control Tower's that failed or was changed is enabled anew, as AWS does not reset those:
    https://docs.aws.amazon.com/controltower/latest/APIReference/API_ResetEnabledControl.html
    """
    if enabled is None:
        return Act.ENABLE, DriftKind.MISSING, "it is not enabled"
    again = Act.DISABLE if control.is_policy else Act.RESET
    if enabled.status == FAILED:
        return again, DriftKind.FAILED, "Control Tower could not put it into effect; it is done anew"
    if enabled.drift == DRIFTED:
        return again, DriftKind.TAMPERED, "what it deployed was changed by somebody; it is done anew"
    if not _same(want.control.parameters, enabled.parameters):
        return Act.UPDATE, DriftKind.OUTDATED, "its parameters are not the ones of the catalogue"
    return None


def _same(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether the parameters mean the same; order in a list of them means nothing."""
    return {key: _sorted(value) for key, value in wanted.items()} == {k: _sorted(v) for k, v in found.items()}


def _sorted(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, (list, tuple)) else value
