"""d.ip: no instance has a public address."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.ip",
        title="Public addresses are watched",
        intent="A public address is a door to the internet, whether somebody uses it or not.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("NIST 800-53 SC-7", "PCI DSS 1.4"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "EC2_INSTANCE_NO_PUBLIC_IP",
                "no instance has a public address",
                lambda observed: not observed.get("public_ip"),
            ),
        ),
        allows=(State("a private instance", {}, "EC2_INSTANCE_NO_PUBLIC_IP"),),
        denies=(State("a public address", {"public_ip": "203.0.113.7"}, "EC2_INSTANCE_NO_PUBLIC_IP"),),
    )
