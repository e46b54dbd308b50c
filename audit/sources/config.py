"""AWS Config, through the organisation's aggregator in the home region.

Planning reads which sources the aggregator vouches for and the state of every rule. What is still open is collected in
one of two ways: rule by rule, with the annotation of each result; or, where that is many calls, resource by resource
with all its rules, a hundred to a page. A failure is confirmed before it is reported: results outlive their resources.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from audit.calls import Calls
from audit.catalogue import Catalogue, family_of, guess_identifier, plain_name
from audit.estate import Estate
from audit.finding import (
    ACCOUNT_TYPE,
    ANY_CONTROL,
    Answer,
    Cell,
    Control,
    Held,
    Observation,
    Reading,
    Seen,
    State,
    Told,
    Unchanged,
    Unknown,
)
from audit.sources.aggregator import (
    PAGE,
    STATES,
    Aggregator,
    DeployedRule,
    Place,
    Resource,
    RuleRow,
    can_be_gone,
    find_aggregator,
    observe,
    read_deployed,
)
from audit.sources.changes import GHOST, Changes, observe_resource, read_changes
from audit.sources.foreign_packs import ForeignPacks, Obligations, find_foreign, no_obligation
from audit.sources.interface import Known, Plan, Shard
from audit.sources.packs import plan_packs
from audit.sources.rule_intent import read_intents
from vending.core.clock import Clock, to_text
from vending.core.errors import AwsFailed, AwsMissing

NAME = "config"
ALWAYS_IN_DETAIL = 1_000
"""Up to so many rules in accounts and regions, all are read in detail, with the annotations of their results."""
SHARD_CALLS = 100
"""What a shard costs at most, about: what is asked again when a run is cut off."""
SHARD_ROWS = 1_000
"""Resources of a shard that is read resource by resource: ten pages, one after the other."""
WORKERS = 8
"""Calls in flight within a shard: one chain of pages is bound by latency, not by AWS's rate."""


@dataclass
class ConfigSource:
    """All that the Config aggregator answers, whoever deployed the rule."""

    clock: Clock
    catalogue: Catalogue
    obligations: Obligations
    name: str = NAME

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """Every account in every governed region."""
        return [Cell(NAME, ANY_CONTROL, account_id, region) for account_id, region in estate.places()]

    def plan(self, calls: Calls, estate: Estate, known: Known) -> Plan:
        """Freshness first, then every rule's state; stale and silent places become unknown."""
        aggregator = find_aggregator(calls, estate.regions)
        if aggregator is None:
            why = Unknown(f"There is no organisation aggregator in {estate.home_region}.")
            return Plan(tuple(self._read(cell, why) for cell in self.territory(estate)), (), self._describe({}, {}, {}))
        blind = _blind(estate, aggregator)
        deployed = read_deployed(calls, estate.regions)
        listed = list(aggregator.packs())
        foreign = find_foreign(calls, listed, estate, self.obligations)
        survey = self._survey(aggregator, estate, known, blind, foreign)
        silent = _silent(estate, survey.heard, blind)
        unseen = self._unknown_places(estate, blind | silent, survey, known.held, deployed)
        fresh = [row for row in survey.rows if _place(row.cell) not in blind]
        binding = [row for row in fresh if not foreign.why(row.cell)]
        apart = self._apart(fresh, foreign)
        ready = (*unseen, *apart, *self._at_rule_level(binding, survey.held), *self._standing(survey, blind))
        answered = {reading.cell for reading in ready}
        opened = [row for row in fresh if row.cell not in answered]
        packs = plan_packs(aggregator, listed, estate, self.clock, blind, foreign)
        names = {reading.cell.control_id for reading in ready} | {row.cell.control_id for row in opened}
        controls = self._describe(dict.fromkeys(names, True), deployed, read_intents(calls, estate, opened, deployed))
        shards = _shards(aggregator, estate, opened, many=len(known.held) > ALWAYS_IN_DETAIL)
        return Plan((*ready, *packs.ready), tuple(shards), (*controls, *packs.controls))

    def collect(self, calls: Calls, shard: Shard) -> Iterator[Reading]:
        """The resources of each rule of a shard, failures confirmed."""
        aggregator = Aggregator(calls, shard.work["aggregator"], tuple(shard.work["regions"]))
        read = self._by_resource if "accounts" in shard.work else self._by_rule
        yield from self._confirm(aggregator, shard, list(read(aggregator, shard)))

    def _survey(
        self,
        aggregator: Aggregator,
        estate: Estate,
        known: Known,
        blind: Mapping[Place, Unknown],
        foreign: ForeignPacks,
    ) -> "_Survey":
        """The rules to be looked at: everybody's, or those of the accounts that have to be read from the beginning."""
        if not known.is_incremental or len(known.held) <= ALWAYS_IN_DETAIL:
            return _Survey(_rows(aggregator, estate), {})
        changes = read_changes(aggregator, estate, known, blind, foreign)
        if changes is None:
            return _Survey(_rows(aggregator, estate), known.held)
        rows = [row for account in sorted(changes.lost) for row in aggregator.rules(NAME, AccountId=account)]
        return _Survey(rows, known.held, known.held, changes)

    def _standing(self, survey: "_Survey", blind: Mapping[Place, Unknown]) -> Iterator[Reading]:
        """The cells of accounts that were not read from the beginning: what is new in them, and what is not."""
        for cell in survey.standing:
            if survey.stands(cell) and cell not in survey.changes.told and _place(cell) not in blind:
                yield self._read(cell, Unchanged())
        for cell, observations in survey.changes.told.items():
            yield self._read(cell, Told(observations))

    def _unknown_places(
        self,
        estate: Estate,
        places: Mapping[Place, Unknown],
        survey: "_Survey",
        held: Iterable[Cell],
        deployed: Mapping[str, DeployedRule],
    ) -> Iterator[Reading]:
        """An unknown for every rule that a place is known or expected to have; for `ANY_CONTROL` where none is.

        Organisation rules are expected everywhere but in the management account, which Config leaves out.
        """
        rules: defaultdict[Place, set[str]] = defaultdict(set)
        everywhere: defaultdict[str, set[str]] = defaultdict(set)
        for cell in (*(row.cell for row in survey.rows), *survey.standing):
            rules[_place(cell)].add(cell.control_id)
            if plain_name(cell.control_id) in deployed:
                everywhere[cell.region].add(cell.control_id)
        for cell in held if places else ():
            rules[_place(cell)].add(cell.control_id)
        for place, why in places.items():
            expected = set() if place[0] == estate.management_account_id else everywhere[place[1]]
            for rule in sorted((rules[place] - {ANY_CONTROL}) or expected or {ANY_CONTROL}):
                yield self._read(Cell(NAME, rule, *place), why)

    def _apart(self, rows: Iterable[RuleRow], foreign: ForeignPacks) -> Iterator[Reading]:
        """The rules that do not bind their account, with the reason instead of what they say."""
        for row in rows:
            if why := foreign.why(row.cell):
                yield self._read(row.cell, no_obligation(row.cell, why, self.clock))

    def _at_rule_level(self, rows: Iterable[RuleRow], held: Mapping[Cell, Held]) -> Iterator[Reading]:
        """The readings that need no detail: what has no resources, and what is as the ledger holds it."""
        for row in rows:
            if row.compliance == "INSUFFICIENT_DATA":
                yield self._read(row.cell, Unknown("Config has not evaluated the rule yet (INSUFFICIENT_DATA)."))
            elif row.compliance == "NOT_APPLICABLE":
                yield self._read(row.cell, Seen((self._not_applicable(row.cell),)))
            elif row.compliance not in STATES:
                why = f"Config answered {row.compliance}, which has no meaning here."
                yield self._read(row.cell, Unknown(why, strange=True))
            elif row.compliance == "COMPLIANT" and held.get(row.cell) == Held(passes=row.count or 0, others=0):
                yield self._read(row.cell, Unchanged())

    def _not_applicable(self, cell: Cell) -> Observation:
        reason = "Nothing in the rule's scope."
        return Observation(cell.account_id, ACCOUNT_TYPE, State.NOT_APPLICABLE, reason, self.clock.now())

    def _by_rule(self, aggregator: Aggregator, shard: Shard) -> Iterator[Reading]:
        cells = [Cell(NAME, *cell) for cell in shard.work["cells"]]
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(lambda cell: self._detail(aggregator, cell), cells)

    def _detail(self, aggregator: Aggregator, cell: Cell) -> Reading:
        try:
            observations = tuple(observe(row) for row in aggregator.results(cell))
        except AwsMissing:
            return self._read(cell, Unknown("The rule was removed while the audit ran."))
        except AwsFailed as failure:
            return self._read(cell, Unknown(failure.sentence))
        if not observations:
            return self._read(cell, Unknown("Config names no resource that makes the rule what it is."))
        return self._read(cell, Seen(observations))

    def _by_resource(self, aggregator: Aggregator, shard: Shard) -> Iterator[Reading]:
        """Every cell of some accounts, by their resources; a cell that these do not bear out is read in detail."""
        expected = list(_unpack(shard.work))
        found: defaultdict[Cell, list[Observation]] = defaultdict(list)
        try:
            for resource in aggregator.judged(shard.work["accounts"]):
                _sort_in(resource, found)
        except AwsFailed as failure:
            yield from (self._read(row.cell, Unknown(failure.sentence)) for row in expected)
            return
        for row in expected:
            observations = found[row.cell]
            if _bears_out(row, observations):
                yield self._read(row.cell, Seen(tuple(observations)))
            else:
                yield self._detail(aggregator, row.cell)

    def _confirm(self, aggregator: Aggregator, shard: Shard, readings: Iterable[Reading]) -> Iterator[Reading]:
        """The same readings, with failures of resources that are no more told as such."""
        readings = list(readings)
        types = frozenset(shard.work["types"])
        doubtful = {one for reading in readings for one in _failing(reading) if one[2] in types and can_be_gone(one[2])}
        try:
            there = aggregator.existing(doubtful)
        except AwsFailed:
            there = doubtful  # what cannot be confirmed stands as it was reported
        ghosts = doubtful - there
        yield from (_without(reading, ghosts) if ghosts else reading for reading in readings)

    def _describe(
        self, names: Mapping[str, bool], deployed: Mapping[str, DeployedRule], intents: Mapping[str, str]
    ) -> tuple[Control, ...]:
        return tuple(
            self.describe(name, deployed, intents.get(family_of(name), "")) for name in sorted({*names, ANY_CONTROL})
        )

    def describe(self, control_id: str, rules: Mapping[str, DeployedRule], intent: str = "") -> Control:
        """The catalogue's words for the control behind a rule; else the rule's own description or name."""
        name = plain_name(control_id)
        deployed = rules.get(name, DeployedRule(""))
        entry = self.catalogue.deployed(control_id) or self.catalogue.rule(
            deployed.identifier or guess_identifier(control_id)
        )
        if entry is None:
            title = "Every rule of Config" if control_id == ANY_CONTROL else deployed.description or name
            return Control(NAME, control_id, title, intent=intent)
        return Control(NAME, control_id, entry.title, entry.severity, entry.frameworks, intent)

    def _read(self, cell: Cell, answer: Answer) -> Reading:
        return Reading(cell, answer, self.clock.now())


@dataclass(frozen=True)
class _Survey:
    """What was heard at the level of rules."""

    rows: Sequence[RuleRow]
    held: Mapping[Cell, Held]
    """What a rule may be compared with; empty where everything is to be read."""
    standing: Mapping[Cell, Held] = field(default_factory=dict)
    """The cells of all accounts, where only some were read from the beginning."""
    changes: Changes = field(default_factory=Changes)
    """What is new in the others."""

    @property
    def heard(self) -> set[Place]:
        """The places that have rules."""
        standing = {_place(cell) for cell in self.standing if self.stands(cell)}
        return {_place(cell) for cell in (*(row.cell for row in self.rows), *self.changes.told)} | standing

    def stands(self, cell: Cell) -> bool:
        """Whether what is held of a cell is not read from the beginning, and not of a place that is silent."""
        silent = cell.control_id == ANY_CONTROL or _place(cell) in self.changes.silent
        return not silent and cell.account_id not in self.changes.lost


def _rows(aggregator: Aggregator, estate: Estate) -> list[RuleRow]:
    """The rules of every account of the estate, all regions at a time."""
    with ThreadPoolExecutor(WORKERS) as pool:
        chains = pool.map(lambda region: list(aggregator.rules(NAME, AwsRegion=region)), estate.regions)
        return [row for rows in chains for row in rows if row.cell.account_id in estate.accounts]


def _blind(estate: Estate, aggregator: Aggregator) -> dict[Place, Unknown]:
    """The places whose data the aggregator does not vouch for."""
    told = {(one["SourceId"], one.get("AwsRegion", "")): _doubt(one) for one in aggregator.doubtful()}
    return {place: told[place] for place in estate.places() if place in told}


def _doubt(status: Mapping[str, Any]) -> Unknown:
    since = f" The last update was at {to_text(status['LastUpdateTime'])}." if "LastUpdateTime" in status else ""
    detail = ": ".join(status[key] for key in ("LastErrorCode", "LastErrorMessage") if status.get(key))
    return Unknown(f"The aggregator's source is {status['LastUpdateStatus']}{f' ({detail})' if detail else ''}.{since}")


def _silent(estate: Estate, heard: set[Place], blind: Mapping[Place, Unknown]) -> dict[Place, Unknown]:
    """The places that no doubt was told of, but that show no rule at all."""
    why = Unknown(
        "Config reports no rule here: it does not record, no rule is deployed, or the aggregator does not collect from "
        "this account and region."
    )
    return {place: why for place in estate.places() if place not in heard and place not in blind}


def _place(cell: Cell) -> Place:
    return cell.account_id, cell.region


def _shards(aggregator: Aggregator, estate: Estate, rows: Sequence[RuleRow], *, many: bool) -> Iterator[Shard]:
    """The open rules, rule by rule or resource by resource: whichever takes fewer calls, if the estate has many."""
    if not rows:
        return
    common = {
        "aggregator": aggregator.name,
        "regions": list(estate.regions),
        "types": sorted(aggregator.known_types()),
    }
    if many or len(rows) > ALWAYS_IN_DETAIL:
        counts, _ = aggregator.judged_and_failing()
        accounts = {row.cell.account_id for row in rows}
        if sum(ceil(counts.get(account, 0) / PAGE) for account in accounts) < len(rows):
            yield from _shards_of_accounts(common, rows, counts)
            return
    ordered = sorted(rows, key=lambda row: (row.cell.account_id, row.cell.region, row.cell.control_id))
    for nth, start in enumerate(range(0, len(ordered), SHARD_CALLS)):
        cells = [
            [row.cell.control_id, row.cell.account_id, row.cell.region] for row in ordered[start : start + SHARD_CALLS]
        ]
        failing = sum(row.count or 1 for row in ordered[start : start + SHARD_CALLS] if row.compliance != "COMPLIANT")
        calls = len(cells) + ceil(failing / PAGE)
        yield Shard(f"{NAME}-rules-{nth:05}", NAME, calls, {**common, "cells": cells})


def _shards_of_accounts(
    common: Mapping[str, Any], rows: Sequence[RuleRow], counts: Mapping[str, int]
) -> Iterator[Shard]:
    by_account: defaultdict[str, list[RuleRow]] = defaultdict(list)
    for row in rows:
        by_account[row.cell.account_id].append(row)
    some: list[str] = []
    nth = 0
    for account in sorted(by_account):
        some.append(account)
        if sum(counts.get(one, 0) for one in some) >= SHARD_ROWS:
            yield _shard_of(common, nth, some, by_account, counts)
            some, nth = [], nth + 1
    if some:
        yield _shard_of(common, nth, some, by_account, counts)


def _shard_of(
    common: Mapping[str, Any],
    nth: int,
    accounts: Sequence[str],
    rows: Mapping[str, Sequence[RuleRow]],
    counts: Mapping[str, int],
) -> Shard:
    """Rules by their number in a list of names: a plan of many rules stays small."""
    mine = [row for account in accounts for row in rows[account]]
    names = sorted({row.cell.control_id for row in mine})
    numbers = {name: number for number, name in enumerate(names)}
    packed = [
        [row.cell.account_id, row.cell.region, numbers[row.cell.control_id], row.compliance == "COMPLIANT", row.count]
        for row in mine
    ]
    failing = sum(row.count or 1 for row in mine if row.compliance != "COMPLIANT")
    calls = ceil(sum(counts.get(account, 0) for account in accounts) / PAGE) + ceil(failing / PAGE)
    work = {**common, "accounts": list(accounts), "rules": names, "rows": packed}
    return Shard(f"{NAME}-accounts-{nth:05}", NAME, calls, work)


def _unpack(work: Mapping[str, Any]) -> Iterator[RuleRow]:
    for account, region, number, fine, count in work["rows"]:
        cell = Cell(NAME, work["rules"][number], account, region)
        yield RuleRow(cell, "COMPLIANT" if fine else "NON_COMPLIANT", count)


def _sort_in(resource: Mapping[str, Any], found: Mapping[Cell, list[Observation]]) -> None:
    """The results for one resource to the cells of its rules."""
    for rule, seen in observe_resource(resource):
        found[Cell(NAME, rule, resource["accountId"], resource["awsRegion"])].append(seen)


def _bears_out(row: RuleRow, observations: Sequence[Observation]) -> bool:
    """Whether what the resources say of a rule is what the rule's own state says."""
    states = Counter(one.state for one in observations)
    if row.compliance == "COMPLIANT":
        return bool(observations) and not states[State.FAIL] and row.count in (None, len(observations))
    return states[State.FAIL] > 0 and row.count in (None, states[State.FAIL])


def _failing(reading: Reading) -> Iterator[Resource]:
    if isinstance(reading.answer, Seen):
        for one in reading.answer.observations:
            if one.state is State.FAIL:
                yield reading.cell.account_id, reading.cell.region, one.resource_type, one.resource_id


def _without(reading: Reading, ghosts: set[Resource]) -> Reading:
    if not isinstance(reading.answer, Seen):
        return reading
    where = (reading.cell.account_id, reading.cell.region)
    told = tuple(
        replace(one, state=State.UNKNOWN, reason=GHOST)
        if one.state is State.FAIL and (*where, one.resource_type, one.resource_id) in ghosts
        else one
        for one in reading.answer.observations
    )
    return replace(reading, answer=Seen(told))
