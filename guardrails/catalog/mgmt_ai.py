"""mgmt.ai: AWS does not learn from the company's content."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Part, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """For all AI services, those of tomorrow included
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html)."""
    return Guardrail(
        id="mgmt.ai",
        title="AI services do not keep content to improve themselves",
        intent="What customers entrust to the company is not kept by others, and not in other regions.",
        mechanism=Mechanism.AI,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈GDPR Art. 28", "≈NIST 800-53 AC-21"),
        parameters={"default": "optOut"},
        seen_as="It is not seen: the services work as before, and AWS deletes the content it kept of the account.",
        exemption="There is no exemption; no service needs one.",
        part=Part(
            {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}},
            "every AI service is opted out",
            lambda observed: observed.get("default") == "optOut",
        ),
        allows=(State("opted out", {"default": "optOut"}),),
        denies=(State("opted in", {"default": "optIn"}), State("never decided, which is opted in", {})),
    )
