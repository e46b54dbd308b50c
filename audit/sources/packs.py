"""Conformance packs, as the aggregator sums them up: one cell for each pack of an account and region."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.estate import Estate
from audit.finding import Cell, Control, Observation, Reading, Seen, Unknown
from audit.sources.aggregator import STATES, Aggregator, Place
from audit.sources.foreign_packs import DEPLOYED, ForeignPacks, no_obligation
from audit.sources.interface import Plan
from vending.core.clock import Clock
from vending.core.errors import AwsFailed

PACK = "conformance-pack/"
PACK_TYPE = "AWS::Config::ConformancePack"
_LARGEST = 25
"""Packs that are asked for at a time (DescribeConformancePacks, API reference)."""


def plan_packs(
    aggregator: Aggregator,
    rows: Sequence[Mapping[str, Any]],
    estate: Estate,
    clock: Clock,
    blind: Mapping[Place, Unknown],
    foreign: ForeignPacks,
) -> Plan:
    """Everything about packs is answered at once; those that the listing still names but that were deleted are not."""
    live = _Living(aggregator, estate)

    def answer(row: Mapping[str, Any]) -> Seen | Unknown:
        cell, unseen = _cell(row), blind.get((row["AccountId"], row["AwsRegion"]))
        why = foreign.why(cell)
        return no_obligation(cell, why, clock) if why else unseen or _answer(row, clock)

    mine = (row for row in rows if row["AccountId"] in estate.accounts)
    readings = tuple(Reading(_cell(row), answer(row), clock.now()) for row in mine if live.holds(row))
    names = sorted({reading.cell.control_id for reading in readings})
    return Plan(readings, (), tuple(Control("config", name, f"Conformance pack {name[len(PACK) :]}") for name in names))


class _Living:
    """Which packs there are: the organisation's by its own listing, others by asking their account."""

    def __init__(self, aggregator: Aggregator, estate: Estate) -> None:
        self._calls = aggregator.calls
        self._estate = estate
        self._organization: dict[str, set[str]] = {}
        self._local: dict[Place, set[str] | None] = {}

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a pack is not known to be deleted."""
        name, place = row["ConformancePackName"], (row["AccountId"], row["AwsRegion"])
        if name.startswith(DEPLOYED):
            return any(name.startswith(f"{DEPLOYED}{one}-") for one in self._of_organization(place[1]))
        held = self._of_account(place)
        return held is None or name in held

    def _of_organization(self, region: str) -> set[str]:
        if region not in self._organization:
            pages = self._calls.pages("config", "describe_organization_conformance_packs", region)
            found = {one["OrganizationConformancePackName"] for page in pages for one in _listed(page)}
            self._organization[region] = found
        return self._organization[region]

    def _of_account(self, place: Place) -> set[str] | None:
        """None where the account does not answer."""
        if place not in self._local:
            account, region = place
            member = None if account == self._estate.management_account_id else account
            try:
                pages = self._calls.pages("config", "describe_conformance_packs", region, member)
                self._local[place] = {
                    one["ConformancePackName"] for page in pages for one in page["ConformancePackDetails"]
                }
            except AwsFailed:
                self._local[place] = None
        return self._local[place]


def _listed(page: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from page["OrganizationConformancePacks"]


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell("config", PACK + row["ConformancePackName"], row["AccountId"], row["AwsRegion"])


def _answer(row: Mapping[str, Any], clock: Clock) -> Seen | Unknown:
    told = row["Compliance"]
    compliance = told["ComplianceType"]
    if compliance == "INSUFFICIENT_DATA":
        return Unknown("Config has not evaluated the pack yet (INSUFFICIENT_DATA).")
    if compliance not in STATES:
        return Unknown(f"Config answered {compliance}, which has no meaning here.", strange=True)
    failing, of = told.get("NonCompliantRuleCount", 0), told.get("TotalRuleCount", 0)
    reason = f"{failing} of its {of} rules are not kept." if failing else ""
    name = row["ConformancePackName"]
    return Seen((Observation(name, PACK_TYPE, STATES[compliance], reason, clock.now()),))
