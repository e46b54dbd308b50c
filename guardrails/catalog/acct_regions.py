"""acct.regions: every governed region can be used."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Guardrail, Mechanism, Observed, Place, Setting, State
from vending.core.company import Company
from vending.core.errors import AwsConflict

USABLE = ("ENABLED", "ENABLED_BY_DEFAULT")


def build(company: Company) -> Guardrail:
    """Regions launched since March 2019 are off until asked for, and AWS takes minutes to hours to switch one on
    (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html)."""
    regions = company.landing_zone.regions
    return Guardrail(
        id="acct.regions",
        title="The governed regions are switched on",
        intent="A region that the company governs is there when a team needs it, with its settings in place.",
        mechanism=Mechanism.SETTING,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 CM-7",),
        parameters={"regions": list(regions)},
        seen_as="A region that is not switched on answers that the security token is invalid.",
        exemption="No exemption is needed; a region that is on costs nothing.",
        setting=Setting(
            regions=(),
            expected=f"{', '.join(regions)} can be used",
            read=lambda place: _read(place, regions),
            apply=lambda place: _apply(place, regions),
            holds=lambda observed: all(observed.get(region) in USABLE for region in regions),
            tell=lambda observed: ", ".join(
                f"{name}: {status.lower().replace('_', ' ')}" for name, status in observed.items()
            ),
        ),
        allows=(
            State("on from the start", dict.fromkeys(regions, "ENABLED_BY_DEFAULT")),
            State("switched on", dict.fromkeys(regions, "ENABLED")),
        ),
        denies=(
            State("off", dict.fromkeys(regions, "ENABLED") | {regions[0]: "DISABLED"}),
            State("not yet on", dict.fromkeys(regions, "ENABLED") | {regions[0]: "ENABLING"}),
        ),
    )


def _read(place: Place, regions: tuple[str, ...]) -> Observed:
    account = place.aws.client("account", account_id=place.account_id)
    return {region: account.get_region_opt_status(RegionName=region)["RegionOptStatus"] for region in regions}


def _apply(place: Place, regions: tuple[str, ...]) -> None:
    """Begin; and say that it is under way until it is over, so that whoever waits asks again."""
    account = place.aws.client("account", account_id=place.account_id)
    for region, status in _read(place, regions).items():
        if status == "DISABLED":
            account.enable_region(RegionName=region)
    if waiting := [region for region, status in _read(place, regions).items() if status not in USABLE]:
        raise AwsConflict(
            f"AWS is switching on {', '.join(waiting)} in account {place.account_id}.",
            "It goes on by itself; AWS takes minutes, seldom hours.",
            service="account",
            operation="EnableRegion",
        )
