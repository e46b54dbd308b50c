"""d.acct: AWS knows whom to call, and the account stays in the organisation."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:
    """The account is one for all regions, so its rules run in the home region alone."""
    return Guardrail(
        id="d.acct",
        title="The account itself is watched",
        intent="A warning of AWS that reaches nobody is no warning.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.2", "CIS v5 1.2", "PCI DSS 12.10"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "SECURITY_ACCOUNT_INFORMATION_PROVIDED",
                "the account has a security contact",
                lambda observed: observed.get("security_contact") is True,
                regions=(company.landing_zone.home_region,),
                severity="medium",
            ),
            Rule(
                "ACCOUNT_PART_OF_ORGANIZATIONS",
                "the account belongs to the organisation",
                lambda observed: observed.get("member") is True,
                regions=(company.landing_zone.home_region,),
                severity="high",
            ),
        ),
        allows=(
            State("a security contact", {"security_contact": True}, "SECURITY_ACCOUNT_INFORMATION_PROVIDED"),
            State("a member", {"member": True}, "ACCOUNT_PART_OF_ORGANIZATIONS"),
        ),
        denies=(
            State("none", {"security_contact": False}, "SECURITY_ACCOUNT_INFORMATION_PROVIDED"),
            State("an account on its own", {"member": False}, "ACCOUNT_PART_OF_ORGANIZATIONS"),
        ),
    )
