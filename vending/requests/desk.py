"""The desk where requests are made, decided, changed and watched: one for form, API, command line and file."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import BadInput, Conflict, FieldError, Malformed, Stale
from vending.core.identity import Caller
from vending.core.ids import new_id
from vending.core.table import Table
from vending.ports import AccountBook, AccountState, Baseline
from vending.requests.dispatcher import ASLEEP, MOVED_ON, wake
from vending.requests.engine import Engine
from vending.requests.model import (
    AccountRequest,
    Approval,
    Choices,
    Page,
    Plan,
    PlannedCall,
    Request,
    State,
)
from vending.requests.queue import eta, position
from vending.requests.record import Beside, Record, Records, reservation
from vending.requests.rules import email_for, parse, rule_for

MAX_LIMIT = 200
PRIVATE = {
    "asked",
    "creation_id",
    "round",
    "callback",
    "gate",
    "started",
    "asked_aws_at",
    "cancel_wanted_by",
    "version",
}
"""What the workflow keeps for itself."""
FIXED_ONCE_MADE = ("team", "name", "template")
"""Fields that an edit cannot change once AWS has made the account."""


@dataclass(frozen=True)
class RequestDesk:
    """Every call takes the caller and checks their right; errors are `FreeholdError`s."""

    company: Company
    records: Records
    table: Table
    accounts: AccountBook
    baseline: Baseline
    engine: Engine
    line: tuple[PlannedCall, ...]
    """The steps of making an account, for the plan."""
    clock: Clock

    def submit(self, caller: Caller, body: Any, idempotency_key: str) -> Request:
        """Ask for an account. The same key and body give the same request again.

        Raises:
            BadInput: naming each wrong field; nothing is written.
            NotAllowed: when the team is not the caller's.
        """
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
        if found := self._by_key(caller, idempotency_key, digest):
            return self.get(caller, found)
        record = self._draft(caller, parse(body, self.company))
        now = record.created_at
        key = reservation("KEY", f"{caller.username}#{idempotency_key}", record.id, now, {"digest": digest})
        name = reservation("NAME", record.asked.name, record.id, now)
        email = reservation("EMAIL", record.email, record.id, now)
        try:
            self.table.commit(
                caller.username,
                "requested",
                record.id,
                {"hash": record.asked.hash},
                record.document(),
                key,
                name,
                email,
            )
        except Stale:
            return self._lost_race(caller, record.asked, idempotency_key, digest)
        self.engine.start(record.id)
        return self._view(self.records.get(record.id))

    def plan(self, caller: Caller, body: Any) -> Plan:
        """What a request would do, without doing it; refuses what `submit` would refuse."""
        record = self._draft(caller, parse(body, self.company))
        asked = record.asked
        promises = self.baseline.describe(record.new_account(self.company))
        return Plan(
            email=record.email,
            ou=self.company.ou_of(asked.template),
            rule=record.rule,
            approvers_needed=record.approvers_needed,
            steps=self.line,
            seconds=sum(step.seconds for step in self.line),
            guardrails=tuple(dict.fromkeys(p.guardrail for p in promises)),
            hash=asked.hash,
        )

    def get(self, caller: Caller, request_id: str) -> Request:
        """One request with its timeline.

        Raises:
            NotFound: when there is none of that id that the caller may see.
        """
        return self._view(self._visible(caller, request_id))

    def list(
        self,
        caller: Caller,
        *,
        team: str | None = None,
        state: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Requests that the caller may see, newest first, without their timelines."""
        wanted = _state(state)
        limit = max(1, min(limit, MAX_LIMIT))
        waiting = self.records.open()
        found: list[Record] = []
        start = _open_cursor(cursor)
        while True:
            page = self.records.page(team, limit, start)
            fit = [
                r for r in map(Record.of, page.documents) if caller.may_see(r.asked.team) and wanted in (None, r.state)
            ]
            room = limit - len(found)
            found.extend(fit[:room])
            if len(fit) > room:
                last = fit[room - 1].document()
                start = (last.pk, last.sk, last.order)
                break
            start = page.next
            if start is None or len(found) == limit:
                break
        items = tuple(self._view(r, waiting, timeline=False) for r in found)
        return Page(items=items, next=_close_cursor(start, team), limit=limit)

    def approve(self, caller: Caller, request_id: str, hash: str | None = None) -> Request:  # noqa: A002
        """Agree to exactly what was asked; enough approvals let the request go on."""
        self._check_decider(caller, request_id)
        now = self.clock.now()

        def agree(record: Record) -> Record:
            _check_decidable(record, hash)
            if any(a.by == caller.username for a in record.approvals):
                raise Conflict(f"{caller.username} approved this request already.", "Another approver must agree.")
            approvals = (*record.approvals, Approval(by=caller.username, at=now, hash=record.asked.hash))
            state = State.QUEUED if len(approvals) >= record.approvers_needed else record.state
            return record.model_copy(update={"approvals": approvals, "state": state})

        return self._moved(self.records.change(request_id, caller.username, "approved", agree))

    def reject(self, caller: Caller, request_id: str, reason: str, hash: str | None = None) -> Request:  # noqa: A002
        """Say no, with a reason that the requester reads."""
        if not reason.strip():
            raise BadInput.of(FieldError("reason", "a rejection needs a reason", "Say what would make it acceptable."))
        self._check_decider(caller, request_id)

        def refuse(record: Record) -> Record:
            _check_decidable(record, hash)
            if record.account_id:
                raise Conflict("The account exists already.", "Let it be resumed, or have it closed by an operator.")
            update = {"state": State.REJECTED, "rejected_by": caller.username, "reason": reason.strip()}
            return record.model_copy(update=update)

        return self._moved(
            self.records.change(request_id, caller.username, "rejected", refuse, _freed_name, reason=reason.strip())
        )

    def cancel(self, caller: Caller, request_id: str) -> Request:
        """End a request that AWS was not asked for yet; afterwards, park its account in quarantine."""
        self._check_owner(caller, request_id, "cancel")

        def withdraw(record: Record) -> Record:
            if record.state in (State.READY, State.REJECTED, State.CANCELLED):
                raise Conflict(
                    f"The request is {record.state.value}; there is nothing to cancel.", "Leave it as it is."
                )
            if record.asked_aws_at is None:
                return record.model_copy(update={"state": State.CANCELLED, "reason": "cancelled", "gate": None})
            return record.model_copy(update={"cancel_wanted_by": caller.username})

        return self._moved(self.records.change(request_id, caller.username, "cancelled", withdraw, _freed_name))

    def resume(self, caller: Caller, request_id: str) -> Request:
        """Take a parked request up again where nothing needs editing."""
        self._check_owner(caller, request_id, "resume")

        def take_up(record: Record) -> Record:
            if record.state is not State.PARKED:
                raise Conflict(f"The request is {record.state.value}, not parked.", "Only a parked request is resumed.")
            return _taken_up(record)

        return self._moved(self.records.change(request_id, caller.username, "resumed", take_up))

    def edit(self, caller: Caller, request_id: str, patch: Any, if_match: str) -> Request:
        """Change fields by a merge patch; approvals lapse, and a parked request is taken up again.

        Raises:
            Stale: when `if_match` is not the request's present etag.
            Conflict: when the request cannot be edited any more.
        """
        self._check_owner(caller, request_id, "edit")
        if not isinstance(patch, Mapping):
            raise Malformed("-: the patch is no JSON object", "Send an object with the fields to change.")

        def amend(record: Record) -> Record:
            if if_match.strip('"') != etag(record):
                raise Stale("The request was changed since you read it.", "Read it again and repeat the edit.")
            return self._amended(caller, record, patch)

        return self._moved(
            self.records.change(request_id, caller.username, "edited", amend, self._renamed, fields=sorted(patch))
        )

    def choices(self, caller: Caller) -> Choices:
        """What this caller may pick in the form."""
        company = self.company
        return Choices(
            teams={name: team.title for name, team in company.teams.items() if caller.may_ask_for(name)},
            templates={name: template.title for name, template in company.templates.items()},
            regions=company.landing_zone.regions,
            data_classes=company.data_classes,
            budget_limits={name: t.max_monthly_budget_usd for name, t in company.templates.items()},
        )

    def _draft(self, caller: Caller, asked: AccountRequest) -> Record:
        """A record that is not written yet, checked against everything that can be known before AWS is asked."""
        caller.require(caller.may_ask_for(asked.team), f"ask for accounts of team {asked.team}", "one of its members")
        now = self.clock.now()
        request_id = new_id("req", now)
        email = email_for(asked, self.company, request_id)
        self._check_name(asked.name, None)
        rule = rule_for(asked, self.company, self._committed(asked.team, None))
        state = State.AWAITING_APPROVAL if rule.approvers else State.QUEUED
        return Record(
            id=request_id,
            state=state,
            asked=asked,
            requester=caller.username,
            created_at=now,
            updated_at=now,
            email=email,
            rule=rule.name,
            approvers_needed=rule.approvers,
        )

    def _amended(self, caller: Caller, record: Record, patch: Mapping[str, Any]) -> Record:
        if record.asked_aws_at and record.state is not State.PARKED:
            raise Conflict(
                f"The request is {record.state.value} and cannot be edited now.", "Wait until it is ready or parked."
            )
        merged = {**record.asked.model_dump(mode="json"), **patch}
        asked = parse({k: v for k, v in merged.items() if v is not None}, self.company)
        caller.require(caller.may_ask_for(asked.team), f"ask for accounts of team {asked.team}", "one of its members")
        if record.account_id and (
            fixed := [f for f in FIXED_ONCE_MADE if getattr(asked, f) != getattr(record.asked, f)]
        ):
            raise BadInput.of(FieldError(fixed[0], "the account exists already under this one", "Leave it as it is."))
        if asked.name != record.asked.name:
            self._check_name(asked.name, record.id)
        rule = rule_for(asked, self.company, self._committed(asked.team, record.id))
        state = State.AWAITING_APPROVAL if rule.approvers else State.QUEUED
        update = {"asked": asked, "rule": rule.name, "approvers_needed": rule.approvers, "approvals": (), "gate": None}
        taken_up = _taken_up(record) if record.state is State.PARKED else record
        return taken_up.model_copy(update={**update, "state": state})

    def _renamed(self, before: Record, after: Record) -> Beside:
        if before.asked.name == after.asked.name:
            return Beside()
        taken = reservation("NAME", after.asked.name, after.id, self.clock.now())
        return Beside((taken,), ((f"NAME#{before.asked.name}", "NAME"),))

    def _check_name(self, name: str, own: str | None) -> None:
        held = self.table.get(f"NAME#{name}", "NAME")
        taken = held is not None and held.body["request_id"] != own
        living = (a for a in self.accounts.all() if a.state is not AccountState.CLOSED)
        if taken or any(a.name == name and a.request_id != own for a in living):
            reason = f"an account or request named {name!r} exists already"
            raise BadInput.of(FieldError("name", reason, "Choose another name."))

    def _committed(self, team: str, but: str | None) -> int:
        """What the team's accounts may spend a month, those still being made included."""
        gone = (State.REJECTED, State.CANCELLED)
        return sum(
            r.asked.monthly_budget_usd for r in self.records.of_team(team) if r.state not in gone and r.id != but
        )

    def _by_key(self, caller: Caller, key: str, digest: str) -> str | None:
        found = self.table.get(f"KEY#{caller.username}#{key}", "KEY")
        if found is None:
            return None
        if found.body["digest"] != digest:
            error = FieldError(
                "Idempotency-Key", "it was used for another request body", "Send a new key with a new body."
            )
            raise BadInput.of(error)
        return str(found.body["request_id"])

    def _lost_race(self, caller: Caller, asked: AccountRequest, key: str, digest: str) -> Request:
        """Another request took the key or the name between the check and the write."""
        if found := self._by_key(caller, key, digest):
            return self.get(caller, found)
        self._check_name(asked.name, None)
        raise Stale("Another request was made at the same moment.", "Send it again.")

    def _visible(self, caller: Caller, request_id: str) -> Record:
        record = self.records.get(request_id)
        caller.require_sight(record.asked.team, f"request {request_id}")
        return record

    def _check_owner(self, caller: Caller, request_id: str, what: str) -> None:
        team = self._visible(caller, request_id).asked.team
        caller.require(caller.may_ask_for(team), f"{what} requests of team {team}", "one of its members or an operator")

    def _check_decider(self, caller: Caller, request_id: str) -> None:
        record = self._visible(caller, request_id)
        caller.require(caller.may_decide, "decide on requests", "an approver")
        own = caller.username == record.requester or record.asked.team in caller.teams
        caller.require(not own, "decide on a request of their own or of their own team", "another approver")

    def _moved(self, record: Record) -> Request:
        """Wake the workflow when the request no longer waits for a person."""
        if record.callback and record.state not in ASLEEP:
            wake(self.engine, record.callback, MOVED_ON)
        elif record.gate and record.state is State.CANCELLED:
            wake(self.engine, record.gate.callback, MOVED_ON)
        return self._view(self.records.get(record.id))

    def _view(self, record: Record, others: Sequence[Record] | None = None, *, timeline: bool = True) -> Request:
        place = None
        if record.gate:
            place = position(record, self.records.open() if others is None else others)
        entries = self.records.timeline(record.id) if timeline else ()
        return Request(
            **record.model_dump(exclude=PRIVATE),
            **record.asked.model_dump(),
            hash=record.asked.hash,
            position=place,
            eta=eta(record, place, self.clock.now()),
            waiting_for=waiting_for(record, place, self.company),
            timeline=entries,
            etag=etag(record),
        )


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
        State.AWAITING_APPROVAL: f"{missing} approval{'s' if missing > 1 else ''}: {record.rule}",
        State.QUEUED: f"its turn: AWS makes five accounts at a time{queue}",
        State.CREATING: "AWS to make the account",
        State.ENROLLING: f"its turn in the OU {ou}: one account at a time{queue}"
        if place
        else f"Control Tower to enrol it in {ou}",
        State.BASELINING: "its settings, budget and access to be put in place",
        State.VERIFYING: "everything promised to be read back",
        State.PARKED: record.parked.remedy if record.parked else "somebody to resume it",
    }
    return words.get(record.state)


def _check_decidable(record: Record, hash_: str | None) -> None:
    if record.state is not State.AWAITING_APPROVAL:
        raise Conflict(f"The request is {record.state.value} and awaits no decision.", "Leave it as it is.")
    if hash_ is not None and hash_ != record.asked.hash:
        raise Conflict("The request is not the one you decided on: its hash is another.", "Read it again, then decide.")


def _taken_up(record: Record) -> Record:
    """The next round of a parked request."""
    state = State.QUEUED if len(record.approvals) >= record.approvers_needed else State.AWAITING_APPROVAL
    update = {"state": state, "parked": None, "round": record.round + 1, "cancel_wanted_by": None, "gate": None}
    return record.model_copy(update=update)


def _freed_name(_: Record, after: Record) -> Beside:
    """A request that ended without an account gives its name back."""
    ended = after.state in (State.REJECTED, State.CANCELLED)
    return Beside(drop=((f"NAME#{after.asked.name}", "NAME"),)) if ended else Beside()


def _state(given: str | None) -> State | None:
    if given is None:
        return None
    try:
        return State(given)
    except ValueError as error:
        known = f"States: {', '.join(s.value for s in State)}."
        raise BadInput.of(FieldError("state", f"there is no state {given!r}", known)) from error


def _close_cursor(place: tuple[str, str, str] | None, team: str | None) -> str | None:
    return base64.urlsafe_b64encode(json.dumps([team, *place]).encode()).decode() if place else None


def _open_cursor(cursor: str | None) -> tuple[str, str, str] | None:
    if cursor is None:
        return None
    try:
        _, pk, sk, order = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise BadInput.of(
            FieldError("cursor", "this cursor is not one of ours", "Start again without a cursor.")
        ) from error
    return pk, sk, order
