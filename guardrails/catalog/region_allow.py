"""region.allow: regional services only where the company governs."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, LOOKALIKE, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

GLOBAL_ACTIONS = (
    "account:*",
    "artifact:*",
    "aws-marketplace:*",
    "aws-portal:*",
    "bcm-data-exports:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "compute-optimizer:*",
    "consolidatedbilling:*",
    "cost-optimization-hub:*",
    "cur:*",
    "ec2:DescribeRegions",
    "ecr-public:*",
    "freetier:*",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "invoicing:*",
    "networkmanager:*",
    "organizations:*",
    "payments:*",
    "pricing:*",
    "route53-recovery-cluster:*",
    "route53-recovery-control-config:*",
    "route53-recovery-readiness:*",
    "route53:*",
    "route53domains:*",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketLocation",
    "s3:ListAllMyBuckets",
    "s3:PutAccountPublicAccessBlock",
    "savingsplans:*",
    "servicequotas:*",
    "shield:*",
    "sts:*",
    "support:*",
    "supportplans:*",
    "sustainability:*",
    "tax:*",
    "trustedadvisor:*",
    "waf:*",
)
"""Services with one endpoint for all regions; a request to them carries that endpoint's region.

Chosen from the list of Control Tower's region deny control
(https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html, 2026-11), without
the services that do have regional endpoints and data (acm, config, kms, wafv2, access-analyzer, ...).
"""

BEDROCK_INFERENCE = (
    "bedrock:CreateModelInvocationJob",
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
)
"""Left to `region.bedrock`: an inference profile calls the model in a region of its own choice."""


def build(company: Company) -> Guardrail:
    """The governed regions of the company file."""
    regions = company.landing_zone.regions
    inside, outside = {"aws:RequestedRegion": regions[0]}, {"aws:RequestedRegion": "ap-southeast-2"}
    instance = f"arn:aws:ec2:ap-southeast-2:{ACCOUNT}:instance/*"
    return Guardrail(
        id="region.allow",
        title="Only the governed regions",
        intent="Where the company does not govern, nobody records, audits or looks, so nothing runs there.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 SC-7", "≈NIST 800-53 SA-9(5)"),
        parameters={"regions": list(regions), "global_actions": list(GLOBAL_ACTIONS)},
        seen_as="A call to another region answers AccessDenied; the console shows empty or red panels there.",
        exemption="Ask the platform team for a governed region more; it is opened for everybody, with its audit.",
        statements=(
            Deny(
                "RegionAllow",
                not_actions=(*GLOBAL_ACTIONS, *BEDROCK_INFERENCE),
                condition={"StringNotEquals": {"aws:RequestedRegion": regions}, **EXEMPTION},
            ),
        ),
        allows=(
            Call("a team works in a governed region", TEAM_ADMIN, "ec2:RunInstances", "*", inside),
            Call("a global service is called from anywhere", TEAM_ADMIN, "iam:CreateRole", "*", outside),
            Call("a platform role cleans up anywhere", PLATFORM, "ec2:DeleteVpc", "*", outside),
        ),
        denies=(
            Call("a team starts an instance elsewhere", TEAM_ADMIN, "ec2:RunInstances", instance, outside),
            Call("a workload writes a bucket elsewhere", TEAM_WORKLOAD, "s3:CreateBucket", "arn:aws:s3:::b", outside),
            Call("a key is made elsewhere", TEAM_ADMIN, "kms:CreateKey", "*", outside),
            Call("a role that only looks like the platform's", LOOKALIKE, "ec2:RunInstances", instance, outside),
        ),
    )
