"""tag.values: the company's tag keys are written one way."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Part, State
from vending.core.company import Company

ENFORCED = ("ec2:instance", "ec2:volume", "s3:bucket")
"""Types that AWS can refuse a tag on
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html)."""


def build(company: Company) -> Guardrail:
    """The spelling of every required tag; which values it has is the team's to say."""
    tags = company.guardrails.required_tags

    def holds(observed: Observed) -> bool:
        return all(key in tags for key in observed["tags"] if key.lower() in {tag.lower() for tag in tags})

    wrong = tags[0].upper() if tags[0] != tags[0].upper() else tags[0].lower()
    return Guardrail(
        id="tag.values",
        title="Tag keys are written one way",
        intent="Costs and owners are found by tag, and `Service` is another tag than `service`.",
        mechanism=Mechanism.TAG,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 CM-8",),
        parameters={"tags": list(tags), "enforced_for": list(ENFORCED)},
        seen_as="Tagging an instance, a volume or a bucket with another spelling of the key is refused.",
        exemption="No exemption is needed: write the key as it is written here.",
        part=Part(
            {
                "tags": {
                    tag.lower(): {"tag_key": {"@@assign": tag}, "enforced_for": {"@@assign": list(ENFORCED)}}
                    for tag in tags
                }
            },
            f"the keys {', '.join(tags)} written like this",
            holds,
        ),
        allows=(
            State("the key as it is written", {"tags": {tags[0]: "ledger"}}),
            State("another key of the team's own", {"tags": {"team-colour": "green"}}),
        ),
        denies=(State("the key in other letters", {"tags": {wrong: "ledger"}}),),
    )
