"""d.tags: what exists carries its tags."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Rule, State
from vending.core.company import Company

REQUIRED_TAGS = "REQUIRED_TAGS"


def build(company: Company) -> Guardrail:
    """The tags of the company file, which `tag.create` asks for when something is made; the rule takes six at most."""
    tags = company.guardrails.required_tags

    def holds(observed: Observed) -> bool:
        return all(tag in observed["tags"] for tag in tags)

    return Guardrail(
        id="d.tags",
        title="Tags are watched",
        intent="What nobody's tag names is nobody's to pay, to patch and to switch off.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 CM-8",),
        parameters={"tags": list(tags)},
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                REQUIRED_TAGS,
                f"resources carry {', '.join(tags)}",
                holds,
                parameters={f"tag{number}Key": tag for number, tag in enumerate(tags, start=1)},
                severity="low",
            ),
        ),
        allows=(State("every tag", {"tags": dict.fromkeys(tags, "ledger")}, REQUIRED_TAGS),),
        denies=(State("no tag", {"tags": {}}, REQUIRED_TAGS),),
    )
