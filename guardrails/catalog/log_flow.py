"""log.flow: flow logs and the platform's log groups stay."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

GROUPS = (
    "arn:*:logs:*:*:log-group:/aws/lambda/aws-controltower-*",
    "arn:*:logs:*:*:log-group:aws-controltower/*",
    "arn:*:logs:*:*:log-group:freehold/*",
)
GROUP_ACTIONS = (
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:DeleteRetentionPolicy",
    "logs:DeleteSubscriptionFilter",
    "logs:PutRetentionPolicy",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Flow logs whole; log groups by name."""
    group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:aws-controltower/CloudTrailLogs:*"
    own = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:payments/api:*"
    return Guardrail(
        id="log.flow",
        title="Flow logs and platform logs stay",
        intent="After a break-in the network's log is what tells how far it went.",
        mechanism=Mechanism.SCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("CIS v3 3.7", "CIS v5 3.7", "≈NIST 800-53 AU-11"),
        parameters={"log_groups": list(GROUPS)},
        seen_as="Deleting a flow log, or a log group of the platform, answers AccessDenied.",
        exemption="Ask the platform team to remove a flow log. Log groups of your own are yours.",
        statements=(
            Deny("LogFlow", actions=("ec2:DeleteFlowLogs",), condition=EXEMPTION),
            Deny("LogGroups", actions=GROUP_ACTIONS, resources=GROUPS, condition=EXEMPTION),
        ),
        allows=(
            Call("a team makes a flow log", TEAM_ADMIN, "ec2:CreateFlowLogs"),
            Call("a team deletes a log group of its own", TEAM_ADMIN, "logs:DeleteLogGroup", own),
            Call("the platform removes a flow log", PLATFORM, "ec2:DeleteFlowLogs"),
        ),
        denies=(
            Call("a team deletes a flow log", TEAM_ADMIN, "ec2:DeleteFlowLogs"),
            Call("a team deletes a platform log group", TEAM_ADMIN, "logs:DeleteLogGroup", group),
            Call("a team shortens a platform log", TEAM_ADMIN, "logs:PutRetentionPolicy", group),
        ),
    )
