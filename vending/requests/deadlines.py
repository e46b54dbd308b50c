"""What time does to requests that wait: approvals lapse, approvers are reminded, others are told, and at last it ends.

On schedule, with the time passed in. Each is a change of the request, so that it is logged and told once, however
many rounds see it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from vending.core.clock import Clock
from vending.core.company import Company
from vending.requests.draft import given_back, lapsed, undecided
from vending.requests.model import State
from vending.requests.record import Record, Records

ACTOR = "dispatcher"
LAPSED = "approvals lapsed"
REMINDED = "approvers reminded"
ESCALATED = "decision escalated"
UNDECIDED = "nobody decided"
NOBODY = "Freehold"
"""Who rejects what nobody decided on."""


@dataclass(frozen=True)
class Deadlines:
    """The ages are the company file's."""

    company: Company
    records: Records
    clock: Clock

    def enforce(self) -> int:
        """One round. Gives back how many requests it changed."""
        return sum(self._enforce(record) for record in self.records.open())

    def _enforce(self, record: Record) -> int:
        """The first of the deadlines that has passed; the next one is the next round's."""
        for what, change in self._due:
            if change(record) is not None:
                self._change(record, what, change)
                return 1
        return 0

    @property
    def _due(self) -> tuple[tuple[str, Callable[[Record], Record | None]], ...]:
        return (
            (LAPSED, self._lapse),
            (ESCALATED, self._escalate),
            (UNDECIDED, self._end),
            (REMINDED, self._remind),
        )

    def _change(self, record: Record, what: str, change: Callable[[Record], Record | None]) -> None:
        self.records.change(record.id, ACTOR, what, change, given_back)

    def _lapse(self, record: Record) -> Record | None:
        """Without the approvals that are too old, while AWS was not asked: then they have done their work."""
        held = record.state in (State.AWAITING_APPROVAL, State.QUEUED, State.PARKED) and record.asked_aws_at is None
        days = self.company.decisions.lapse_after_days
        now = self.clock.now()
        old = [a for a in record.approvals if now - a.at >= timedelta(days=days)]
        if not held or not old:
            return None
        after = lapsed(record, old, now, f"it was given more than {days} days ago")
        return after if record.state is State.PARKED else undecided(after, now)

    def _remind(self, record: Record) -> Record | None:
        now, pause = self.clock.now(), timedelta(hours=self.company.decisions.remind_after_hours)
        last = record.reminded_at or record.decision_since or record.created_at
        if record.state is not State.AWAITING_APPROVAL or now - last < pause:
            return None
        return record.model_copy(update={"reminded_at": now})

    def _escalate(self, record: Record) -> Record | None:
        now, patience = self.clock.now(), timedelta(hours=self.company.decisions.escalate_after_hours)
        since = record.decision_since or record.created_at
        if record.state is not State.AWAITING_APPROVAL or record.escalated_at or now - since < patience:
            return None
        return record.model_copy(update={"escalated_at": now})

    def _end(self, record: Record) -> Record | None:
        """Rejected, where others were told long enough ago and AWS was not asked: an account is never given up so."""
        now, days = self.clock.now(), self.company.decisions.end_after_days
        since = record.decision_since or record.created_at
        waits = record.state is State.AWAITING_APPROVAL and record.escalated_at and record.asked_aws_at is None
        if not waits or record.account_id or now - since < timedelta(days=days):
            return None
        reason = f"nobody decided within {days} {'day' if days == 1 else 'days'}"
        return record.model_copy(update={"state": State.REJECTED, "rejected_by": NOBODY, "reason": reason})
