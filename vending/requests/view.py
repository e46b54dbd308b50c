"""A request as those see it who may: with its place, its date, and what it waits for in words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.cursor import from_cursor, to_cursor
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.requests.model import Page, Request, State
from vending.requests.queue import eta, position, turn_at, usual_seconds
from vending.requests.record import Record, Records

MAX_LIMIT = 200
PRIVATE = {
    "asked",
    "emails_burned",
    "creation_id",
    "creation_failed",
    "round",
    "callback",
    "gate",
    "started",
    "state_since",
    "decision_since",
    "reminded_at",
    "escalated_at",
    "version",
}
"""What the workflow keeps for itself."""


@dataclass(frozen=True)
class Views:
    """Turns records into what is shown."""

    company: Company
    records: Records
    clock: Clock

    def of(self, record: Record, others: Sequence[Record] | None = None, *, timeline: bool = True) -> Request:
        """One request; `others` are those it queues with, read when they are not given."""
        now = self.clock.now()
        place, turn = None, None
        if record.gate and not record.has_left:
            others = self.records.queued_with([record.gate.name]) if others is None else others
            place, turn = position(record, others), turn_at(record, others, now)
        entries = self.records.timeline(record.id) if timeline else ()
        return Request(
            **record.model_dump(exclude=PRIVATE),
            **record.asked.model_dump(),
            hash=record.asked.hash,
            position=place,
            eta=eta(record, now, turn, usual_seconds(self.company)),
            waiting_for=waiting_for(record, place, self.company),
            timeline=entries,
            etag=etag(record),
        )

    def page(self, caller: Caller, team: str | None, states: Sequence[str], limit: int, cursor: str | None) -> Page:
        """Requests that the caller may see, newest first, without their timelines."""
        wanted = frozenset(map(_state, states)) or frozenset(State)
        limit = max(1, min(limit, MAX_LIMIT))
        if team is None and not caller.sees_everything and len(caller.teams) == 1:
            [team] = caller.teams
        found: list[Record] = []
        start = _open_cursor(cursor, team)
        while True:
            page = self.records.page(team, wanted, limit, start)
            records = [r for r in map(Record.of, page.documents) if team in (None, r.asked.team)]
            fit = [r for r in records if caller.may_see(r.asked.team) and r.state in wanted]
            room = limit - len(found)
            found.extend(fit[:room])
            if len(fit) > room:
                last = fit[room - 1].document()
                start = (last.pk, last.sk, last.order)
                break
            start = page.next
            if start is None or len(found) == limit:
                break
        gates = [r.gate.name for r in found if r.gate and not r.has_left]
        beside = self.records.queued_with(gates) if gates else ()
        items = tuple(self.of(r, beside, timeline=False) for r in found)
        return Page(items=items, next=_close_cursor(start, team), limit=limit)


def etag(record: Record) -> str:
    """Changes with everything of the request that an edit could collide with."""
    seen = (record.id, record.asked.hash, record.state, record.round, len(record.approvals), record.cancel_wanted_by)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def waiting_for(record: Record, place: int | None, company: Company) -> str | None:
    """What has to happen next, in words."""
    missing = record.approvers_needed - len(record.approvals)
    ou = company.ou_of(record.asked.template)
    queue = f" (place {place})" if place else ""
    words = {
        State.AWAITING_APPROVAL: f"{missing} approval{'s' if missing > 1 else ''}, by the rule “{record.rule}”",
        State.QUEUED: f"its turn: AWS makes five accounts at a time{queue}",
        State.CREATING: "AWS to make the account",
        State.ENROLLING: _enrolling(ou, place, company),
        State.BASELINING: "its settings, budget and access to be put in place",
        State.VERIFYING: "everything promised to be read back",
        State.PARKED: record.parked.remedy if record.parked else "somebody to resume it",
    }
    return words.get(record.state)


def _enrolling(ou: str, place: int | None, company: Company) -> str:
    if not company.landing_zone.control_tower:
        return f"AWS to move it into {ou}"
    turn = f"its turn in the OU {ou}: one account at a time (place {place})"
    return turn if place else f"Control Tower to enrol it in {ou}"


def _state(given: str) -> State:
    try:
        return State(given)
    except ValueError as error:
        known = f"States: {', '.join(s.value for s in State)}."
        raise BadInput.of(FieldError("state", f"there is no state {given!r}", known)) from error


def _close_cursor(place: tuple[str, str, str] | None, team: str | None) -> str | None:
    return to_cursor((team or "", *place)) if place else None


def _open_cursor(cursor: str | None, team: str | None) -> tuple[str, str, str] | None:
    """Where a page starts; the cursor of one team's list does not fit another's."""
    if cursor is None:
        return None
    whose, pk, sk, order = from_cursor(cursor, 4)
    if whose != (team or ""):
        raise BadInput.of(FieldError("cursor", "this cursor is another list's", "Start again without a cursor."))
    return pk, sk, order
