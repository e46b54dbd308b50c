"""d.rds: databases are encrypted and not on the internet."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.rds",
        title="Databases are watched",
        intent="A database that the internet reaches is tried by somebody within minutes.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 2.3.1", "CIS v3 2.3.3", "CIS v5 2.2.1", "CIS v5 2.2.3", "NIST 800-53 SC-28"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "RDS_STORAGE_ENCRYPTED", "databases are encrypted", lambda observed: observed.get("encrypted") is True
            ),
            Rule(
                "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
                "no database has a public address",
                lambda observed: observed.get("public") is False,
            ),
            Rule(
                "RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
                "no database snapshot is public",
                lambda observed: observed.get("public") is False,
            ),
        ),
        allows=(
            State("an encrypted database", {"encrypted": True}, "RDS_STORAGE_ENCRYPTED"),
            State("a private database", {"public": False}, "RDS_INSTANCE_PUBLIC_ACCESS_CHECK"),
            State("a private snapshot", {"public": False}, "RDS_SNAPSHOTS_PUBLIC_PROHIBITED"),
        ),
        denies=(
            State("a database in the clear", {"encrypted": False}, "RDS_STORAGE_ENCRYPTED"),
            State("a database on the internet", {"public": True}, "RDS_INSTANCE_PUBLIC_ACCESS_CHECK"),
            State("a public snapshot", {"public": True}, "RDS_SNAPSHOTS_PUBLIC_PROHIBITED"),
        ),
    )
