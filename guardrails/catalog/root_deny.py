"""root.deny: the root user of a member account does nothing."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ROOT_USER, TEAM_ADMIN
from vending.core.company import Company

ROOT_PATTERN = "arn:*:iam::*:root"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Short sessions that the management account opens with sts:AssumeRoot are no root user and pass."""
    return Guardrail(
        id="root.deny",
        title="The root user is not used",
        intent="Nobody can tell who acted as root, and no permission binds it inside the account.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 AC-6(5)", "PCI DSS 8.2"),
        parameters={"principal": ROOT_PATTERN},
        seen_as="Signed in with the account's e-mail and password, every call answers AccessDenied.",
        exemption="Ask the platform team: tasks that need root are done in a privileged session (sts:AssumeRoot).",
        exemptible=False,
        statements=(
            Deny(
                "RootDeny",
                actions=("*",),
                condition={"ArnLike": {"aws:PrincipalArn": ROOT_PATTERN}, "Null": {"aws:AssumedRoot": "true"}},
            ),
        ),
        allows=(
            Call("a team's administrator works", TEAM_ADMIN, "s3:ListAllMyBuckets"),
            Call(
                "the platform unlocks a bucket in a privileged root session",
                ROOT_USER,
                "s3:DeleteBucketPolicy",
                "arn:aws:s3:::locked",
                {"aws:AssumedRoot": "true"},
            ),
        ),
        denies=(
            Call("the root user lists buckets", ROOT_USER, "s3:ListAllMyBuckets"),
            Call("the root user makes an access key", ROOT_USER, "iam:CreateAccessKey"),
        ),
    )
