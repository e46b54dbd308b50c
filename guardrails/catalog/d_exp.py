"""d.exp: nothing is open to everybody by its own policy."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.exp",
        title="Exposure is watched",
        intent="Services have doors of their own that no network rule closes.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("NIST 800-53 AC-3", "PCI DSS 1.3"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "EKS_ENDPOINT_NO_PUBLIC_ACCESS",
                "no cluster has a public endpoint",
                lambda observed: observed.get("public") is False,
            ),
            Rule(
                "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
                "no function can be invoked by everybody",
                lambda observed: observed.get("principal") != "*",
            ),
            Rule(
                "SSM_DOCUMENT_NOT_PUBLIC",
                "no document is shared with everybody",
                lambda observed: observed.get("public") is False,
            ),
        ),
        allows=(
            State("a private endpoint", {"public": False}, "EKS_ENDPOINT_NO_PUBLIC_ACCESS"),
            State(
                "a function for one service",
                {"principal": "events.amazonaws.com"},
                "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED",
            ),
            State("a private document", {"public": False}, "SSM_DOCUMENT_NOT_PUBLIC"),
        ),
        denies=(
            State("a public endpoint", {"public": True}, "EKS_ENDPOINT_NO_PUBLIC_ACCESS"),
            State("a function for everybody", {"principal": "*"}, "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED"),
            State("a public document", {"public": True}, "SSM_DOCUMENT_NOT_PUBLIC"),
        ),
    )
