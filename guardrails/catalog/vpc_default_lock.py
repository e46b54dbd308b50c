"""vpc.default.lock: the default VPC does not come back."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """The lock to the setting `vpc.default`."""
    return Guardrail(
        id="vpc.default.lock",
        title="The default VPC does not come back",
        intent="One click would bring back the network in which every instance is public.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 SC-7",),
        seen_as="Creating a default VPC or a default subnet answers UnauthorizedOperation.",
        exemption="No exemption is needed: make a VPC of your own, or ask for the network template.",
        statements=(
            Deny("VpcDefaultLock", actions=("ec2:CreateDefaultSubnet", "ec2:CreateDefaultVpc"), condition=EXEMPTION),
        ),
        allows=(Call("a team makes a VPC of its own", TEAM_ADMIN, "ec2:CreateVpc"),),
        denies=(
            Call("a team brings the default VPC back", TEAM_ADMIN, "ec2:CreateDefaultVpc"),
            Call("a workload brings a default subnet back", TEAM_WORKLOAD, "ec2:CreateDefaultSubnet"),
        ),
    )
