"""log.trail: the platform's trails keep writing."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, CONTROL_TOWER, EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

TRAILS = ("arn:*:cloudtrail:*:*:trail/aws-controltower-*", "arn:*:cloudtrail:*:*:trail/freehold-*")
ACTIONS = (
    "cloudtrail:AddTags",
    "cloudtrail:CreateTrail",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:RemoveTags",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """By name, so that a team stays master of trails of its own."""
    organisation_trail = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/aws-controltower-BaselineCloudTrail"
    own_trail = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/payments-data-events"
    return Guardrail(
        id="log.trail",
        title="The organisation's trail cannot be touched",
        intent="What happened in an account stays provable, above all when somebody would rather it did not.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 3.1", "CIS v5 3.1", "≈NIST 800-53 AU-9"),
        parameters={"trails": list(TRAILS)},
        seen_as="Stopping, changing or deleting a trail of the platform answers AccessDenied.",
        exemption="There is no exemption for teams. Trails of your own, under another name, are yours.",
        exemptible=False,
        statements=(Deny("LogTrail", actions=ACTIONS, resources=TRAILS, condition=EXEMPTION),),
        allows=(
            Call("a team stops a trail of its own", TEAM_ADMIN, "cloudtrail:StopLogging", own_trail),
            Call("a team reads the trail's state", TEAM_ADMIN, "cloudtrail:GetTrailStatus", organisation_trail),
            Call("Control Tower updates its trail", CONTROL_TOWER, "cloudtrail:UpdateTrail", organisation_trail),
            Call("the platform mends the trail", PLATFORM, "cloudtrail:PutEventSelectors", organisation_trail),
        ),
        denies=(
            Call("a team stops the trail", TEAM_ADMIN, "cloudtrail:StopLogging", organisation_trail),
            Call("a team deletes the trail", TEAM_ADMIN, "cloudtrail:DeleteTrail", organisation_trail),
            Call("a team blinds the trail", TEAM_ADMIN, "cloudtrail:PutEventSelectors", organisation_trail),
        ),
    )
