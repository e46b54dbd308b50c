"""net.vpn: regulated networks have no tunnels of their own."""

from guardrails.guardrail import Control, Guardrail, Mechanism, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Control Tower's own guardrail, which attaches an SCP of its own."""
    return Guardrail(
        id="net.vpn",
        title="No VPN connections of the account's own",
        intent="A tunnel is a way out that no egress of the company looks into.",
        mechanism=Mechanism.CONTROL,
        ou_classes=("regulated",),
        frameworks=("≈NIST 800-53 SC-7", "≈NIST 800-53 AC-17"),
        seen_as="Making a VPN connection or its gateways answers AccessDenied, by a policy named aws-guardrails.",
        exemption="Ask the platform team: it connects networks through the company's own transit.",
        control=Control(
            "AWS-GR_DISALLOW_VPN_CONNECTIONS",
            "no VPN connection is made",
            lambda observed: observed.get("vpn_connections") == 0,
        ),
        allows=(State("none", {"vpn_connections": 0}),),
        denies=(State("one", {"vpn_connections": 1}),),
    )
