"""acct.quarantine: in a quarantined account only the platform acts."""

from guardrails.guardrail import QUARANTINE, Call, Deny, Guardrail, Mechanism
from guardrails.principals import (
    ACCOUNT,
    BREAK_GLASS,
    CONTROL_TOWER,
    LOOKALIKE,
    PLATFORM,
    PLATFORM_ROLES,
    RECORDER,
    RECORDER_ROLE,
    ROOT_USER,
    STACKSETS,
    TEAM_ADMIN,
    TEAM_WORKLOAD,
)
from vending.core.company import Company

EXEMPT = (*PLATFORM_ROLES, RECORDER_ROLE)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Attached to the quarantine OU, and straight to an account that is being made or is parked."""
    planted = f"arn:aws:iam::{ACCOUNT}:role/freehold/planted"
    return Guardrail(
        id="acct.quarantine",
        title="A quarantined account stands still",
        intent="A new, failed or suspicious account can do nothing until the platform has looked at it.",
        mechanism=Mechanism.SCP,
        ou_classes=(QUARANTINE,),
        frameworks=("≈NIST 800-53 IR-4",),
        parameters={"exempt": list(EXEMPT)},
        seen_as="Every call of a team or workload answers AccessDenied; sign-in works, nothing else does.",
        exemption="Ask an operator why the account is quarantined: its page says what it waits for.",
        exemptible=False,
        statements=(Deny("Quarantine", actions=("*",), condition={"ArnNotLike": {"aws:PrincipalArn": EXEMPT}}),),
        allows=(
            Call("the platform applies the baseline", PLATFORM, "ec2:DeleteVpc"),
            Call("Control Tower enrols the account", CONTROL_TOWER, "iam:CreateRole"),
            Call("a stack set deploys", STACKSETS, "cloudformation:CreateStack"),
            Call("break-glass looks into it", BREAK_GLASS, "s3:ListAllMyBuckets"),
            Call("Config goes on recording", RECORDER, "s3:GetBucketPolicy", "arn:aws:s3:::b"),
        ),
        denies=(
            Call("a team's administrator does anything", TEAM_ADMIN, "s3:ListAllMyBuckets"),
            Call("a workload goes on", TEAM_WORKLOAD, "dynamodb:PutItem"),
            Call("the root user does anything", ROOT_USER, "iam:ListUsers"),
            Call("a lookalike role does anything", LOOKALIKE, "s3:ListAllMyBuckets"),
            Call("a team makes itself an exempt role", TEAM_ADMIN, "iam:CreateRole", planted),
        ),
    )
