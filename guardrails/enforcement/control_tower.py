"""Control Tower as guardrails need it: controls found by alias, enabled on OUs, polled until they are there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import sleep
from typing import Any

from guardrails.enforcement.operations import LOOKS, POLL, patiently
from guardrails.enforcement.organizations import TAG
from guardrails.enforcement.step import Act, ControlStep
from vending.core.aws import Aws

MANDATORY = frozenset(
    {
        "AWS-GR_AUDIT_BUCKET_DELETION_PROHIBITED",
        "AWS-GR_AUDIT_BUCKET_PUBLIC_READ_PROHIBITED",
        "AWS-GR_AUDIT_BUCKET_PUBLIC_WRITE_PROHIBITED",
        "AWS-GR_CLOUDTRAIL_CHANGE_PROHIBITED",
        "AWS-GR_CLOUDTRAIL_CLOUDWATCH_LOGS_ENABLED",
        "AWS-GR_CLOUDTRAIL_ENABLED",
        "AWS-GR_CLOUDTRAIL_VALIDATION_ENABLED",
        "AWS-GR_CLOUDWATCH_EVENTS_CHANGE_PROHIBITED",
        "AWS-GR_CONFIG_AGGREGATION_AUTHORIZATION_POLICY",
        "AWS-GR_CONFIG_AGGREGATION_CHANGE_PROHIBITED",
        "AWS-GR_CONFIG_CHANGE_PROHIBITED",
        "AWS-GR_CONFIG_ENABLED",
        "AWS-GR_CONFIG_RULE_CHANGE_PROHIBITED",
        "AWS-GR_CT_AUDIT_BUCKET_ENCRYPTION_CHANGES_PROHIBITED",
        "AWS-GR_CT_AUDIT_BUCKET_LIFECYCLE_CONFIGURATION_CHANGES_PROHIBITED",
        "AWS-GR_CT_AUDIT_BUCKET_LOGGING_CONFIGURATION_CHANGES_PROHIBITED",
        "AWS-GR_CT_AUDIT_BUCKET_POLICY_CHANGES_PROHIBITED",
        "AWS-GR_ENSURE_CLOUDTRAIL_ENABLED_ON_SHARED_ACCOUNTS",
        "AWS-GR_IAM_ROLE_CHANGE_PROHIBITED",
        "AWS-GR_LAMBDA_CHANGE_PROHIBITED",
        "AWS-GR_LOG_GROUP_POLICY",
        "AWS-GR_SNS_CHANGE_PROHIBITED",
        "AWS-GR_SNS_SUBSCRIPTION_CHANGE_PROHIBITED",
    }
)
"""Enabled by the landing zone, changed by nobody: so never one of ours
(https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html, 2026-11)."""
DONE, FAILED, UNDER_CHANGE, DRIFTED = "SUCCEEDED", "FAILED", "UNDER_CHANGE", "DRIFTED"
_POLICY = "AWS::Organizations::Policy::"


@dataclass(frozen=True)
class CataloguedControl:
    """A control as the control catalogue has it."""

    arn: str
    aliases: tuple[str, ...]
    implementation: str

    @property
    def is_policy(self) -> bool:
        """Whether Control Tower attaches a policy for it; such a control is not reset, but enabled anew."""
        return self.implementation.startswith(_POLICY)


@dataclass(frozen=True)
class EnabledControl:
    """A control on an OU."""

    arn: str
    control: str
    """The ARN that it was enabled by."""
    target_arn: str
    status: str
    drift: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Of those that a guardrail wants alone."""
    ours: bool = True
    """Whether we enabled it; looked up of those alone that no guardrail wants."""


class ControlTower:
    """Calls to Control Tower and its catalogue; `pause` waits for so many seconds. Every call raises AwsFailed."""

    def __init__(self, aws: Aws, pause: Callable[[float], None] = sleep) -> None:
        self._tower = aws.client("controltower")
        self._catalogue = aws.client("controlcatalog")
        self._pause = pause
        self._tags: dict[str, bool] = {}

    def catalogue(self) -> tuple[CataloguedControl, ...]:
        """Every control there is."""
        pages = self._catalogue.pages("list_controls", MaxResults=100)
        return tuple(_catalogued(found) for page in pages for found in page["Controls"])

    def parameters_of(self, control_arn: str) -> Mapping[str, bool]:
        """The parameters that a control takes, and whether it needs them."""
        found = self._catalogue.get_control(ControlArn=control_arn).get("Parameters", ())
        return {each["Name"]: each.get("Requirement") == "REQUIRED" for each in found}

    def enabled(self, target_arns: Sequence[str], known: Sequence[CataloguedControl]) -> tuple[EnabledControl, ...]:
        """What is enabled on these OUs and not by the landing zone itself."""
        return tuple(found for arn in target_arns for found in self._enabled_on(arn, known))

    def _enabled_on(self, target_arn: str, known: Sequence[CataloguedControl]) -> Iterator[EnabledControl]:
        names = {name for each in known if MANDATORY & set(each.aliases) for name in (each.arn, *each.aliases)}
        for page in self._tower.pages("list_enabled_controls", targetIdentifier=target_arn, maxResults=200):
            for found in page["enabledControls"]:
                control = found["controlIdentifier"]
                if found["targetIdentifier"] == target_arn and not {control, control.rpartition("/")[2]} & names:
                    yield _enabled(found)

    def parameters_given(self, arn: str) -> Mapping[str, Any]:
        """The parameters that an enabled control has."""
        details = self._tower.get_enabled_control(enabledControlIdentifier=arn)["enabledControlDetails"]
        return {each["key"]: each["value"] for each in details.get("parameters", ())}

    def is_ours(self, arn: str) -> bool:
        """Whether an enabled control carries our tag; what was tagged when it was enabled stays so."""
        if arn not in self._tags:
            self._tags[arn] = TAG in self._tower.list_tags_for_resource(resourceArn=arn)["tags"]
        return self._tags[arn]

    def carry_out(self, step: ControlStep) -> str:
        """Begin one step; answers the operation to wait for."""
        operation, params = self._call_of(step)
        answer = patiently(self._tower, self._pause, operation, **params)
        return str(answer["operationIdentifier"])

    def _call_of(self, step: ControlStep) -> tuple[str, dict[str, Any]]:
        given = [{"key": key, "value": value} for key, value in step.parameters.items()]
        parameters = {"parameters": given} if given else {}
        enabled = {"enabledControlIdentifier": step.policy_id}
        if step.act is Act.ENABLE:
            on = {"controlIdentifier": step.control_arn, "targetIdentifier": step.target_arn}
            return "enable_control", {**on, **parameters, "tags": {TAG: step.target_name}}
        if step.act is Act.UPDATE:
            return "update_enabled_control", {**enabled, **parameters}
        return ("reset_enabled_control" if step.act is Act.RESET else "disable_control"), enabled

    def wait(self, operation: str) -> str:
        """Poll until an operation is over; answers what went wrong, or nothing."""
        for _ in range(LOOKS):
            found = self._tower.get_control_operation(operationIdentifier=operation)["controlOperation"]
            if found["status"] != "IN_PROGRESS":
                failed = found["status"] == FAILED
                return str(found.get("statusMessage") or "Control Tower gives no reason") if failed else ""
            self._pause(POLL)
        return "Control Tower has not finished after two hours"


def _enabled(found: Mapping[str, Any]) -> EnabledControl:
    return EnabledControl(
        found["arn"],
        found["controlIdentifier"],
        found["targetIdentifier"],
        found["statusSummary"]["status"],
        found.get("driftStatusSummary", {}).get("driftStatus", ""),
    )


def _catalogued(found: Mapping[str, Any]) -> CataloguedControl:
    implementation = found.get("Implementation", {}).get("Type", "")
    return CataloguedControl(found["Arn"], tuple(found.get("Aliases", ())), implementation)
