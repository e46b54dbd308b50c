"""Control Tower: whether it enrols accounts by itself, everywhere that the company file names."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.doctor.diagnosis import Seen, fine, missing, unknown
from infra.doctor.sight import Sight

OLDEST = "3.1"
"""From here on an account is enrolled when it is moved into a registered OU (Control Tower user guide, "Automatically
enroll accounts")."""
SETTINGS = "Control Tower, Landing zone settings, Modify settings"


def landing_zone(sight: Sight) -> Iterator[Seen]:
    """There is one, and it is not being changed."""
    zone = _read(sight)
    if zone is None:
        yield _none(sight)
    elif zone["status"] == "ACTIVE":
        yield fine(f"Landing zone {zone['version']} is active.")
    elif zone["status"] == "PROCESSING":
        yield unknown("The landing zone is being changed.", "Wait until Control Tower is done, then ask again.")
    else:
        then = "Control Tower, Landing zone settings, says why: mend that and try again."
        yield missing(f"The landing zone's last change ended as {zone['status']}.", then)


def version(sight: Sight) -> Iterator[Seen]:
    """New enough to enrol, and the newest."""
    zone = _read(sight)
    if zone is None:
        yield _none(sight)
        return
    runs, newest = str(zone["version"]), str(zone["latestAvailableVersion"])
    if _number(runs) < _number(OLDEST):
        then = f"Update it to {newest}: {SETTINGS}."
        yield missing(f"Landing zone {runs} enrols no account that is moved; {OLDEST} is the oldest that does.", then)
    elif _number(runs) < _number(newest):
        yield missing(f"Landing zone {runs} is outdated: {newest} is there.", f"Update it: {SETTINGS}.")
    else:
        yield fine(f"Landing zone {runs} is the newest.")


def drift(sight: Sight) -> Iterator[Seen]:
    """It is as Control Tower made it."""
    zone = _read(sight)
    status = zone.get("driftStatus", {}).get("status") if zone else None
    if zone is None:
        yield _none(sight)
    elif status == "IN_SYNC":
        yield fine("The landing zone has not drifted.")
    elif status == "DRIFTED":
        yield missing(
            "The landing zone has drifted.",
            "Control Tower, Landing zone settings, shows what; repair it there (Reset).",
        )
    else:
        yield unknown("Control Tower does not say whether the landing zone has drifted.", "Look there in the console.")


def auto_enrolment(sight: Sight) -> Iterator[Seen]:
    """Moving an account is enough to have it enrolled."""
    zone = _read(sight)
    if zone is None:
        yield _none(sight)
    elif "INHERITANCE_DRIFT" in zone.get("remediationTypes", ()):
        yield fine("Accounts that move into a registered OU are enrolled by Control Tower.")
    else:
        then = f"Switch it on: {SETTINGS}, Automatically enroll accounts."
        yield missing("Automatic enrolment is off: every request would wait for it in vain.", then)


def governed_regions(sight: Sight) -> Iterator[Seen]:
    """Every region that teams may use is one that Control Tower governs."""
    zone = _read(sight)
    if zone is None:
        yield _none(sight)
        return
    governed = tuple(zone.get("manifest", {}).get("governedRegions", ()))
    if not governed:
        yield unknown(
            "The landing zone's manifest names no governed regions.", "Compare them in Control Tower's console."
        )
        return
    wanted = sight.company.landing_zone.regions
    bare = [region for region in wanted if region not in governed]
    for region in bare:
        yield missing(
            f"{region} is a region of the company file, and Control Tower does not govern it.",
            f"Govern it ({SETTINGS}), or take it out of landing_zone.regions.",
            f"landing_zone.regions, {region}",
        )
    if not bare:
        spare = [region for region in governed if region not in wanted]
        closed = f" {', '.join(spare)} too; the company file keeps teams out of there." if spare else ""
        yield fine(f"Control Tower governs {', '.join(wanted)}.{closed}")


def _read(sight: Sight) -> Mapping[str, Any] | None:
    tower = sight.management("controltower")
    for page in tower.pages("list_landing_zones"):
        for zone in page["landingZones"]:
            found: Mapping[str, Any] = tower.get_landing_zone(landingZoneIdentifier=zone["arn"])["landingZone"]
            return found
    return None


def _none(sight: Sight) -> Seen:
    then = f"Set up Control Tower with the home region {sight.home}, or mend landing_zone.home_region."
    return missing(f"Control Tower has no landing zone in {sight.home}.", then)


def _number(version_: str) -> tuple[int, ...]:
    """3.10 comes after 3.9."""
    return tuple(int(part) for part in version_.split(".") if part.isdigit())
