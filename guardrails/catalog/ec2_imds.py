"""ec2.imds: instances ask for their credentials with a token."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

LAUNCH_KEY = "ec2:MetadataHttpTokens"
CHANGE_KEY = "ec2:Attribute/HttpTokens"


def build(company: Company) -> Guardrail:
    """On the instance alone: RunInstances is judged once for each resource, and only the instance has the key."""
    instance = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*"
    running = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0123456789abcdef0"
    subnet = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:subnet/subnet-0123456789abcdef0"
    tags = {f"aws:RequestTag/{tag}": "ledger" for tag in company.guardrails.required_tags}
    required, optional = {LAUNCH_KEY: "required", **tags}, {CHANGE_KEY: "optional"}
    return Guardrail(
        id="ec2.imds",
        title="Instances use IMDSv2",
        intent="A web server that can be talked into one request gives its role away without it.",
        mechanism=Mechanism.SCP,
        ou_classes=("dev", "prod", "regulated"),
        frameworks=("CIS v3 5.6", "CIS v5 5.7", "NIST 800-53 AC-3", "PCI DSS 2.2"),
        seen_as="Launching an instance without `HttpTokens=required` answers UnauthorizedOperation.",
        exemption="No exemption is needed: say `--metadata-options HttpTokens=required`.",
        statements=(
            Deny(
                "Ec2Imds",
                actions=("ec2:RunInstances",),
                resources=("arn:*:ec2:*:*:instance/*",),
                condition={"StringNotEquals": {LAUNCH_KEY: "required"}, **EXEMPTION},
            ),
            Deny(
                "Ec2ImdsLater",
                actions=("ec2:ModifyInstanceMetadataOptions",),
                condition={"StringEquals": {CHANGE_KEY: "optional"}, **EXEMPTION},
            ),
        ),
        allows=(
            Call("a team launches with tokens required", TEAM_ADMIN, "ec2:RunInstances", instance, required),
            Call("the subnet of a launch has no such key", TEAM_ADMIN, "ec2:RunInstances", subnet),
            Call("a team raises the hop limit", TEAM_ADMIN, "ec2:ModifyInstanceMetadataOptions", running),
            Call("the platform launches an old image", PLATFORM, "ec2:RunInstances", instance),
        ),
        denies=(
            Call("a team says nothing of tokens", TEAM_ADMIN, "ec2:RunInstances", instance),
            Call("a team makes tokens optional", TEAM_ADMIN, "ec2:RunInstances", instance, {LAUNCH_KEY: "optional"}),
            Call(
                "a team makes them optional later", TEAM_ADMIN, "ec2:ModifyInstanceMetadataOptions", running, optional
            ),
        ),
    )
