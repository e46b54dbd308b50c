"""root.keys: the root user has no access keys."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ROOT_USER, TEAM_ADMIN
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Holds for privileged root sessions too, which `root.deny` lets through."""
    return Guardrail(
        id="root.keys",
        title="The root user gets no access keys",
        intent="A key of the root user opens everything and no permission in the account can narrow it.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.4", "CIS v5 1.3", "NIST 800-53 AC-6"),
        seen_as="Making an access key as root answers AccessDenied.",
        exemption="There is no exemption; nothing needs one.",
        exemptible=False,
        statements=(
            Deny(
                "RootKeys",
                actions=("iam:CreateAccessKey",),
                condition={"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:root"}},
            ),
        ),
        allows=(Call("a team lists access keys", TEAM_ADMIN, "iam:ListAccessKeys"),),
        denies=(
            Call("the root user makes a key", ROOT_USER, "iam:CreateAccessKey"),
            Call(
                "a privileged root session makes a key",
                ROOT_USER,
                "iam:CreateAccessKey",
                "*",
                {"aws:AssumedRoot": "true"},
            ),
        ),
    )
