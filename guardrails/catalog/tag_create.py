"""tag.create: what costs money says from its first minute whose it is."""

from guardrails.guardrail import Call, Deny, Guardrail, Mechanism
from guardrails.principals import ACCOUNT, EXEMPTION, PLATFORM, TEAM_ADMIN, TEAM_WORKLOAD
from vending.core.company import Company

CREATIONS = {"ec2:RunInstances": "arn:*:ec2:*:*:instance/*", "rds:CreateDBInstance": "arn:*:rds:*:*:db:*"}
"""A call that makes something -> the one resource of it that is tagged. Never `*`: RunInstances is judged once for
each resource, and the image and the subnet of a launch have no tags to request."""


def build(company: Company) -> Guardrail:
    """One statement a tag and kind: keys in one condition would have to be missing all together."""
    tags = company.guardrails.required_tags
    instance = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*"
    image = "arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0"
    database = f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:ledger"
    launch = {"ec2:MetadataHttpTokens": "required", "ec2:InstanceType": "t3.micro"}
    tagged = {f"aws:RequestTag/{tag}": "ledger" for tag in tags}
    first = dict(list(tagged.items())[1:])
    return Guardrail(
        id="tag.create",
        title="Instances and databases are made with their tags",
        intent="What nobody's tag names is nobody's to pay, to patch and to switch off.",
        mechanism=Mechanism.SCP,
        ou_classes=("prod", "regulated"),
        frameworks=("≈NIST 800-53 CM-8",),
        parameters={"tags": list(tags), "creations": sorted(CREATIONS)},
        seen_as=f"Launching without the tag `{tags[0]}` answers UnauthorizedOperation; for a database, AccessDenied.",
        exemption="No exemption is needed: give the tags in the call that makes it.",
        statements=tuple(
            Deny(
                f"TagCreate{number}{action.partition(':')[0].capitalize()}",
                actions=(action,),
                resources=(resource,),
                condition={"Null": {f"aws:RequestTag/{tag}": "true"}, **EXEMPTION},
            )
            for number, tag in enumerate(tags, start=1)
            for action, resource in CREATIONS.items()
        ),
        allows=(
            Call("a launch with every tag", TEAM_ADMIN, "ec2:RunInstances", instance, launch | tagged),
            Call("the image of a launch has no tags to request", TEAM_ADMIN, "ec2:RunInstances", image, launch),
            Call("a database with every tag", TEAM_WORKLOAD, "rds:CreateDBInstance", database, tagged),
            Call("the platform launches", PLATFORM, "ec2:RunInstances", instance, launch),
        ),
        denies=(
            Call("a launch without tags", TEAM_ADMIN, "ec2:RunInstances", instance, launch),
            Call("a launch with one tag missing", TEAM_WORKLOAD, "ec2:RunInstances", instance, launch | first),
            Call("a database without tags", TEAM_ADMIN, "rds:CreateDBInstance", database),
        ),
    )
