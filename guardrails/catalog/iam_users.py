"""iam.users: people and workloads use roles."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Not in sandboxes, where somebody may want to learn what an access key is."""
    return Guardrail(
        id="iam.users",
        title="No IAM users, passwords or access keys",
        intent="A key that never expires is the one that is found in a repository.",
        mechanism=Mechanism.SCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("CIS v3 1.14", "CIS v5 1.13", "≈NIST 800-53 IA-2"),
        seen_as="Creating an IAM user, an access key or a console password answers AccessDenied.",
        exemption="Ask the security team, naming the system that can use neither roles nor IAM Roles Anywhere.",
        statements=(
            Deny(
                "IamUsers",
                actions=("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateUser"),
                condition=EXEMPTION,
            ),
        ),
        allows=(
            Call("a team makes a role", TEAM_ADMIN, "iam:CreateRole", "arn:aws:iam::111122223333:role/payments-api"),
            Call("a team deletes an old key", TEAM_ADMIN, "iam:DeleteAccessKey"),
            Call("the platform makes a user", PLATFORM, "iam:CreateUser"),
        ),
        denies=(
            Call("a team makes a user", TEAM_ADMIN, "iam:CreateUser"),
            Call("a team makes an access key", TEAM_ADMIN, "iam:CreateAccessKey"),
            Call("a workload makes a console password", TEAM_WORKLOAD, "iam:CreateLoginProfile"),
        ),
    )
