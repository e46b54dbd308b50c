"""net.vpn: regulated networks have no tunnels of their own."""

from dataclasses import replace

from guardrails.guardrail import Call, Control, Deny, Guardrail, Mechanism, State
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

ACTIONS = (
    "ec2:AssociateClientVpnTargetNetwork",
    "ec2:AttachVpnGateway",
    "ec2:AuthorizeClientVpnIngress",
    "ec2:CreateClientVpnEndpoint",
    "ec2:CreateCustomerGateway",
    "ec2:CreateVpnConnection",
    "ec2:CreateVpnGateway",
    "ec2:ModifyClientVpnEndpoint",
    "ec2:ModifyVpnConnection",
)
"""What the control's own policy denies
(https://docs.aws.amazon.com/controltower/latest/controlreference/data-residency-preventive-controls.html, 2026-11)."""


def build(company: Company) -> Guardrail:
    """Control Tower's own guardrail, which attaches an SCP of its own; without one, the same in an SCP of ours."""
    controlled = Guardrail(
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
    if company.landing_zone.control_tower:
        return controlled
    return replace(
        controlled,
        mechanism=Mechanism.SCP,
        control=None,
        seen_as="Making a VPN connection or its gateways answers UnauthorizedOperation.",
        statements=(Deny("NetVpn", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team makes a VPC", TEAM_ADMIN, "ec2:CreateVpc"),
            Call("a team takes a tunnel down", TEAM_ADMIN, "ec2:DeleteVpnConnection"),
            Call("the platform connects the transit", PLATFORM, "ec2:CreateVpnConnection"),
        ),
        denies=(
            Call("a team makes a tunnel", TEAM_ADMIN, "ec2:CreateVpnConnection"),
            Call("a team makes a gateway for one", TEAM_ADMIN, "ec2:CreateVpnGateway"),
            Call("a team lets people dial in", TEAM_ADMIN, "ec2:CreateClientVpnEndpoint"),
        ),
    )
