"""AWS Config, through the organisation's aggregator in the home region.

Planning reads how fresh the aggregator's data is, then the state of every rule; collecting asks for the resources of
the rules whose resources are not known already. AWS documents no rate for these APIs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.calls import Calls
from audit.catalogue import Catalogue, guess_identifier, plain_name
from audit.estate import Estate
from audit.finding import (
    ACCOUNT_TYPE,
    ANY_CONTROL,
    Cell,
    Control,
    Held,
    Observation,
    Reading,
    Seen,
    State,
    Unchanged,
    Unknown,
)
from audit.sources.interface import Plan
from vending.core.clock import Clock, to_text
from vending.core.errors import AwsFailed, AwsMissing

NAME = "config"
PAGE = 100
RULES_PAGE = 1000
ALWAYS_IN_DETAIL = 1_000
"""Up to so many rules in accounts and regions, all are read in detail. Beyond, a compliant rule with as many resources
as the ledger holds is taken to be unchanged: a resource that took the place of another is then missed until the
rule's state or count next changes."""
WORKERS = 8
"""Calls in flight: one chain of pages is bound by latency, not by AWS's rate."""
STATES = {"COMPLIANT": State.PASS, "NON_COMPLIANT": State.FAIL, "NOT_APPLICABLE": State.NOT_APPLICABLE}
Place = tuple[str, str]
"""An account id and a region."""


@dataclass(frozen=True)
class RuleRow:
    """The state of one rule in one account and region, as the aggregator lists it."""

    cell: Cell
    compliance: str
    count: int | None
    """How many resources make it so; None when AWS does not say or stops counting."""


@dataclass(frozen=True)
class DeployedRule:
    """A rule that Config deploys to every account of the organisation but the management account."""

    identifier: str
    """The managed rule behind it; empty for a custom one."""
    description: str


@dataclass
class ConfigSource:
    """All that the Config aggregator answers, whoever deployed the rule."""

    calls: Calls
    clock: Clock
    catalogue: Catalogue
    name: str = NAME
    _aggregator: str = ""
    _deployed: dict[str, DeployedRule] = field(default_factory=dict)
    """The rules deployed to the whole organisation, by the name they were given."""

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """Every account in every governed region."""
        return [Cell(NAME, ANY_CONTROL, account_id, region) for account_id, region in estate.places()]

    def plan(self, estate: Estate, held: Mapping[Cell, Held]) -> Plan:
        """Freshness first, then every rule's state; stale and silent places become unknown."""
        aggregator = self._find_aggregator()
        if aggregator is None:
            why = Unknown(f"There is no organisation aggregator in {estate.home_region}.")
            return Plan(tuple(self._read(cell, why) for cell in self.territory(estate)), (), 0)
        self._aggregator = aggregator
        blind = self._blind(estate)
        self._deployed = self._read_deployed(estate)
        rows = [row for row in self._rules() if row.cell.account_id in estate.accounts]
        silent = _silent(estate, rows, blind)
        unseen = self._unknown_places(estate, blind | silent, rows, held)
        fresh = [row for row in rows if _place(row.cell) not in blind]
        known = held if len(fresh) > ALWAYS_IN_DETAIL else {}
        ready = (*unseen, *self._at_rule_level(fresh, known))
        answered = {reading.cell for reading in ready}
        still_open = tuple(row.cell for row in fresh if row.cell not in answered)
        return Plan(ready, still_open, len(still_open))

    def collect(self, cells: Sequence[Cell]) -> Iterator[Reading]:
        """The resources of each rule, many rules at a time."""
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(self._detail, cells)

    def describe(self, control_id: str) -> Control:
        """The catalogue's words for the control behind a rule; else the rule's own description or name."""
        name = plain_name(control_id)
        deployed = self._deployed.get(name, DeployedRule("", ""))
        entry = self.catalogue.deployed(control_id) or self.catalogue.rule(
            deployed.identifier or guess_identifier(control_id)
        )
        if entry is None:
            title = "Every rule of Config" if control_id == ANY_CONTROL else deployed.description or name
            return Control(NAME, control_id, title)
        return Control(NAME, control_id, entry.title, entry.severity, entry.frameworks)

    def _find_aggregator(self) -> str | None:
        for page in self.calls.pages("config", "describe_configuration_aggregators"):
            for aggregator in page["ConfigurationAggregators"]:
                if "OrganizationAggregationSource" in aggregator:
                    return str(aggregator["ConfigurationAggregatorName"])
        return None

    def _blind(self, estate: Estate) -> dict[Place, Unknown]:
        """The places whose data the aggregator does not have, or has but does not vouch for."""
        told: dict[Place, Mapping[str, Any]] = {}
        for page in self._pages("describe_configuration_aggregator_sources_status", Limit=PAGE):
            for status in page["AggregatedSourceStatusList"]:
                told[status["SourceId"], status.get("AwsRegion", "")] = status
        doubts = ((place, _doubt(told.get(place))) for place in estate.places())
        return {place: doubt for place, doubt in doubts if doubt is not None}

    def _read_deployed(self, estate: Estate) -> dict[str, DeployedRule]:
        """Organisation rules are deployed region by region, and listed in the region they are deployed to."""
        found = {}
        for region in estate.regions:
            for page in self.calls.pages("config", "describe_organization_config_rules", region):
                for rule in page.get("OrganizationConfigRules", ()):
                    about = rule.get("OrganizationManagedRuleMetadata", {})
                    told = DeployedRule(about.get("RuleIdentifier", ""), about.get("Description", ""))
                    found[rule["OrganizationConfigRuleName"]] = told
        return found

    def _rules(self) -> Iterator[RuleRow]:
        for page in self._pages("describe_aggregate_compliance_by_config_rules", Limit=RULES_PAGE):
            for row in page["AggregateComplianceByConfigRules"]:
                count = row["Compliance"].get("ComplianceContributorCount", {})
                yield RuleRow(
                    Cell(NAME, row["ConfigRuleName"], row["AccountId"], row["AwsRegion"]),
                    row["Compliance"]["ComplianceType"],
                    None if count.get("CapExceeded") else count.get("CappedCount"),
                )

    def _unknown_places(
        self,
        estate: Estate,
        places: Mapping[Place, Unknown],
        rows: Iterable[RuleRow],
        held: Iterable[Cell],
    ) -> Iterator[Reading]:
        """An unknown for every rule that a place is known or expected to have; for `ANY_CONTROL` where none is.

        Organisation rules are expected everywhere but in the management account, which Config leaves out.
        """
        rules: defaultdict[Place, set[str]] = defaultdict(set)
        everywhere: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            rules[_place(row.cell)].add(row.cell.control_id)
            if plain_name(row.cell.control_id) in self._deployed:
                everywhere[row.cell.region].add(row.cell.control_id)
        for cell in held:
            if cell.control_id != ANY_CONTROL:
                rules[_place(cell)].add(cell.control_id)
        for place, why in places.items():
            deployed = set() if place[0] == estate.management_account_id else everywhere[place[1]]
            for rule in sorted(rules[place] or deployed or {ANY_CONTROL}):
                yield self._read(Cell(NAME, rule, *place), why)

    def _at_rule_level(self, rows: Iterable[RuleRow], held: Mapping[Cell, Held]) -> Iterator[Reading]:
        """The readings that need no detail: what has no resources, and what is as the ledger holds it."""
        for row in rows:
            if row.compliance == "INSUFFICIENT_DATA":
                yield self._read(row.cell, Unknown("Config has not evaluated the rule yet (INSUFFICIENT_DATA)."))
            elif row.compliance == "NOT_APPLICABLE":
                yield self._read(row.cell, Seen((self._not_applicable(row.cell),)))
            elif row.compliance not in STATES:
                yield self._read(row.cell, Unknown(f"Config answered {row.compliance}, which has no meaning here."))
            elif row.compliance == "COMPLIANT" and held.get(row.cell) == Held(passes=row.count or 0, others=0):
                yield self._read(row.cell, Unchanged())

    def _not_applicable(self, cell: Cell) -> Observation:
        reason = "Nothing in the rule's scope."
        return Observation(cell.account_id, ACCOUNT_TYPE, State.NOT_APPLICABLE, reason, self.clock.now())

    def _detail(self, cell: Cell) -> Reading:
        where = {"ConfigRuleName": cell.control_id, "AccountId": cell.account_id, "AwsRegion": cell.region}
        try:
            pages = self._pages("get_aggregate_compliance_details_by_config_rule", **where, Limit=PAGE)
            rows = [row for page in pages for row in page["AggregateEvaluationResults"]]
        except AwsMissing:
            return self._read(cell, Unknown("The rule was removed while the audit ran."))
        except AwsFailed as failure:
            return self._read(cell, Unknown(failure.sentence))
        observations = tuple(_observation(row) for row in rows if not _proactive(row))
        if not observations:
            return self._read(cell, Unknown("Config names no resource that makes the rule what it is."))
        return self._read(cell, Seen(observations))

    def _pages(self, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        return self.calls.pages("config", operation, ConfigurationAggregatorName=self._aggregator, **params)

    def _read(self, cell: Cell, answer: Seen | Unchanged | Unknown) -> Reading:
        return Reading(cell, answer, self.clock.now())


def _doubt(status: Mapping[str, Any] | None) -> Unknown | None:
    if status is None:
        return Unknown("The aggregator does not collect from this account and region.")
    if status["LastUpdateStatus"] == "SUCCEEDED":
        return None
    since = f" The last update was at {to_text(status['LastUpdateTime'])}." if "LastUpdateTime" in status else ""
    detail = ": ".join(status[key] for key in ("LastErrorCode", "LastErrorMessage") if status.get(key))
    return Unknown(f"The aggregator's source is {status['LastUpdateStatus']}{f' ({detail})' if detail else ''}.{since}")


def _silent(estate: Estate, rows: Iterable[RuleRow], blind: Mapping[Place, Unknown]) -> dict[Place, Unknown]:
    """The places that count as fresh but show no rule at all: Config does not record there, or has no rules."""
    heard = {_place(row.cell) for row in rows}
    why = Unknown("Config reports no rule here: it does not record, or no rule is deployed.")
    return {place: why for place in estate.places() if place not in heard and place not in blind}


def _place(cell: Cell) -> Place:
    return cell.account_id, cell.region


def _proactive(row: Mapping[str, Any]) -> bool:
    return bool(_qualifier(row).get("EvaluationMode") == "PROACTIVE")


def _qualifier(row: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = row["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    return found


def _observation(row: Mapping[str, Any]) -> Observation:
    about = _qualifier(row)
    recorded: datetime = row.get("ResultRecordedTime") or row["EvaluationResultIdentifier"]["OrderingTimestamp"]
    state = STATES.get(row["ComplianceType"], State.UNKNOWN)
    unclear = "" if state is not State.UNKNOWN else f"Config answered {row['ComplianceType']} for this resource."
    return Observation(about["ResourceId"], about["ResourceType"], state, row.get("Annotation") or unclear, recorded)
