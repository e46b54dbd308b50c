"""d.flow: every VPC writes down who spoke with whom."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.flow",
        title="Flow logs are watched",
        intent="After an intrusion the first question is where the data went, and only the flow log knows.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 3.7", "CIS v5 3.7", "NIST 800-53 AU-12"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "VPC_FLOW_LOGS_ENABLED",
                "every VPC has an active flow log",
                lambda observed: observed.get("flow_log") is True,
                severity="medium",
            ),
        ),
        allows=(State("a VPC with a flow log", {"flow_log": True}, "VPC_FLOW_LOGS_ENABLED"),),
        denies=(State("a VPC without", {"flow_log": False}, "VPC_FLOW_LOGS_ENABLED"),),
    )
