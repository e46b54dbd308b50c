"""d.trail: CloudTrail records every region, and nobody can change what it wrote."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Rule, State
from vending.core.company import Company


def build(company: Company) -> Guardrail:
    """A trail of all regions is seen from each; the rules run in the home region alone. Whether the organisation's
    trail has a key is settled with the landing zone and is no account's to mend, so its rule is not among them."""
    return Guardrail(
        id="d.trail",
        title="CloudTrail is watched",
        intent="What is not recorded did not happen, as far as anybody can prove.",
        mechanism=Mechanism.RULE,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("CIS v3 3.1", "CIS v3 3.2", "CIS v5 3.1", "CIS v5 3.2", "NIST 800-53 AU-9"),
        seen_as="The account's page and the audit show a failed finding with the resource; nothing is stopped.",
        exemption="Propose a waiver of the finding, with a reason and an end; the rule goes on watching.",
        rules=(
            Rule(
                "MULTI_REGION_CLOUD_TRAIL_ENABLED",
                "a trail records all regions",
                lambda observed: observed.get("multi_region") is True,
                regions=(company.landing_zone.home_region,),
                severity="high",
            ),
            Rule(
                "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
                "trails sign their log files",
                lambda observed: observed.get("validated") is True,
                regions=(company.landing_zone.home_region,),
                severity="low",
            ),
        ),
        allows=(
            State("a trail of all regions", {"multi_region": True}, "MULTI_REGION_CLOUD_TRAIL_ENABLED"),
            State("signed log files", {"validated": True}, "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"),
        ),
        denies=(
            State("a trail of one region", {"multi_region": False}, "MULTI_REGION_CLOUD_TRAIL_ENABLED"),
            State("log files without signature", {"validated": False}, "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"),
        ),
    )
