"""d.kms: keys turn, and none waits for its end unnoticed."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.kms",
        title="Keys are watched",
        intent="A key deleted takes all that it encrypted with it.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 3.6", "CIS v5 3.6", "NIST 800-53 SC-12"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "CMK_BACKING_KEY_ROTATION_ENABLED",
                "customer keys turn every year",
                lambda observed: observed.get("rotates") is True,
                severity="medium",
            ),
            Rule(
                "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
                "no key waits for its deletion",
                lambda observed: observed["state"] != "PendingDeletion",
                severity="critical",
            ),
        ),
        allows=(
            State("a key that turns", {"rotates": True}, "CMK_BACKING_KEY_ROTATION_ENABLED"),
            State("a key in use", {"state": "Enabled"}, "KMS_CMK_NOT_SCHEDULED_FOR_DELETION"),
        ),
        denies=(
            State("a key that does not", {"rotates": False}, "CMK_BACKING_KEY_ROTATION_ENABLED"),
            State("a key that is about to go", {"state": "PendingDeletion"}, "KMS_CMK_NOT_SCHEDULED_FOR_DELETION"),
        ),
    )
