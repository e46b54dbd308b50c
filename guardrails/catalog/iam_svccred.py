"""iam.svccred: no long-lived credentials of single services."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Passwords for single services, and the bearer tokens of Bedrock's API keys."""
    return Guardrail(
        id="iam.svccred",
        title="No service-specific passwords and API keys",
        intent="They live long, are seen by nobody's rotation, and every leaked one works from anywhere.",
        mechanism=Mechanism.SCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("≈NIST 800-53 IA-5",),
        seen_as="Making such a credential, or calling Bedrock with an API key, answers AccessDenied.",
        exemption="No exemption is needed: every AWS SDK calls these services with a role.",
        statements=(
            Deny(
                "IamSvccred",
                actions=("bedrock:CallWithBearerToken", "iam:CreateServiceSpecificCredential"),
                condition=EXEMPTION,
            ),
        ),
        allows=(
            Call("a workload calls a model with its role", TEAM_WORKLOAD, "bedrock:InvokeModel"),
            Call("a team deletes an old one", TEAM_ADMIN, "iam:DeleteServiceSpecificCredential"),
        ),
        denies=(
            Call("a team makes one", TEAM_ADMIN, "iam:CreateServiceSpecificCredential"),
            Call("a workload calls with an API key", TEAM_WORKLOAD, "bedrock:CallWithBearerToken"),
        ),
    )
