"""The desk where requests are made, decided, changed and watched: one for form, API, command line and file."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import BadInput, Conflict, FieldError, Malformed, Stale
from vending.core.identity import Caller
from vending.core.table import Document, Table
from vending.ports import AccountBook, Baseline
from vending.requests.actions import Action
from vending.requests.deciding import WHY_BREAK_GLASS, WHY_REJECT, check_right, reason_of
from vending.requests.dispatcher import MOVED_ON, wake
from vending.requests.draft import Draft, Drafts, check_fit, given_back, taken_up
from vending.requests.emergencies import emergencies, listed
from vending.requests.engine import Engine
from vending.requests.foresight import Foresight
from vending.requests.model import (
    Approval,
    Choices,
    Page,
    Plan,
    PlannedCall,
    Request,
    State,
)
from vending.requests.outlook import Outlook
from vending.requests.record import ASLEEP, ATTEMPTS, Beside, Record, Records, reservation
from vending.requests.view import Views, etag

ANY = "*"
"""The If-Match that every present state fits (RFC 9110, 13.1.1)."""


@dataclass(frozen=True)
class Change:
    """What somebody does to a request, as it is logged."""

    request_id: str
    what: str
    make: Callable[[Record], Record]
    """Pure; raises to refuse."""
    beside: Callable[[Record, Record], Beside] = lambda _before, _after: Beside()
    detail: Mapping[str, Any] = field(default_factory=dict)


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
    outlook: Outlook

    def submit(self, caller: Caller, body: Any, idempotency_key: str) -> Request:
        """Ask for an account. The same key and body give the same request again.

        Raises:
            BadInput: naming each wrong field; nothing is written.
            NotAllowed: when the team is not the caller's.
        """
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
        for _ in range(ATTEMPTS):
            if found := self._by_key(caller, idempotency_key, digest):
                return self.get(caller, found)
            draft = self._drafts.make(caller, body)
            try:
                self._write(caller, draft, idempotency_key, digest)
            except Stale:
                continue
            self.engine.start(draft.record.execution)
            return self._views.of(self.records.get(draft.record.id))
        raise Stale("Too many requests were made at the same moment.", "Send it again.")

    def plan(self, caller: Caller, body: Any) -> Plan:
        """What a request would do, without doing it; refuses what `submit` would refuse."""
        record = self._drafts.make(caller, body).record
        asked = record.asked
        foresight, room = self._foresight, self._foresight.room()
        promises = self.baseline.describe(record.new_account(self.company))
        return Plan(
            email=record.email,
            ou=self.company.ou_of(asked.template),
            rule=record.rule,
            approvers_needed=record.approvers_needed,
            steps=self.line,
            seconds=sum(step.seconds for step in self.line),
            ready_at=foresight.ready_at(record, self.clock.now()),
            quota=room,
            checks=(room.check, *foresight.checks(record)),
            rule_because=record.rule_because,
            guardrails=tuple(dict.fromkeys(p.guardrail for p in promises)),
            hash=asked.hash,
        )

    def get(self, caller: Caller, request_id: str) -> Request:
        """One request with its timeline.

        Raises:
            NotFound: when there is none of that id that the caller may see.
        """
        return _seen_by(caller, self._views.of(self._visible(caller, request_id)))

    def list(
        self,
        caller: Caller,
        *,
        team: str | None = None,
        states: Sequence[str] = (),
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Requests that the caller may see, of any of the states if some are named, newest first, without timelines."""
        page = self._views.page(caller, team, states, limit, cursor)
        return page.model_copy(update={"items": tuple(_seen_by(caller, request) for request in page.items)})

    def approve(
        self,
        caller: Caller,
        request_id: str,
        hash: str | None = None,  # noqa: A002
        *,
        break_glass: bool = False,
        reason: str = "",
        dry_run: bool = False,
    ) -> Request:
        """Agree to exactly what was asked; enough approvals, or one that breaks the glass, let the request go on."""
        why = reason_of(reason, WHY_BREAK_GLASS) if break_glass else ""
        self._check_decider(caller, request_id, break_glass=break_glass)

        def agree(record: Record) -> Record:
            _check_decidable(Action.APPROVE, record, hash)
            if not break_glass and any(a.by == caller.username for a in record.approvals):
                raise Conflict(f"{caller.username} approved this request already.", "Another approver must agree.")
            approval = Approval(
                by=caller.username, at=self.clock.now(), hash=record.asked.hash, break_glass=break_glass, reason=why
            )
            given = record.model_copy(update={"approvals": (*record.approvals, approval)})
            return given.model_copy(update={"state": State.QUEUED}) if given.agreed else given

        what, detail = ("break-glass approval", {"reason": why}) if break_glass else ("approved", {})
        return self._done(caller, Change(request_id, what, agree, listed, detail), dry_run)

    def reject(
        self,
        caller: Caller,
        request_id: str,
        reason: str,
        hash: str | None = None,  # noqa: A002
        *,
        dry_run: bool = False,
    ) -> Request:
        """Say no, with a reason that the requester reads."""
        why = reason_of(reason, WHY_REJECT)
        self._check_decider(caller, request_id)

        def refuse(record: Record) -> Record:
            _check_decidable(Action.REJECT, record, hash)
            return record.model_copy(update={"state": State.REJECTED, "rejected_by": caller.username, "reason": why})

        change = Change(request_id, "rejected", refuse, given_back, {"reason": why})
        return self._done(caller, change, dry_run)

    def cancel(self, caller: Caller, request_id: str, *, dry_run: bool = False) -> Request:
        """End a request that AWS was not asked for yet; afterwards, park its account in quarantine."""
        self._check_owner(caller, request_id, "cancel")

        def withdraw(record: Record) -> Record:
            check_fit(Action.CANCEL, record)
            if record.asked_aws_at is None:
                return record.model_copy(update={"state": State.CANCELLED, "reason": "cancelled"})
            return record.model_copy(update={"cancel_wanted_by": caller.username})

        return self._done(caller, Change(request_id, "cancelled", withdraw, given_back), dry_run)

    def resume(self, caller: Caller, request_id: str, *, dry_run: bool = False) -> Request:
        """Take a parked request up again where nothing needs editing."""
        self._check_owner(caller, request_id, "resume")

        def take_up(record: Record) -> Record:
            check_fit(Action.RESUME, record)
            return taken_up(record, self.clock.now())

        return self._done(caller, Change(request_id, "resumed", take_up), dry_run)

    def edit(self, caller: Caller, request_id: str, patch: Any, if_match: str, *, dry_run: bool = False) -> Request:
        """Change fields by a merge patch; approvals lapse, and a parked request is taken up again.

        Raises:
            Stale: when `if_match` is neither `*` nor the request's present etag.
            Conflict: when the request cannot be edited any more.
        """
        self._check_owner(caller, request_id, "edit")
        if not isinstance(patch, Mapping):
            raise Malformed("-: the patch is no JSON object", "Send an object with the fields to change.")

        turn: tuple[Document, ...] = ()

        def amend(record: Record) -> Record:
            nonlocal turn
            if if_match != ANY and if_match.strip('"') != etag(record):
                raise Stale("The request was changed since you read it.", "Read it again and repeat the edit.")
            draft = self._drafts.amend(caller, record, patch)
            turn = draft.beside
            return draft.record

        def beside(before: Record, after: Record) -> Beside:
            renamed = self._drafts.renamed(before, after)
            return Beside((*renamed.put, *turn), renamed.drop)

        detail = {"fields": sorted(patch)}
        change = Change(request_id, "edited", amend, beside, detail)
        return self._done(caller, change, dry_run)

    def break_glass_uses(self, caller: Caller, *, limit: int = 50, cursor: str | None = None) -> Page:
        """Requests that somebody approved alone in an emergency, newest first, as far as the caller may see."""
        return emergencies(self.table, caller, limit, cursor)

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

    @property
    def _views(self) -> Views:
        return Views(self.company, self.records, self.clock)

    @property
    def _drafts(self) -> Drafts:
        return Drafts(self.company, self.records, self.table, self.accounts, self._foresight, self.clock)

    @property
    def _foresight(self) -> Foresight:
        return Foresight(self.outlook, self.records)

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

    def _write(self, caller: Caller, draft: Draft, key: str, digest: str) -> None:
        """The request with its key, name and e-mail, and its team's turn, all or none.

        Raises:
            Stale: when another request took one of them between the check and the write.
        """
        record, now = draft.record, draft.record.created_at
        taken = (
            reservation("KEY", f"{caller.username}#{key}", record.id, now, {"digest": digest}),
            reservation("NAME", record.asked.name, record.id, now),
            reservation("EMAIL", record.email, record.id, now),
        )
        detail = {"hash": record.asked.hash}
        self.table.commit(caller.username, "requested", record.id, detail, record.document(), *taken, *draft.beside)

    def _visible(self, caller: Caller, request_id: str) -> Record:
        record = self.records.get(request_id)
        caller.require_sight(record.asked.team, f"request {request_id}")
        return record

    def _check_owner(self, caller: Caller, request_id: str, what: str) -> None:
        team = self._visible(caller, request_id).asked.team
        caller.require(caller.may_ask_for(team), f"{what} requests of team {team}", "one of its members or an operator")

    def _check_decider(self, caller: Caller, request_id: str, *, break_glass: bool = False) -> None:
        record = self._visible(caller, request_id)
        check_right(self.company, caller, record, record.asked.team, break_glass=break_glass)

    def _done(self, caller: Caller, change: Change, dry_run: bool) -> Request:
        """The request after the change, or as it would be."""
        if dry_run:
            return _seen_by(caller, self._views.of(self.records.foretell(change.request_id, change.make)))
        made = self.records.change(
            change.request_id, caller.username, change.what, change.make, change.beside, **change.detail
        )
        return _seen_by(caller, self._moved(made))

    def _moved(self, record: Record) -> Request:
        """Wake the workflow when the request no longer waits for a person."""
        if record.callback and record.state not in ASLEEP:
            wake(self.engine, record.callback, MOVED_ON)
        elif record.gate and record.has_left:
            wake(self.engine, record.gate.callback, MOVED_ON)
        return self._views.of(self.records.get(record.id))


def _seen_by(caller: Caller, request: Request) -> Request:
    """AWS's request id is for those who can do something with it."""
    if request.parked is None or caller.may_operate:
        return request
    return request.model_copy(update={"parked": request.parked.model_copy(update={"aws_request_id": ""})})


def _check_decidable(action: Action, record: Record, hash_: str | None) -> None:
    check_fit(action, record)
    if hash_ is not None and hash_ != record.asked.hash:
        raise Conflict("The request is not the one you decided on: its hash is another.", "Read it again, then decide.")
