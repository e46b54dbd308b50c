"""d.ebs: volumes are encrypted and snapshots private."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.ebs",
        title="Volumes and snapshots are watched",
        intent="Encryption by default is for new volumes; old ones are found here.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.2.1", "CIS v5 5.1.1", "NIST 800-53 SC-28"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "EC2_EBS_ENCRYPTION_BY_DEFAULT",
                "EBS encryption by default is on",
                lambda observed: observed.get("default") is True,
                severity="medium",
            ),
            Rule(
                "ENCRYPTED_VOLUMES",
                "attached volumes are encrypted",
                lambda observed: observed.get("encrypted") is True,
            ),
            Rule(
                "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
                "no snapshot can be restored by everybody",
                lambda observed: observed.get("public") is False,
            ),
        ),
        allows=(
            State("on", {"default": True}, "EC2_EBS_ENCRYPTION_BY_DEFAULT"),
            State("an encrypted volume", {"encrypted": True}, "ENCRYPTED_VOLUMES"),
            State("a private snapshot", {"public": False}, "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK"),
        ),
        denies=(
            State("off", {"default": False}, "EC2_EBS_ENCRYPTION_BY_DEFAULT"),
            State("a volume in the clear", {"encrypted": False}, "ENCRYPTED_VOLUMES"),
            State("a public snapshot", {"public": True}, "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK"),
        ),
    )
