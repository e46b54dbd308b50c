"""iam.fed: who may sign in from elsewhere is decided in one place."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

SIGN_IN = ("arn:*:iam::*:saml-provider/AWSSSO_*",)
"""Identity Center's own providers, `AWSSSO_<id>_DO_NOT_DELETE`: without one nobody of a team gets in."""


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Identity Center keeps its providers through a service-linked role, which no SCP binds."""
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_0a1b2c3d4e5f_DO_NOT_DELETE"
    return Guardrail(
        id="iam.fed",
        title="No identity providers of one's own",
        intent="A trusted issuer is a second front door; the company has one, with its own lock.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 IA-8",),
        parameters={"protected_providers": list(SIGN_IN)},
        seen_as="Making a SAML or OIDC provider (also for a pipeline or an EKS cluster) answers AccessDenied.",
        exemption="Ask the platform team for a provider: pipelines and clusters get theirs on request.",
        statements=(
            Deny(
                "IamFed",
                actions=("iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider", "sso:CreateInstance"),
                condition=EXEMPTION,
            ),
            Deny(
                "IamFedSignIn",
                actions=("iam:DeleteSAMLProvider", "iam:UpdateSAMLProvider"),
                resources=SIGN_IN,
                condition=EXEMPTION,
            ),
        ),
        allows=(
            Call("a team lists the providers", TEAM_ADMIN, "iam:ListSAMLProviders"),
            Call("the platform makes a pipeline's provider", PLATFORM, "iam:CreateOpenIDConnectProvider"),
        ),
        denies=(
            Call("a team trusts an issuer of its own", TEAM_ADMIN, "iam:CreateOpenIDConnectProvider"),
            Call("a team makes a SAML provider", TEAM_ADMIN, "iam:CreateSAMLProvider"),
            Call("a team sets up an Identity Center of its own", TEAM_ADMIN, "sso:CreateInstance"),
            Call("a team replaces the company's sign-in", TEAM_ADMIN, "iam:UpdateSAMLProvider", provider),
        ),
    )
