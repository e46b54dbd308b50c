"""d.root: the root user has no keys."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:
    """IAM is one for all regions, so its rule runs in the home region alone. The rules on its second factor are left
    out: what they say of a root user without a password, which is how AWS makes accounts, was not found documented."""
    return Guardrail(
        id="d.root",
        title="The root user is watched",
        intent="Whoever has the root user has the account, and no guardrail inside it helps.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 1.4", "CIS v5 1.3", "NIST 800-53 IA-2"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "IAM_ROOT_ACCESS_KEY_CHECK",
                "the root user has no access key",
                lambda observed: observed["AccountAccessKeysPresent"] == 0,
                regions=(company.landing_zone.home_region,),
                severity="critical",
            ),
        ),
        allows=(State("no key", {"AccountAccessKeysPresent": 0}, "IAM_ROOT_ACCESS_KEY_CHECK"),),
        denies=(State("a key", {"AccountAccessKeysPresent": 1}, "IAM_ROOT_ACCESS_KEY_CHECK"),),
    )
