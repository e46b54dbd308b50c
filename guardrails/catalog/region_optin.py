"""region.optin: which regions an account has is the platform's choice."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, PLATFORM, TEAM_ADMIN
from vending.core.company import Company


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Enabling as well as disabling: a region switched off hides what is in it."""
    return Guardrail(
        id="region.optin",
        title="Regions are neither switched on nor off",
        intent="A region switched on is one more to watch; one switched off hides what still runs there.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 CM-7",),
        seen_as="Enabling or disabling a region in the account settings answers AccessDenied.",
        exemption="Ask the platform team for a governed region more.",
        statements=(
            Deny("RegionOptin", actions=("account:DisableRegion", "account:EnableRegion"), condition=EXEMPTION),
        ),
        allows=(
            Call("a team lists its regions", TEAM_ADMIN, "account:ListRegions"),
            Call("the platform enables a region", PLATFORM, "account:EnableRegion"),
        ),
        denies=(
            Call("a team enables a region", TEAM_ADMIN, "account:EnableRegion"),
            Call("a team disables a region", TEAM_ADMIN, "account:DisableRegion"),
        ),
    )
