"""d.net: default groups are closed, and the world reaches no port of administration."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """In every governed region."""
    return Guardrail(
        id="d.net",
        title="Networks are watched",
        intent="A port opened for a minute and forgotten is how most intruders came in.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=(
            "CIS v3 5.1",
            "CIS v3 5.2",
            "CIS v3 5.3",
            "CIS v3 5.4",
            "CIS v5 5.2",
            "CIS v5 5.3",
            "CIS v5 5.5",
            "NIST 800-53 SC-7",
            "PCI DSS 1.3",
        ),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "VPC_DEFAULT_SECURITY_GROUP_CLOSED",
                "default security groups let nothing through",
                lambda observed: not observed["rules"],
                severity="high",
            ),
            Rule(
                "INCOMING_SSH_DISABLED",
                "no security group lets the world in on port 22",
                lambda observed: 22 not in observed["open_to_world"],
            ),
            Rule(
                "RESTRICTED_INCOMING_TRAFFIC",
                "no security group lets the world in on a blocked port",
                lambda observed: not set(observed["open_to_world"]) & {20, 21, 3389, 3306, 4333},
            ),
            Rule(
                "NACL_NO_UNRESTRICTED_SSH_RDP",
                "no network ACL lets the world in on port 22 or 3389",
                lambda observed: not {22, 3389} & set(observed["open_to_world"]),
                severity="medium",
            ),
        ),
        allows=(
            State("no rules", {"rules": []}, "VPC_DEFAULT_SECURITY_GROUP_CLOSED"),
            State("only HTTPS is open", {"open_to_world": [443]}, "INCOMING_SSH_DISABLED"),
            State("only HTTPS is open", {"open_to_world": [443]}, "RESTRICTED_INCOMING_TRAFFIC"),
            State("neither is open", {"open_to_world": []}, "NACL_NO_UNRESTRICTED_SSH_RDP"),
        ),
        denies=(
            State("a rule as AWS makes it", {"rules": ["all from itself"]}, "VPC_DEFAULT_SECURITY_GROUP_CLOSED"),
            State("SSH is open", {"open_to_world": [22]}, "INCOMING_SSH_DISABLED"),
            State("a database is open", {"open_to_world": [3306]}, "RESTRICTED_INCOMING_TRAFFIC"),
            State("RDP is open", {"open_to_world": [3389]}, "NACL_NO_UNRESTRICTED_SSH_RDP"),
        ),
    )
