"""net.igw: no way to the internet where card and health data are."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

ACTIONS = (
    "ec2:AcceptVpcPeeringConnection",
    "ec2:AttachInternetGateway",
    "ec2:CreateEgressOnlyInternetGateway",
    "ec2:CreateInternetGateway",
    "ec2:CreateVpcPeeringConnection",
    "globalaccelerator:CreateAccelerator",
    "globalaccelerator:CreateCustomRoutingAccelerator",
    "globalaccelerator:UpdateAccelerator",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The plumbing, not the traffic: routes to the company's own egress stay possible."""
    return Guardrail(
        id="net.igw",
        title="No internet plumbing of one's own",
        intent="Data that must not leave leaves through the company's inspected egress or not at all.",
        mechanism=Mechanism.SCP,
        ou_classes=("regulated",),
        frameworks=("≈NIST 800-53 SC-7", "≈PCI DSS 1.3"),
        seen_as="Making or attaching an internet gateway, or peering VPCs, answers UnauthorizedOperation.",
        exemption="Ask the platform team for a route to the shared egress.",
        statements=(Deny("NetIgw", actions=ACTIONS, condition=EXEMPTION),),
        allows=(
            Call("a team makes a VPC", TEAM_ADMIN, "ec2:CreateVpc"),
            Call("a team removes a gateway", TEAM_ADMIN, "ec2:DeleteInternetGateway"),
            Call("the platform attaches the egress", PLATFORM, "ec2:AttachInternetGateway"),
        ),
        denies=(
            Call("a team makes an internet gateway", TEAM_ADMIN, "ec2:CreateInternetGateway"),
            Call("a team attaches an internet gateway", TEAM_ADMIN, "ec2:AttachInternetGateway"),
            Call("a team peers with another VPC", TEAM_ADMIN, "ec2:CreateVpcPeeringConnection"),
        ),
    )
