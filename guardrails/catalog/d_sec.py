"""d.sec: an analyzer looks for what strangers can reach."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region, as an analyzer sees one alone."""
    return Guardrail(
        id="d.sec",
        title="Access Analyzer is watched",
        intent="Who from outside can reach what is a question that somebody has to ask every day.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.20", "CIS v5 1.19", "NIST 800-53 RA-5"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED",
                "an analyzer of external access is active",
                lambda observed: observed.get("analyzer") is True,
                severity="high",
            ),
        ),
        allows=(State("an active analyzer", {"analyzer": True}, "IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED"),),
        denies=(State("none", {"analyzer": False}, "IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED"),),
    )
