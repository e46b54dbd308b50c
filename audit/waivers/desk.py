"""The desk where waivers are proposed, approved, ended and looked at: one for page, API and command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.query.reader import Reader
from audit.waivers.book import WaiverBook
from audit.waivers.waiver import Proposal, Record, Waiver, WaiverState
from vending.core.clock import Clock, to_text
from vending.core.company import Company
from vending.core.errors import BadInput, Conflict, FieldError, Stale
from vending.core.identity import Caller, missing
from vending.core.ids import new_id
from vending.ports import AccountBook

ANY = "*"
"""The If-Match that every present state fits (RFC 9110, 13.1.1)."""
_COVERS = "SELECT waiver_id, count(*) AS n FROM findings WHERE waiver_id IS NOT NULL GROUP BY ALL"


@dataclass(frozen=True)
class WaiverDesk:
    """Every call takes the caller and checks their right; errors are `FreeholdError`s."""

    company: Company
    book: WaiverBook
    reader: Reader
    accounts: AccountBook
    clock: Clock

    def propose(self, caller: Caller, asked: Proposal, key: str | None = None) -> Waiver:
        """Ask for a waiver, which covers nothing before another approves it. The same key gives the same one again.

        Raises:
            NotAllowed: to those who may not.
            BadInput: naming each field that cannot be so.
        """
        caller.require(caller.may_propose_waivers, "propose waivers", "an auditor")
        if errors := self._complaints(asked):
            raise BadInput.of(*errors)
        now = self.clock.now()
        record = Record(**asked.model_dump(), id=new_id("waiver", now), owner=caller.username, proposed_at=now)
        return self.get(caller, self.book.add(record, key))

    def approve(self, caller: Caller, waiver_id: str, hash: str | None = None, if_match: str = ANY) -> Waiver:  # noqa: A002
        """Agree to exactly what was asked; from now on it covers.

        Raises:
            NotAllowed: to those who may not decide, and to its owner.
            Conflict: when it is not waiting for approval, or `hash` is not that of what was asked.
        """
        self._check(caller, waiver_id, if_match)

        def agree(record: Record) -> Record:
            self._check_decider(caller, record)
            state = record.state(self.clock.now())
            if state is not WaiverState.PROPOSED:
                raise Conflict(f"The waiver is {state.value}: only a proposed one can be approved.", "Propose it anew.")
            if hash is not None and hash != record.hash:
                raise Conflict("The waiver is not the one you decided on: its hash is another.", "Read it again.")
            return record.model_copy(update={"approver": caller.username, "approved_at": self.clock.now()})

        self.book.change(waiver_id, caller.username, "approved a waiver", agree)
        return self.get(caller, waiver_id)

    def revoke(self, caller: Caller, waiver_id: str, if_match: str = ANY) -> Waiver:
        """End a waiver, or refuse or withdraw one that is only proposed: what it covered fails again.

        Raises:
            NotAllowed: to all but its owner and approvers.
            Conflict: when it is over already.
        """
        self._check(caller, waiver_id, if_match)

        def end(record: Record) -> Record:
            may = caller.may_decide or caller.username == record.owner
            caller.require(may, "end waivers of others", f"{record.owner}, or an approver")
            state = record.state(self.clock.now())
            if state not in (WaiverState.PROPOSED, WaiverState.ACTIVE):
                raise Conflict(f"The waiver is {state.value} already.", "There is nothing left to end.")
            return record.model_copy(update={"revoked_by": caller.username, "revoked_at": self.clock.now()})

        self.book.change(waiver_id, caller.username, "revoked a waiver", end)
        return self.get(caller, waiver_id)

    def get(self, caller: Caller, waiver_id: str) -> Waiver:
        """One waiver.

        Raises:
            NotFound: when there is none of that id that the caller may see.
        """
        found = next((one for one in self.all(caller) if one.id == waiver_id), None)
        if found is None:
            raise missing(f"waiver {waiver_id}")
        return found

    def all(self, caller: Caller, states: Sequence[str] = ()) -> list[Waiver]:
        """The waivers that the caller may see, the newest first: those that can cover something of theirs."""
        now = self.clock.now()
        with self.reader.open(caller, ("waivers", "findings")) as ask:
            visible = {row["id"] for row in ask("SELECT id FROM waivers")}
            covers = {row["waiver_id"]: row["n"] for row in ask(_COVERS)}
        shown = [_waiver(one, covers.get(one.id, 0), now) for one in self.book.all() if one.id in visible]
        return [one for one in shown if not states or one.state.value in states]

    def ending(self, caller: Caller) -> list[Waiver]:
        """Active waivers that end within the company file's time of warning, the next first."""
        limit = self.clock.now() + timedelta(days=self.company.audit.waiver_warning_days)
        return sorted(
            (one for one in self.all(caller, ("active",)) if one.expires_at <= limit), key=lambda one: one.expires_at
        )

    def may_approve(self, caller: Caller, waiver: Waiver) -> bool:
        """Whether the waiver waits for a decision that this caller may make."""
        own = caller.username == waiver.owner or self.team_of(waiver) in caller.teams
        return waiver.state is WaiverState.PROPOSED and caller.may_decide and not own

    def _check(self, caller: Caller, waiver_id: str, if_match: str) -> None:
        """It is one that the caller may see, and still the one they read."""
        found = self.get(caller, waiver_id)
        if if_match != ANY and if_match.removeprefix("W/").strip('"') != found.etag:
            raise Stale("The waiver was changed since you read it.", "Read it again and repeat the decision.")

    def _check_decider(self, caller: Caller, record: Record) -> None:
        caller.require(caller.may_decide, "approve waivers", "an approver")
        own = caller.username == record.owner or self.team_of(record) in caller.teams
        caller.require(not own, "approve a waiver of their own or of their own team", "another approver")

    def team_of(self, waiver: Record | Waiver) -> str | None:
        """The team whose findings it covers, where it names one or an account of one."""
        if waiver.team or not waiver.account_id:
            return waiver.team
        return next((one.team for one in self.accounts.all() if one.account_id == waiver.account_id), None)

    def _complaints(self, asked: Proposal) -> list[FieldError]:
        rules: tuple[Callable[[Proposal], FieldError | None], ...] = (self._scope, self._team, self._expiry)
        return [error for rule in rules if (error := rule(asked))]

    def _scope(self, asked: Proposal) -> FieldError | None:
        if asked.scope:
            return None
        reason = "a waiver for the control alone would cover the whole organisation"
        return FieldError("-", reason, "Name at least one of account_id, resource_id, ou and team.")

    def _team(self, asked: Proposal) -> FieldError | None:
        if asked.team is None or asked.team in self.company.teams:
            return None
        return FieldError("team", f"there is no team {asked.team!r}", f"Known: {', '.join(self.company.teams)}.")

    def _expiry(self, asked: Proposal) -> FieldError | None:
        now, days = self.clock.now(), self.company.audit.waiver_max_days
        latest = now + timedelta(days=days)
        if asked.expires_at <= now:
            return FieldError("expires_at", "it is over already", f"Choose a moment after {to_text(now)}.")
        if asked.expires_at > latest:
            reason = f"a waiver lasts {days} days at most"
            return FieldError(
                "expires_at", reason, f"Choose a moment up to {to_text(latest)}; it can be proposed anew."
            )
        return None


def _waiver(record: Record, findings: int, now: datetime) -> Waiver:
    known = record.model_dump(include=set(Waiver.model_fields))
    state, ended = record.state(now), record.ended_at(now)
    return Waiver(**known, state=state, ended_at=ended, findings=findings, hash=record.hash)
