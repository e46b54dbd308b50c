"""decl.vpc: regulated networks have no way to and from the internet."""

from guardrails.guardrail import Guardrail, Mechanism, Part, State
from vending.core.company import Company

BLOCKED = "block-bidirectional"


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Block public access of VPC in both directions; an exclusion for a subnet stays possible, and is the owner's."""
    return Guardrail(
        id="decl.vpc",
        title="Internet gateways carry nothing",
        intent="Card and health data leaves by ways that somebody looks at, never by a gateway set up in passing.",
        mechanism=Mechanism.EC2,
        ou_classes=("regulated",),
        frameworks=("≈NIST 800-53 SC-7", "PCI DSS 1.4"),
        parameters={"internet_gateway_block": BLOCKED, "exclusions_allowed": "disabled"},
        seen_as="Traffic through an internet gateway is dropped; the VPC console says that the organisation blocks it.",
        exemption="Ask the security team: outgoing traffic goes through the company's own egress.",
        part=Part(
            {
                "ec2_attributes": {
                    "vpc_block_public_access": {
                        "internet_gateway_block": {
                            "mode": {"@@assign": "block_bidirectional"},
                            "exclusions_allowed": {"@@assign": "disabled"},
                        }
                    }
                }
            },
            "VPC block public access is bidirectional, without exclusions",
            lambda observed: observed.get("mode") == BLOCKED and observed.get("exclusions") == "not-allowed",
        ),
        allows=(State("both directions blocked", {"mode": BLOCKED, "exclusions": "not-allowed"}),),
        denies=(
            State("nothing is blocked", {"mode": "off", "exclusions": "allowed"}),
            State("outgoing traffic passes", {"mode": "block-ingress", "exclusions": "not-allowed"}),
            State("subnets can be excluded", {"mode": BLOCKED, "exclusions": "allowed"}),
        ),
    )
