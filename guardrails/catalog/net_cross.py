"""net.cross: regulated networks end at their region."""

from guardrails.guardrail import Control, Guardrail, Mechanism, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Control Tower's own guardrail, which attaches an SCP of its own."""
    return Guardrail(
        id="net.cross",
        title="No networking across regions",
        intent="Data that has to stay where it is does not leave through a peering either.",
        mechanism=Mechanism.CONTROL,
        ou_classes=("regulated",),
        frameworks=("≈NIST 800-53 SC-7", "≈GDPR Art. 44"),
        seen_as="Peering networks across regions, CloudFront and Global Accelerator answer AccessDenied.",
        exemption="Ask the security team, with the data and where it goes.",
        control=Control(
            "AWS-GR_DISALLOW_CROSS_REGION_NETWORKING",
            "no network reaches into another region",
            lambda observed: not observed.get("regions_reached"),
        ),
        allows=(State("only its own", {"regions_reached": []}),),
        denies=(State("another region", {"regions_reached": ["us-east-1"]}),),
    )
