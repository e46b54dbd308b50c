"""plat.cfn: what the platform deployed in an account stays as it was deployed."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, CONTROL_TOWER, EXEMPTION, STACKSETS, TEAM_ADMIN
from vending.core.company import Company

STACKS = (
    "arn:*:cloudformation:*:*:stack/StackSet-AWSControlTower*",
    "arn:*:cloudformation:*:*:stack/StackSet-freehold-*",
    "arn:*:cloudformation:*:*:stack/freehold-*",
)
STACK_ACTIONS = (
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:RollbackStack",
    "cloudformation:SetStackPolicy",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
)
PARTS = (
    "arn:*:events:*:*:rule/aws-controltower-*",
    "arn:*:lambda:*:*:function:aws-controltower-*",
    "arn:*:sns:*:*:aws-controltower-*",
)
PART_ACTIONS = (
    "events:DeleteRule",
    "events:DisableRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:DeleteFunctionConcurrency",
    "lambda:PutFunctionConcurrency",
    "lambda:RemovePermission",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Stacks by name, and the topics, functions and rules of Control Tower's baseline."""
    baseline = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/StackSet-AWSControlTowerBP-BASELINE-CONFIG-1/a1b2"
    own = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/payments-api/a1b2"
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:aws-controltower-NotificationForwarder"
    return Guardrail(
        id="plat.cfn",
        title="Platform stacks cannot be touched",
        intent="Recorder, roles and notifications come from stacks of the platform; without them it is blind.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 CM-5",),
        parameters={"stacks": list(STACKS), "parts": list(PARTS)},
        seen_as="Changing or deleting a stack of the platform, or a part of it, answers AccessDenied.",
        exemption="There is no exemption. Stacks of your own, under other names, are yours.",
        exemptible=False,
        statements=(
            Deny("PlatCfn", actions=STACK_ACTIONS, resources=STACKS, condition=EXEMPTION),
            Deny("PlatParts", actions=PART_ACTIONS, resources=PARTS, condition=EXEMPTION),
        ),
        allows=(
            Call("a team deletes a stack of its own", TEAM_ADMIN, "cloudformation:DeleteStack", own),
            Call("a team looks at a platform stack", TEAM_ADMIN, "cloudformation:DescribeStacks", baseline),
            Call("a stack set updates its stack", STACKSETS, "cloudformation:UpdateStack", baseline),
            Call("Control Tower updates its function", CONTROL_TOWER, "lambda:UpdateFunctionCode", function),
        ),
        denies=(
            Call("a team deletes a platform stack", TEAM_ADMIN, "cloudformation:DeleteStack", baseline),
            Call("a team changes a platform function", TEAM_ADMIN, "lambda:UpdateFunctionCode", function),
            Call(
                "a team silences the notifications",
                TEAM_ADMIN,
                "sns:DeleteTopic",
                f"arn:aws:sns:eu-west-1:{ACCOUNT}:aws-controltower-SecurityNotifications",
            ),
        ),
    )
