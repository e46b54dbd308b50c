"""log.config: AWS Config keeps recording."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, CONTROL_TOWER, EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

RECORDER_ACTIONS = (
    "config:DeleteAggregationAuthorization",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:DeleteRetentionConfiguration",
    "config:PutConfigurationRecorder",
    "config:PutDeliveryChannel",
    "config:PutRetentionConfiguration",
    "config:StopConfigurationRecorder",
)
RULE_ACTIONS = ("config:DeleteConfigRule", "config:DeleteEvaluationResults", "config:PutConfigRule")
PLATFORM_TAG = {"aws:ResourceTag/aws-control-tower": "managed-by-control-tower"}
"""Control Tower's own mark on the rules it deploys (its control AWS-GR_CONFIG_RULE_CHANGE_PROHIBITED reads it)."""


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The recorder whole; rules only where the platform's tag is on them."""
    rule = f"arn:aws:config:eu-west-1:{ACCOUNT}:config-rule/config-rule-ab12cd"
    return Guardrail(
        id="log.config",
        title="The Config recorder cannot be stopped",
        intent="The audit reads what Config recorded; an account that is not recorded cannot be shown to be sound.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 3.3", "CIS v5 3.3", "≈NIST 800-53 CM-3"),
        parameters={"rule_tag": "aws-control-tower=managed-by-control-tower"},
        seen_as="Stopping or changing the recorder, or a rule of the platform, answers AccessDenied.",
        exemption="There is no exemption for teams. Your own rules are yours; wrong findings are waived.",
        exemptible=False,
        statements=(
            Deny("LogConfig", actions=RECORDER_ACTIONS, condition=EXEMPTION),
            Deny("LogConfigRules", actions=RULE_ACTIONS, condition={"StringEquals": PLATFORM_TAG, **EXEMPTION}),
        ),
        allows=(
            Call("a team reads the recorder", TEAM_ADMIN, "config:DescribeConfigurationRecorders"),
            Call("a team deletes a rule of its own", TEAM_ADMIN, "config:DeleteConfigRule", rule),
            Call("Control Tower sets the recorder up", CONTROL_TOWER, "config:PutConfigurationRecorder"),
            Call("the platform replaces a rule", PLATFORM, "config:DeleteConfigRule", rule, PLATFORM_TAG),
        ),
        denies=(
            Call("a team stops the recorder", TEAM_ADMIN, "config:StopConfigurationRecorder"),
            Call("a team deletes the delivery channel", TEAM_ADMIN, "config:DeleteDeliveryChannel"),
            Call("a team narrows what is recorded", TEAM_ADMIN, "config:PutConfigurationRecorder"),
            Call("a team deletes a rule of the platform", TEAM_ADMIN, "config:DeleteConfigRule", rule, PLATFORM_TAG),
        ),
    )
