"""net.cross: regulated networks end at their region."""

from dataclasses import replace

from guardrails.guardrail import Call, Control, Deny, Guardrail, Mechanism, State
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

ACTIONS = (
    "cloudfront:CreateDistribution",
    "cloudfront:UpdateDistribution",
    "ec2:AcceptTransitGatewayPeeringAttachment",
    "ec2:AcceptVpcPeeringConnection",
    "ec2:CreateTransitGatewayPeeringAttachment",
    "ec2:CreateVpcPeeringConnection",
    "globalaccelerator:CreateAccelerator",
    "globalaccelerator:CreateCustomRoutingAccelerator",
    "globalaccelerator:CreateEndpointGroup",
    "globalaccelerator:CreateListener",
    "globalaccelerator:UpdateAccelerator",
)
"""What the control's own policy denies
(https://docs.aws.amazon.com/controltower/latest/controlreference/data-residency-preventive-controls.html, 2026-11)."""


def build(company: Company) -> Guardrail:
    """Control Tower's own guardrail, which attaches an SCP of its own; without one, the same in an SCP of ours."""
    controlled = Guardrail(
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
    if company.landing_zone.control_tower:
        return controlled
    return replace(
        controlled,
        mechanism=Mechanism.SCP,
        control=None,
        statements=(Deny("NetCross", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team makes a VPC", TEAM_ADMIN, "ec2:CreateVpc"),
            Call("a team takes a peering down", TEAM_ADMIN, "ec2:DeleteVpcPeeringConnection"),
            Call("the platform peers the transit", PLATFORM, "ec2:CreateTransitGatewayPeeringAttachment"),
        ),
        denies=(
            Call("a team peers with another VPC", TEAM_ADMIN, "ec2:CreateVpcPeeringConnection"),
            Call("a team peers a transit gateway", TEAM_ADMIN, "ec2:CreateTransitGatewayPeeringAttachment"),
            Call("a team serves from the edge", TEAM_ADMIN, "cloudfront:CreateDistribution"),
            Call("a team makes an accelerator", TEAM_ADMIN, "globalaccelerator:CreateAccelerator"),
        ),
    )
