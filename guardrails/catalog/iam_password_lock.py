"""iam.password.lock: the password policy stays."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

ACTIONS = ("iam:DeleteAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy")


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The lock to the setting `iam.password`."""
    return Guardrail(
        id="iam.password.lock",
        title="The password policy stays",
        intent="A policy that whoever made the weak password can weaken protects nobody.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.8", "CIS v5 1.7", "NIST 800-53 IA-5"),
        seen_as="Changing or deleting the account's password policy answers AccessDenied.",
        exemption="There is no exemption; use Identity Center.",
        exemptible=False,
        statements=(Deny("IamPasswordLock", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team reads the policy", TEAM_ADMIN, "iam:GetAccountPasswordPolicy"),
            Call("the platform sets the policy", PLATFORM, "iam:UpdateAccountPasswordPolicy"),
        ),
        denies=(
            Call("a team weakens the policy", TEAM_ADMIN, "iam:UpdateAccountPasswordPolicy"),
            Call("a team deletes the policy", TEAM_ADMIN, "iam:DeleteAccountPasswordPolicy"),
        ),
    )
