"""Tells people what happened to requests: follows the log, so that nothing is told that did not happen, or missed.

How far it came is kept; what is told twice because that was lost is known by its `once` and goes out once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from vending.core.company import Company
from vending.core.errors import NotFound, Stale
from vending.core.table import Document, Entry, Table
from vending.ports import Audience, Notice, Notices
from vending.requests.deadlines import ESCALATED, LAPSED, REMINDED, UNDECIDED
from vending.requests.model import State
from vending.requests.record import Record, Records

AT_MOST = 500
"""Entries of the log a round, so that it ends in time."""
PLACE = ("NOTICES", "PLACE")
APPROVERS, OPERATORS, SECURITY, ESCALATION = (
    Audience("approvers"),
    Audience("operators"),
    Audience("security"),
    Audience("escalation"),
)


@dataclass(frozen=True)
class Herald:
    """Runs on a schedule."""

    company: Company
    table: Table
    records: Records
    notices: Notices

    def tell(self) -> int:
        """One round. Gives back how many entries of the log it went through."""
        place = self.table.get(*PLACE)
        after = int(place.body["seq"]) if place else 0
        entries = list(islice(self.table.log(after), AT_MOST))
        for entry in entries:
            self._tell(entry)
        if entries:
            self._keep(entries[-1].seq, place)
        return len(entries)

    def _tell(self, entry: Entry) -> None:
        makers = EVENTS.get(entry.what, ())
        if not makers:
            return
        try:
            record = self.records.get(entry.subject)
        except NotFound:
            return  # the entry is of something else than a request
        for make in makers:
            if notice := make(self.company, record, entry):
                self.notices.tell(notice)

    def _keep(self, seq: int, place: Document | None) -> None:
        try:
            self.table.put(Document(*PLACE, {"seq": seq}, place.version if place else 0))
        except Stale:
            return  # somebody else told the same


def decision_wanted(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To the approvers, once for each state of the request that they have to decide on."""
    if record.state is not State.AWAITING_APPROVAL:
        return None
    return _notice("decision-wanted", _decision(record), record, APPROVERS)


def reminder(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To the approvers again."""
    if record.state is not State.AWAITING_APPROVAL:
        return None
    return _notice("decision-reminder", f"{_decision(record)}/{record.reminded_at}", record, APPROVERS)


def escalation(company: Company, record: Record, entry: Entry) -> Notice | None:
    """To those above the approvers, and to these."""
    if record.state is not State.AWAITING_APPROVAL:
        return None
    more = {"hours": company.decisions.escalate_after_hours}
    return _notice("decision-escalated", f"{_decision(record)}/{entry.seq}", record, ESCALATION, APPROVERS, **more)


def approvals_lapsed(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To whom the request is for, and to those whose approval holds no more."""
    if record.lapsed is None:
        return None
    people = (Audience("person", name) for name in record.lapsed.by)
    more = {"by": " and ".join(record.lapsed.by), "because": record.lapsed.because}
    return _notice("approval-lapsed", f"{record.id}/{record.lapsed.at}", record, *_askers(record), *people, **more)


def ready(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To whom it is for."""
    return _notice("request-ready", record.id, record, *_askers(record), ou=company.ou_of(record.asked.template))


def parked(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To whom it is for."""
    if record.parked is None:
        return None
    cause = record.parked.model_dump(mode="json")
    return _notice("request-parked", f"{record.id}/{record.round}", record, *_askers(record), cause=cause)


def stuck(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To the operators, with what AWS calls the call that failed; the team does not see this one."""
    if record.parked is None:
        return None
    cause = record.parked.model_dump(mode="json")
    told = _notice("request-stuck", f"{record.id}/{record.round}", record, OPERATORS, cause=cause)
    return replace(told, team=None)


def rejected(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To whom it is for."""
    more = {"by": record.rejected_by, "reason": record.reason}
    return _notice("request-rejected", record.id, record, *_askers(record), **more)


def glass_broken(company: Company, record: Record, entry: Entry) -> Notice | None:  # noqa: ARG001
    """To everybody who must know."""
    told = (APPROVERS, SECURITY, OPERATORS, ESCALATION, *_askers(record))
    more = {"by": entry.actor, "reason": entry.detail["reason"], "at": entry.at}
    return _notice("break-glass-used", f"{record.id}/{entry.seq}", record, *told, **more)


EVENTS: Mapping[str, tuple[Callable[[Company, Record, Entry], Notice | None], ...]] = {
    "requested": (decision_wanted,),
    "edited": (approvals_lapsed, decision_wanted),
    "resumed": (decision_wanted,),
    LAPSED: (approvals_lapsed, decision_wanted),
    REMINDED: (reminder,),
    ESCALATED: (escalation,),
    UNDECIDED: (rejected,),
    "break-glass approval": (glass_broken,),
    "rejected": (rejected,),
    "parked": (parked, stuck),
    "ready": (ready,),
}
"""What is told of which entry of the log."""


def _askers(record: Record) -> tuple[Audience, Audience]:
    return Audience("person", record.requester), Audience("team", record.asked.team)


def _decision(record: Record) -> str:
    """What one decision is about: this request, as it stands, from now on."""
    return f"{record.id}/{record.asked.hash}/{record.decision_since or record.created_at}"


def _notice(event: str, once: str, record: Record, *to: Audience, **more: Any) -> Notice:
    context = {
        **record.asked.model_dump(mode="json"),
        "id": record.id,
        "requester": record.requester,
        "rule": record.rule,
        "rule_because": record.rule_because,
        "missing": record.approvers_needed - len(record.approvals),
        "account_id": record.account_id,
        "changed": bool(record.edited_by),
        **more,
    }
    return Notice(event, once, to, context, record.asked.team)
