"""Control Tower: whether what it enabled has drifted, in the home region.

Four listings answer everything: enabled controls with their children, enabled baselines with theirs, the landing
zone, and the names of baselines. Drift stands in the listings themselves, so no control is asked for one by one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.calls import Calls
from audit.catalogue import Catalogue
from audit.estate import Estate
from audit.finding import (
    ACCOUNT_TYPE,
    ANY_CONTROL,
    Cell,
    Control,
    Observation,
    Reading,
    Seen,
    Severity,
    State,
)
from audit.sources.interface import Known, Plan, Shard
from vending.core.clock import Clock

NAME = "control-tower"
CONTROLS_PAGE = 200
BASELINES_PAGE = 100
ACCOUNT_BASELINE = "AWSControlTowerBaseline"
"""The baseline that every enrolled account has as a child of its OU's."""
BASELINE = "baseline/"
LANDING_ZONE_DRIFT = "landing-zone/drift"
LANDING_ZONE_VERSION = "landing-zone/version"
LANDING_ZONE_TYPE = "AWS::ControlTower::LandingZone"
ENABLED_CONTROL_TYPE = "AWS::ControlTower::EnabledControl"
ENABLED_BASELINE_TYPE = "AWS::ControlTower::EnabledBaseline"
_OWN = {
    LANDING_ZONE_DRIFT: ("The landing zone is as Control Tower set it up", Severity.HIGH),
    LANDING_ZONE_VERSION: ("The landing zone is on the latest version", Severity.MEDIUM),
    BASELINE + ACCOUNT_BASELINE: ("The account is enrolled and its baseline has not drifted", Severity.HIGH),
    ANY_CONTROL: ("Everything of Control Tower", Severity.UNRATED),
}
Verdict = tuple[State, str]


@dataclass
class ControlTowerSource:
    """Enabled controls, baselines and the landing zone."""

    clock: Clock
    catalogue: Catalogue
    name: str = NAME
    _unit_names: dict[str, str] = field(default_factory=dict)

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """Every account, once: Control Tower answers in the home region for all regions."""
        return [Cell(NAME, ANY_CONTROL, account_id, estate.home_region) for account_id in estate.accounts]

    def plan(self, calls: Calls, estate: Estate, known: Known) -> Plan:  # noqa: ARG002 - the interface's
        """Reads everything: the listings are the answer, and no call is left to make."""
        seen: defaultdict[Cell, list[Observation]] = defaultdict(list)
        found = (*self._controls(calls, estate), *self._baselines(calls, estate), *self._landing_zone(calls, estate))
        for cell, observation in found:
            seen[cell].append(observation)
        ready = tuple(Reading(cell, Seen(tuple(found)), self.clock.now()) for cell, found in seen.items())
        names = {cell.control_id for cell in seen} | {ANY_CONTROL}
        return Plan(ready, (), tuple(self.describe(name) for name in sorted(names)))

    def collect(self, calls: Calls, shard: Shard) -> Iterator[Reading]:  # noqa: ARG002 - the interface's
        """Nothing is left open by the plan."""
        yield from ()

    def describe(self, control_id: str) -> Control:
        """The catalogue's words for a control, our own for baselines and the landing zone."""
        if control_id in _OWN:
            return Control(NAME, control_id, *_OWN[control_id])
        entry = self.catalogue.control(control_id)
        if entry is None:
            return Control(NAME, control_id, control_id.rsplit("/", 1)[-1])
        return Control(NAME, control_id, entry.title, entry.severity, entry.frameworks)

    def _controls(self, calls: Calls, estate: Estate) -> Iterator[tuple[Cell, Observation]]:
        listing = calls.pages("controltower", "list_enabled_controls", includeChildren=True, maxResults=CONTROLS_PAGE)
        for page in listing:
            for enabled in page["enabledControls"]:
                yield from self._place(calls, estate, enabled, enabled["controlIdentifier"], judge_control(enabled))

    def _baselines(self, calls: Calls, estate: Estate) -> Iterator[tuple[Cell, Observation]]:
        names = self._baseline_names(calls)
        listing = calls.pages("controltower", "list_enabled_baselines", includeChildren=True, maxResults=BASELINES_PAGE)
        enrolled = set()
        for page in listing:
            for enabled in page["enabledBaselines"]:
                name = names.get(enabled["baselineIdentifier"], enabled["baselineIdentifier"].rsplit("/", 1)[-1])
                if name == ACCOUNT_BASELINE:
                    enrolled.add(_target_id(enabled))
                yield from self._place(calls, estate, enabled, BASELINE + name, judge_baseline(enabled))
        yield from self._unenrolled(estate, enrolled)

    def _unenrolled(self, estate: Estate, enrolled: set[str]) -> Iterator[tuple[Cell, Observation]]:
        """Accounts without a baseline of their own; the management account never has one."""
        reason = "The account has no Control Tower baseline: it is not enrolled."
        for account_id in sorted(estate.accounts.keys() - enrolled - {estate.management_account_id}):
            cell = Cell(NAME, BASELINE + ACCOUNT_BASELINE, account_id, estate.home_region)
            yield cell, Observation(account_id, ACCOUNT_TYPE, State.FAIL, reason, self.clock.now())

    def _baseline_names(self, calls: Calls) -> Mapping[str, str]:
        pages = calls.pages("controltower", "list_baselines", maxResults=BASELINES_PAGE)
        return {baseline["arn"]: baseline["name"] for page in pages for baseline in page["baselines"]}

    def _landing_zone(self, calls: Calls, estate: Estate) -> Iterator[tuple[Cell, Observation]]:
        for page in calls.pages("controltower", "list_landing_zones"):
            for listed in page["landingZones"]:
                about = calls.ask("controltower", "get_landing_zone", landingZoneIdentifier=listed["arn"])
                zone = about["landingZone"]
                judged = ((LANDING_ZONE_DRIFT, judge_drift(zone)), (LANDING_ZONE_VERSION, judge_version(zone)))
                for control_id, (state, reason) in judged:
                    cell = Cell(NAME, control_id, estate.management_account_id, estate.home_region)
                    yield cell, Observation(listed["arn"], LANDING_ZONE_TYPE, state, reason, self.clock.now())

    def _place(
        self, calls: Calls, estate: Estate, enabled: Mapping[str, Any], control_id: str, verdict: Verdict
    ) -> Iterator[tuple[Cell, Observation]]:
        """The account an enabled control or baseline is about; the management account for one on an OU."""
        target = _target_id(enabled)
        state, reason = verdict
        kind = ENABLED_BASELINE_TYPE if control_id.startswith(BASELINE) else ENABLED_CONTROL_TYPE
        if target in estate.accounts:
            account_id, ou = target, None
        elif ":account/" in enabled["targetIdentifier"]:
            return
        else:
            account_id, ou = estate.management_account_id, self._unit_name(calls, target)
        cell = Cell(NAME, control_id, account_id, estate.home_region)
        resource, resource_type = (target, ACCOUNT_TYPE) if ou is None else (enabled["targetIdentifier"], kind)
        yield cell, Observation(resource, resource_type, state, reason, self.clock.now(), ou)

    def _unit_name(self, calls: Calls, unit_id: str) -> str:
        if unit_id not in self._unit_names:
            about = calls.ask("organizations", "describe_organizational_unit", OrganizationalUnitId=unit_id)
            self._unit_names[unit_id] = about["OrganizationalUnit"]["Name"]
        return self._unit_names[unit_id]


def judge_control(enabled: Mapping[str, Any]) -> Verdict:
    """What the summary of an enabled control says. NOT_CHECKING is no pass: nobody looked."""
    if pending := _pending(enabled, "control"):
        return pending
    drift = enabled.get("driftStatusSummary", {})
    status = drift.get("driftStatus", "UNKNOWN")
    if status == "IN_SYNC":
        return State.PASS, ""
    if status == "DRIFTED":
        return State.FAIL, f"The control has drifted ({_drifted(drift) or 'no type told'})."
    if status == "NOT_CHECKING":
        return State.UNKNOWN, "Control Tower does not check this kind of control for drift (NOT_CHECKING)."
    return State.UNKNOWN, f"Control Tower does not know whether the control has drifted ({status})."


def judge_baseline(enabled: Mapping[str, Any]) -> Verdict:
    """What the summary of an enabled baseline says."""
    if pending := _pending(enabled, "baseline"):
        return pending
    drift = enabled.get("driftStatusSummary", {})
    if kinds := _drifted(drift):
        return State.FAIL, f"The baseline has drifted ({kinds})."
    if any("status" in told for told in drift.get("types", {}).values()):
        return State.PASS, ""
    return State.UNKNOWN, "Control Tower does not check this baseline for drift."


def judge_drift(zone: Mapping[str, Any]) -> Verdict:
    """Whether the landing zone is as it was set up."""
    if zone.get("status") != "ACTIVE":
        return State.UNKNOWN, f"The landing zone is {zone.get('status', 'in no known state')}."
    status = zone.get("driftStatus", {}).get("status")
    if status == "IN_SYNC":
        return State.PASS, ""
    if status == "DRIFTED":
        return State.FAIL, "The landing zone has drifted: reset it in Control Tower."
    return State.UNKNOWN, "Control Tower does not say whether the landing zone has drifted."


def judge_version(zone: Mapping[str, Any]) -> Verdict:
    """Whether a newer version of the landing zone waits."""
    latest = zone.get("latestAvailableVersion")
    if latest is None:
        return State.UNKNOWN, "Control Tower does not name the latest version."
    if zone["version"] == latest:
        return State.PASS, ""
    return State.FAIL, f"The landing zone is on version {zone['version']}; {latest} is available."


def _pending(enabled: Mapping[str, Any], what: str) -> Verdict | None:
    status = enabled.get("statusSummary", {}).get("status", "SUCCEEDED")
    if status == "FAILED":
        return State.FAIL, f"Enabling the {what} failed; Control Tower names the operation."
    if status == "UNDER_CHANGE":
        return State.UNKNOWN, f"Control Tower is changing the {what} right now."
    return None


def _drifted(drift: Mapping[str, Any]) -> str:
    types = drift.get("types", {}).items()
    return ", ".join(sorted(kind for kind, told in types if told.get("status") == "DRIFTED"))


def _target_id(enabled: Mapping[str, Any]) -> str:
    """The account or OU id that a target's ARN ends with."""
    return str(enabled["targetIdentifier"]).rsplit("/", 1)[-1]
