"""A request before it is written: new or amended, checked against everything that can be known before AWS is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.ids import new_id
from vending.core.table import Document, Table
from vending.ports import Account, AccountBook, AccountState
from vending.requests.actions import Action, obstacle
from vending.requests.foresight import Foresight
from vending.requests.model import AccountRequest, Approval, Lapse, State
from vending.requests.record import Beside, Record, Records, reservation
from vending.requests.rules import Standing, email_for, parse, rule_for
from vending.requests.turn import Turn

FIXED_ONCE_MADE = ("team", "name", "template")
"""Fields that an edit cannot change once AWS was asked for the account: by them it is found again."""


@dataclass(frozen=True)
class Draft:
    """A record that may be written, together with its team's turn."""

    record: Record
    turn: Turn | None = None
    """None where nothing was judged anew."""

    @property
    def beside(self) -> tuple[Document, ...]:
        """What is written in the same transaction, so that nobody of the team asked in between."""
        return (self.turn.taken_by(self.record.id, self.record.version + 1),) if self.turn else ()


@dataclass(frozen=True)
class Drafts:
    """Makes records; writes nothing."""

    company: Company
    records: Records
    table: Table
    accounts: AccountBook
    foresight: Foresight
    clock: Clock

    def make(self, caller: Caller, body: Any) -> Draft:
        """A new record.

        Raises:
            BadInput: naming each wrong field.
            NotAllowed: when the team is not the caller's.
            Conflict: when the organisation has no room for another account, or cannot take it.
        """
        draft = self.draw(caller, body)
        self.foresight.refuse(draft.record)
        return draft

    def draw(self, caller: Caller, body: Any) -> Draft:
        """A new record as far as the company file and what Freehold knows allow it.

        Raises:
            BadInput: naming each wrong field.
            NotAllowed: when the team is not the caller's.
        """
        asked = parse(body, self.company)
        caller.require(caller.may_ask_for(asked.team), f"ask for accounts of team {asked.team}", "one of its members")
        now = self.clock.now()
        request_id = new_id("req", now)
        email = email_for(asked, self.company, request_id)
        accounts = self.accounts.all()
        self.check_name(asked.name, None, accounts)
        self._check_email(email, None)
        turn = Turn.read(self.table, asked.team)
        ruling = rule_for(asked, self.company, self._standing(turn, None, accounts))
        record = Record(
            id=request_id,
            state=State.AWAITING_APPROVAL if ruling.rule.approvers else State.QUEUED,
            asked=asked,
            requester=caller.username,
            created_at=now,
            updated_at=now,
            email=email,
            rule=ruling.rule.name,
            rule_because=ruling.because,
            approvers_needed=ruling.rule.approvers,
        )
        return Draft(record, turn)

    def amend(self, caller: Caller, record: Record, patch: Mapping[str, Any]) -> Draft:
        """The record with a merge patch applied; approvals lapse, and a parked request is taken up again.

        Raises:
            BadInput: naming each wrong field.
            Conflict: when the request cannot be edited any more.
        """
        check_fit(Action.EDIT, record)
        asked = parse(merge(record.asked.model_dump(mode="json"), patch), self.company)
        caller.require(caller.may_ask_for(asked.team), f"ask for accounts of team {asked.team}", "one of its members")
        if record.asked_aws_at and (
            fixed := [f for f in FIXED_ONCE_MADE if getattr(asked, f) != getattr(record.asked, f)]
        ):
            raise BadInput.of(FieldError(fixed[0], "AWS was asked for it under this one", "Leave it as it is."))
        accounts = self.accounts.all()
        if asked.name != record.asked.name:
            self.check_name(asked.name, record.id, accounts)
        now = self.clock.now()
        base = taken_up(record, now) if record.state is State.PARKED else record
        if asked == record.asked:
            return Draft(base)
        turn = Turn.read(self.table, asked.team)
        ruling = rule_for(asked, self.company, self._standing(turn, record.id, accounts))
        update = {
            "asked": asked,
            "email": self._email(base, asked),
            "rule": ruling.rule.name,
            "rule_because": ruling.because,
            "approvers_needed": ruling.rule.approvers,
            "edited_by": tuple(dict.fromkeys((*record.edited_by, caller.username))),
        }
        changed = base.model_copy(update=update)
        self._check_email(changed.email, record.id)
        self.foresight.refuse(changed, before=record)
        return Draft(undecided(lapsed(changed, base.approvals, now, "the request was changed"), now), turn)

    def renamed(self, before: Record, after: Record) -> Beside:
        """The new name and e-mail taken, and the old ones given back."""
        put, drop = [], []
        for kind, old, new in (
            ("NAME", before.asked.name, after.asked.name),
            ("EMAIL", before.email, after.email),
        ):
            if old != new:
                put.append(reservation(kind, new, after.id, self.clock.now()))
                drop.append((f"{kind}#{old}", kind))
        return Beside(tuple(put), tuple(drop))

    def check_name(self, name: str, own: str | None, accounts: Sequence[Account]) -> None:
        """Refuse a name that another request or one of the accounts has; `own` is the request that may have it.

        Raises:
            BadInput: naming the field.
        """
        held = self.table.get(f"NAME#{name}", "NAME")
        taken = held is not None and held.body["request_id"] != own
        living = (a for a in accounts if a.state is not AccountState.CLOSED)
        if taken or any(a.name == name and (own is None or a.request_id != own) for a in living):
            reason = f"an account or request named {name!r} exists already"
            raise BadInput.of(FieldError("name", reason, "Choose another name."))

    def _check_email(self, email: str, own: str | None) -> None:
        """Refuse an e-mail that was given out before: AWS takes none twice, not even a closed account's.

        Raises:
            BadInput: naming the field it is made from.
        """
        held = self.table.get(f"EMAIL#{email}", "EMAIL")
        if held is not None and held.body["request_id"] != own:
            reason = f"its e-mail would be {email}, which was given to another account before"
            raise BadInput.of(FieldError("name", reason, "Choose another name: AWS takes no address twice."))

    def _email(self, record: Record, asked: AccountRequest) -> str:
        """The e-mail after an edit: another one only where a part of it that the company file names has changed."""
        if (asked.name, asked.team) == (record.asked.name, record.asked.team):
            return record.email
        return email_for(asked, self.company, record.email_id)

    def _standing(self, turn: Turn, but: str | None, accounts: Sequence[Account]) -> Standing:
        """What the team has, accounts still being made included, and without the request `but`."""
        own = [account for account in accounts if account.team == turn.team]
        closed = {account.account_id for account in own if account.state is AccountState.CLOSED}
        gone = (State.REJECTED, State.CANCELLED)
        asked = [r for r in turn.requests(self.records) if r.state not in gone and r.account_id not in closed]
        made = {r.account_id for r in asked}
        others = [a for a in own if a.state is not AccountState.CLOSED and a.account_id not in made]
        budgets = [r.asked.monthly_budget_usd for r in asked if r.id != but]
        return Standing(
            accounts=len(budgets) + len(others),
            committed_usd=sum(budgets) + sum(account.monthly_budget_usd or 0 for account in others),
        )


def check_fit(action: Action, record: Record) -> None:
    """Refuse an action that does not fit where the request stands.

    Raises:
        Conflict: saying why.
    """
    asked, by = record.asked_aws_at is not None, record.cancel_wanted_by
    if found := obstacle(action, record.state, asked_aws=asked, cancel_wanted_by=by):
        raise found


def taken_up(record: Record, now: datetime) -> Record:
    """The next round of a parked request."""
    update = {"parked": None, "round": record.round + 1, "cancel_wanted_by": None, "creation_failed": None}
    anew = {"gate": None, "watch": None, "executions_broken": 0}
    return undecided(record.model_copy(update={**update, **anew}), now)


def undecided(record: Record, now: datetime) -> Record:
    """In the queue if it is approved; otherwise with its approvers, who have all the time again from now on."""
    if record.agreed:
        return record.model_copy(update={"state": State.QUEUED})
    anew = {"decision_since": now, "reminded_at": None, "escalated_at": None}
    return record.model_copy(update={"state": State.AWAITING_APPROVAL, **anew})


def lapsed(record: Record, approvals: Sequence[Approval], now: datetime, because: str) -> Record:
    """Without these approvals, if there are any."""
    if not approvals:
        return record
    left = tuple(approval for approval in record.approvals if approval not in approvals)
    lapse = Lapse(by=tuple(approval.by for approval in approvals), at=now, because=because)
    return record.model_copy(update={"approvals": left, "lapsed": lapse})


def given_back(_: Record, after: Record) -> Beside:
    """A request that ended without an account gives back its name, and its e-mail, which AWS never saw."""
    if after.state not in (State.REJECTED, State.CANCELLED):
        return Beside()
    return Beside(drop=((f"NAME#{after.asked.name}", "NAME"), (f"EMAIL#{after.email}", "EMAIL")))


def merge(target: Any, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396): null removes a member, an object is merged, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged
