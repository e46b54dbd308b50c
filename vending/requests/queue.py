"""Who may go next: computed from the table, so that a crash leaves nothing to release.

A request waits at a gate for what AWS does only a few of at a time. The limits are AWS's; the order is first come,
first served within a fair share per team.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heapreplace

from vending.core.company import Company
from vending.requests.model import State
from vending.requests.record import Record

CREATE = "create"
ENROL = "enrol"


@dataclass(frozen=True)
class Limit:
    """What AWS allows at a gate."""

    in_progress: int
    """How many at once over all gates of the kind."""
    each: int
    """How many at once at one gate of the kind."""
    per_second: float
    """Rate at which the call's token bucket fills; 0 for no such limit."""
    burst: int
    source: str
    read_on: str


LIMITS: Mapping[str, Limit] = {
    CREATE: Limit(5, 5, 0.1, 3, "AWS Organizations user guide, Quotas: CreateAccount", "2026-11-20"),
    ENROL: Limit(5, 1, 0, 0, "AWS Control Tower user guide, Limitations and quotas: account operations", "2026-11-20"),
}

MOVE_SECONDS = 3
USUAL_SECONDS: Mapping[State, int] = {
    State.QUEUED: 0,
    State.CREATING: 150,
    State.ENROLLING: 540,
    State.BASELINING: 60,
    State.VERIFYING: 30,
}
"""How long AWS usually takes for each state, in the order in which a request passes them."""


def usual_seconds(company: Company) -> Mapping[State, int]:
    """The same for one company: where no Control Tower enrols an account, it is moved, and that is all."""
    return USUAL_SECONDS if company.landing_zone.control_tower else {**USUAL_SECONDS, State.ENROLLING: MOVE_SECONDS}


def enrol_gate(ou: str) -> str:
    """The gate of an OU: Control Tower enrols one account at a time in each."""
    return f"{ENROL}:{ou}"


def gates_of(company: Company) -> tuple[str, ...]:
    """Every gate of a company: without Control Tower accounts may move into an OU side by side."""
    ous = dict.fromkeys(company.ou_classes.values()) if company.landing_zone.control_tower else ()
    return (CREATE, *map(enrol_gate, ous))


def with_room(gates: Iterable[str], records: Sequence[Record], now: datetime) -> tuple[str, ...]:
    """The gates that somebody could pass now, by those that are inside."""
    return tuple(gate for gate in gates if _has_room(gate, records, now))


def grants(records: Sequence[Record], now: datetime) -> tuple[Record, ...]:
    """The waiting requests that may pass their gate now, in order."""
    granted: list[Record] = []
    for kind, limit in LIMITS.items():
        here = [r for r in records if r.gate and _kind(r.gate.name) == kind]
        granted.extend(_grants(here, limit, now))
    return tuple(granted)


def position(record: Record, records: Iterable[Record]) -> int | None:
    """Place among those that wait at the same gate, from 1; None where `records`, read later, has it elsewhere."""
    if record.gate is None or record.gate.granted_at:
        return None
    waiting = [r for r in records if r.gate and r.gate.name == record.gate.name and not r.gate.granted_at]
    inside = Counter(r.asked.team for r in records if r.gate and r.gate.granted_at)
    places = (place for place, waits in enumerate(_fair(waiting, inside), 1) if waits.id == record.id)
    return next(places, None)


def turn_at(record: Record, records: Iterable[Record], now: datetime) -> datetime | None:
    """When a waiting request passes its gate, if those inside and before it take as long as usual; else None."""
    records = tuple(records)
    place = position(record, records)
    if record.gate is None or place is None:
        return None
    gate = record.gate.name
    turn = timedelta(seconds=USUAL_SECONDS[State.CREATING if gate == CREATE else State.ENROLLING])
    inside = [r.gate.granted_at for r in records if r.gate and r.gate.name == gate and r.gate.granted_at]
    free = [max(now, granted_at + turn) for granted_at in inside]
    free += [now] * (LIMITS[_kind(gate)].each - len(inside))
    heapify(free)
    for _ in range(place - 1):
        heapreplace(free, free[0] + turn)
    return free[0]


def eta(
    record: Record, now: datetime, turn: datetime | None = None, usual: Mapping[State, int] = USUAL_SECONDS
) -> datetime | None:
    """When the request will be ready at AWS's `usual` pace; None when a person has to act first.

    Counted from when it began what it does now, or from its `turn` at a gate, so that the date stands still as long as
    that takes no longer than usual.
    """
    if record.state not in usual:
        return None
    states = list(usual)
    to_come = sum(usual[state] for state in states[states.index(record.state) + 1 :])
    began = turn or _began(record)
    return max(now, began + timedelta(seconds=usual[record.state])) + timedelta(seconds=to_come)


def _began(record: Record) -> datetime:
    """When the present state was entered, or its gate passed, whichever came later."""
    entered = record.state_since or record.created_at
    granted = record.gate.granted_at if record.gate else None
    return max(entered, granted) if granted else entered


def _has_room(gate: str, records: Sequence[Record], now: datetime) -> bool:
    limit = LIMITS[_kind(gate)]
    inside = [r for r in records if r.gate and r.gate.granted_at and _kind(r.gate.name) == _kind(gate)]
    here = sum(1 for r in inside if r.gate and r.gate.name == gate)
    return here < limit.each and min(limit.in_progress - len(inside), _tokens(inside, limit, now)) > 0


def _grants(here: Sequence[Record], limit: Limit, now: datetime) -> list[Record]:
    inside = [r for r in here if r.gate and r.gate.granted_at]
    waiting = [r for r in here if r.gate and not r.gate.granted_at]
    at_gate = Counter(r.gate.name for r in inside if r.gate)
    free = min(limit.in_progress - len(inside), _tokens(inside, limit, now))
    chosen: list[Record] = []
    for record in _fair(waiting, Counter(r.asked.team for r in inside)):
        name = record.gate.name if record.gate else ""
        if len(chosen) < free and at_gate[name] < limit.each:
            chosen.append(record)
            at_gate[name] += 1
    return chosen


def _fair(waiting: Sequence[Record], inside: Counter[str]) -> list[Record]:
    """First come, first served within each team; the team with the fewest inside goes first."""
    queue = sorted(waiting, key=lambda r: (r.gate.since if r.gate else r.created_at, r.id))
    turn = Counter(inside)
    ranked = []
    for record in queue:
        ranked.append((turn[record.asked.team], record))
        turn[record.asked.team] += 1
    return [record for _, record in sorted(ranked, key=lambda pair: pair[0])]


def _tokens(inside: Sequence[Record], limit: Limit, now: datetime) -> int:
    """Whole tokens left in the call's bucket, from the grants that are still under way."""
    if not limit.per_second:
        return limit.in_progress
    tokens, last = float(limit.burst), None
    for at in sorted(r.gate.granted_at for r in inside if r.gate and r.gate.granted_at):
        if last:
            tokens = min(limit.burst, tokens + (at - last).total_seconds() * limit.per_second)
        tokens -= 1
        last = at
    if last:
        tokens = min(limit.burst, tokens + (now - last).total_seconds() * limit.per_second)
    return int(tokens)


def _kind(gate: str) -> str:
    return gate.partition(":")[0]
