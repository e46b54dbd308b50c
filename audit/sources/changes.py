"""What changed since the run before, resource by resource, wherever it is: all that an incremental run reads in detail.

The aggregator lists the resources whose results were captured anew, a hundred to a page over all accounts, each with
all its rules. That list does not name what is gone, so every account is counted too: where what the ledger held and
what the list says do not add up to what the aggregator counts now, the account is read from the beginning.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from audit.estate import Estate
from audit.finding import UNREAD, Cell, Observation, State
from audit.sources.aggregator import Aggregator, Place, Resource, can_be_gone, judge
from audit.sources.foreign_packs import ForeignPacks
from audit.sources.interface import Known

LAG = timedelta(minutes=15)
"""How far behind the aggregator may be: what an incremental run asks for reaches back as far beyond the run before."""
DROPPED = "The rule judges this resource no more."
GHOST = (
    "Config still reports NON_COMPLIANT, but the aggregator knows no such resource: it is gone and its rule did not "
    "notice, or its type is not recorded."
)


@dataclass(frozen=True)
class Changes:
    """What became of the accounts."""

    told: Mapping[Cell, tuple[Observation, ...]] = field(default_factory=dict)
    """What is new in a cell; the rest of it stands as it is held."""
    lost: frozenset[str] = frozenset()
    """The accounts that have to be read from the beginning."""
    silent: frozenset[Place] = frozenset()
    """The places that showed no rule the last time, and show none now."""


def read_changes(
    aggregator: Aggregator, estate: Estate, known: Known, blind: Mapping[Place, Any], foreign: ForeignPacks
) -> Changes | None:
    """What changed since the run before; None where that is so much that everything had better be read."""
    assert known.since is not None, "an incremental run follows another one"
    since = known.since - LAG
    judged, failing = aggregator.judged_and_failing()
    most = sum(judged.values()) // 3
    rows = list(islice(aggregator.changed(since), most + 1))
    if len(rows) > most:
        return None
    dark = {_place(cell) for cell, held in known.held.items() if held.dark} - blind.keys()
    counted = list(aggregator.judged_places({account for account, _ in (*blind, *dark)}))
    silent = dark - {place for place, *_ in counted}
    now = _Counts(judged, failing).without(counted, blind)
    listed = _list(rows, estate, blind, foreign)
    before = known.states(list(listed))
    new = estate.accounts.keys() - {cell.account_id for cell in known.held}
    moved = {account for account, ou in known.ous.items() if _ou(estate, account) != ou}
    lost = new | moved | {account for account, _ in dark - silent} | _off(now, _held(known, blind), listed, before)
    lost &= estate.accounts.keys()
    if len(lost) > len(estate.accounts) / 3:
        return None
    news = {about: found for about, found in listed.items() if about[0] not in lost}
    fresh = _differences(news, before, since)
    return Changes(_confirmed(aggregator, fresh, since), frozenset(lost), frozenset(silent))


@dataclass(frozen=True)
class _Counts:
    """Account id -> how many of its resources are judged, and how many of these fail."""

    judged: Mapping[str, int]
    failing: Mapping[str, int]

    def without(self, counted: Iterable[tuple[Place, bool, int]], blind: Container[Place]) -> "_Counts":
        """The same without what was counted in places that nobody vouches for."""
        judged, failing = Counter(self.judged), Counter(self.failing)
        for place, fails, count in counted:
            if place in blind:
                judged[place[0]] -= count
                failing[place[0]] -= count * fails
        return _Counts(judged, failing)


def _held(known: Known, blind: Container[Place]) -> _Counts:
    """What the ledger holds, of the same places."""
    judged, failing = Counter[str](), Counter[str]()
    for place, (resources, failures) in known.resources.items():
        if place not in blind:
            judged[place[0]] += resources
            failing[place[0]] += failures
    return _Counts(judged, failing)


def _list(
    rows: Iterable[Mapping[str, Any]], estate: Estate, blind: Container[Place], foreign: ForeignPacks
) -> dict[Resource, dict[str, Observation]]:
    """The resources that were captured anew, with what each rule says that binds; those of places without doubt."""
    listed = {}
    for row in rows:
        place, about = (row["accountId"], row["awsRegion"]), row["configuration"]
        if row["accountId"] in estate.accounts and place not in blind:
            told = {rule: seen for rule, seen in observe_resource(row) if not foreign.why(_cell(rule, *place))}
            listed[*place, about["targetResourceType"], about["targetResourceId"]] = told
    return listed


def observe_resource(resource: Mapping[str, Any]) -> Iterator[tuple[str, Observation]]:
    """What each rule says of a resource, by the rule's name."""
    about = resource["configuration"]
    at = datetime.fromisoformat(resource["configurationItemCaptureTime"])
    for rule in about["configRuleList"]:
        state, reason, strange = judge(rule["complianceType"], "")
        reason = UNREAD if state is State.FAIL else reason
        seen = Observation(about["targetResourceId"], about["targetResourceType"], state, reason, at, strange=strange)
        yield rule["configRuleName"], seen


def _off(
    now: _Counts,
    held: _Counts,
    listed: Mapping[Resource, Mapping[str, Observation]],
    before: Mapping[Resource, Mapping[str, State]],
) -> set[str]:
    """The accounts that do not have as many resources, or failing ones, as they should after what was listed."""
    judged, failing = Counter(held.judged), Counter(held.failing)
    for about, found in listed.items():
        states = before.get(about, {})
        judged[about[0]] += bool(found) - bool(states)
        failing[about[0]] += _fails(one.state for one in found.values()) - _fails(states.values())
    pairs = ((judged, now.judged), (failing, now.failing))
    return {one for then, is_ in pairs for one in {*then, *is_} if then[one] != is_.get(one, 0)}


def _fails(states: Iterable[State]) -> bool:
    return any(state is not State.PASS for state in states)


def _differences(
    listed: Mapping[Resource, Mapping[str, Observation]],
    before: Mapping[Resource, Mapping[str, State]],
    since: datetime,
) -> dict[Cell, list[Observation]]:
    """What is not as the ledger holds it; a rule that is not among those of a resource judges it no more."""
    fresh: defaultdict[Cell, list[Observation]] = defaultdict(list)
    for (account, region, kind, name), found in listed.items():
        held = before.get((account, region, kind, name), {})
        for rule, seen in found.items():
            if held.get(rule) is not seen.state:
                fresh[_cell(rule, account, region)].append(seen)
        for rule in held.keys() - found.keys():
            at = max((one.valid_at for one in found.values()), default=since)
            fresh[_cell(rule, account, region)].append(Observation(name, kind, State.GONE, DROPPED, at))
    return fresh


def _confirmed(
    aggregator: Aggregator, fresh: Mapping[Cell, Sequence[Observation]], since: datetime
) -> dict[Cell, tuple[Observation, ...]]:
    """The same, with failures of resources that are no more told as such."""
    doubtful = {_resource(cell, seen) for cell, some in fresh.items() for seen in some if seen.state is State.FAIL}
    types = aggregator.known_types() if doubtful else frozenset()
    doubtful = {one for one in doubtful if one[2] in types and can_be_gone(one[2])}
    doubtful -= aggregator.captured(doubtful, since)
    ghosts = doubtful - aggregator.existing(doubtful)
    return {cell: tuple(_without(cell, seen, ghosts) for seen in some) for cell, some in fresh.items()}


def _without(cell: Cell, seen: Observation, ghosts: set[Resource]) -> Observation:
    haunted = seen.state is State.FAIL and _resource(cell, seen) in ghosts
    return replace(seen, state=State.UNKNOWN, reason=GHOST) if haunted else seen


def _resource(cell: Cell, seen: Observation) -> Resource:
    return cell.account_id, cell.region, seen.resource_type, seen.resource_id


def _ou(estate: Estate, account_id: str) -> str:
    return estate.accounts[account_id].ou if account_id in estate.accounts else ""


def _cell(rule: str, account: str, region: str) -> Cell:
    return Cell("config", rule, account, region)


def _place(cell: Cell) -> Place:
    return cell.account_id, cell.region
