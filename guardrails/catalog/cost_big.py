"""cost.big: nothing that costs a year's budget by mistake."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company

FAMILIES = (
    "p*",
    "trn*",
    "u-*",
    "u7*",
    "x*",
    "*.metal",
    "*.metal-*",
    "*.16xlarge",
    "*.24xlarge",
    "*.32xlarge",
    "*.48xlarge",
)
"""Accelerators for training, giant memory, bare metal and the largest sizes."""
COMMITMENTS = (
    "bedrock:CreateProvisionedModelThroughput",
    "dynamodb:PurchaseReservedCapacityOfferings",
    "ec2:AllocateHosts",
    "ec2:PurchaseCapacityBlock",
    "ec2:PurchaseHostReservation",
    "ec2:PurchaseReservedInstancesOffering",
    "elasticache:PurchaseReservedCacheNodesOffering",
    "es:PurchaseReservedInstanceOffering",
    "rds:PurchaseReservedDBInstancesOffering",
    "redshift:PurchaseReservedNodeOffering",
    "route53domains:RegisterDomain",
    "route53domains:TransferDomain",
    "savingsplans:CreateSavingsPlan",
    "shield:CreateSubscription",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Where people try things out: sizes by name, and everything that commits for a term."""
    instance = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*"

    def size(name: str) -> dict[str, str]:
        return {"ec2:InstanceType": name, "ec2:MetadataHttpTokens": "required"}

    return Guardrail(
        id="cost.big",
        title="No giant machines and no commitments",
        intent="One wrong click on an accelerator costs more in a night than the account may in a month.",
        mechanism=Mechanism.SCP,
        ou_classes=("sandbox", "dev"),
        frameworks=("≈FinOps: guardrails on spend",),
        parameters={"instance_types": list(FAMILIES)},
        seen_as="Launching such an instance answers UnauthorizedOperation; buying a commitment answers AccessDenied.",
        exemption="Ask the platform team with the size, the days and who pays.",
        statements=(
            Deny(
                "CostBig",
                actions=("ec2:RunInstances",),
                resources=("arn:*:ec2:*:*:instance/*",),
                condition={"StringLike": {"ec2:InstanceType": FAMILIES}, **EXEMPTION},
            ),
            Deny("CostTerm", actions=COMMITMENTS, condition=EXEMPTION),
        ),
        allows=(
            Call("a team launches a small instance", TEAM_ADMIN, "ec2:RunInstances", instance, size("t3.micro")),
            Call("a team launches a good-sized one", TEAM_ADMIN, "ec2:RunInstances", instance, size("m7g.4xlarge")),
            Call("the platform buys a savings plan", PLATFORM, "savingsplans:CreateSavingsPlan"),
        ),
        denies=(
            Call("a team launches an accelerator", TEAM_ADMIN, "ec2:RunInstances", instance, size("p5.48xlarge")),
            Call("a team launches bare metal", TEAM_ADMIN, "ec2:RunInstances", instance, size("m5.metal")),
            Call("a team buys a savings plan", TEAM_ADMIN, "savingsplans:CreateSavingsPlan"),
            Call("a team registers a domain", TEAM_ADMIN, "route53domains:RegisterDomain"),
        ),
    )
