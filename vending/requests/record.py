"""What the table keeps of a request, and the only ways to read and change it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from vending.core.clock import Clock, to_text
from vending.core.company import Company
from vending.core.errors import Stale
from vending.core.identity import missing
from vending.core.table import Document, Listing, Table
from vending.ports import NewAccount
from vending.requests.engine import Execution
from vending.requests.model import ENDED, AccountRequest, Approval, Cause, Lapse, State, TimelineEntry

ASLEEP = frozenset({State.AWAITING_APPROVAL, State.PARKED})
"""States in which the workflow sleeps until a person acts."""
AT_REST = ASLEEP | ENDED
"""States in which no step is made."""
MOVING = "moving"
"""The list of requests that the dispatcher looks at in every round."""
OPEN = "requests"
"""The list of requests that have not ended."""
DROPPED = "dropped"
"""The list of those that ended without an account: few among many that are ready."""
TEAMS = 5
"""Of so many pages' requests of one state, those of one team are taken in one call."""
ATTEMPTS = 20
"""How often a change is tried again when somebody else changed the same request in between."""


class Gate(BaseModel):
    """A place in a queue that the dispatcher grants."""

    model_config = ConfigDict(frozen=True)

    name: str
    """What is queued for: `create`, or `enrol:<OU>`."""
    callback: str
    since: datetime
    granted_at: datetime | None = None
    """When it was let pass; the gate stays on the request while it is inside."""
    passed: bool = False
    """Whether the workflow has heard of it."""


class Watch(BaseModel):
    """Something that AWS does on its own: the dispatcher looks for its end, and wakes the workflow."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """`creation` or `enrolment`."""
    subject: str
    """AWS's id or ARN of what is looked at."""
    callback: str
    until: datetime
    """When the workflow is woken in any case."""


class Record(BaseModel):
    """The stored request."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: State
    asked: AccountRequest
    requester: str
    created_at: datetime
    updated_at: datetime
    email: str
    rule: str
    rule_because: str = ""
    approvers_needed: int
    emails_burned: int = 0
    """How many of the request's e-mails AWS found in use."""
    approvals: tuple[Approval, ...] = ()
    lapsed: Lapse | None = None
    edited_by: tuple[str, ...] = ()
    decision_since: datetime | None = None
    """Since when it waits for the present decision; None for since it was made."""
    reminded_at: datetime | None = None
    """When the approvers were last reminded of that decision."""
    escalated_at: datetime | None = None
    rejected_by: str | None = None
    reason: str | None = None
    parked: Cause | None = None
    account_id: str | None = None
    creation_id: str | None = None
    """The `car-` id of CreateAccount, stored in the step that called it."""
    round: int = 1
    """Counts the times the request was taken up: 1, and one more for each resumption."""
    callback: str | None = None
    """What the sleeping workflow waits for while it awaits approval or is parked."""
    gate: Gate | None = None
    watch: Watch | None = None
    started: bool = False
    """Whether the workflow has taken the request up."""
    execution_number: int = 1
    """Which execution of the workflow has it."""
    executions_broken: int = 0
    """How many executions ended in this round without having brought it to its end."""
    creation_failed: str | None = None
    """AWS's reason why it made no account, until the request is taken up again."""
    asked_aws_at: datetime | None = None
    """When CreateAccount was last about to be called: from then on an account may exist."""
    creations_failed: int = 0
    """How often in this round AWS said that it failed for no reason of ours, and was asked again."""
    enrolled_anew_in: int = 0
    """The last round in which Control Tower was told to try a failed enrolment again; 0 for none."""
    cancel_wanted_by: str | None = None
    state_since: datetime | None = None
    """When the present state was entered; None for the one it was made in."""
    version: int = 0

    @property
    def execution(self) -> Execution:
        """What of the workflow has it."""
        return Execution(self.id, self.execution_number)

    @property
    def agreed(self) -> bool:
        """Whether it is approved: by as many as the rule asks for, or by one who broke the glass."""
        return len(self.approvals) >= self.approvers_needed or any(a.break_glass for a in self.approvals)

    @property
    def waits(self) -> bool:
        """Whether it wants to pass a gate and was not let."""
        return self.gate is not None and self.gate.granted_at is None and not self.has_left

    @property
    def has_left(self) -> bool:
        """Whether it stands at a gate that it need not pass any more: cancelled, or back at its approvers."""
        waits = self.gate is not None and self.gate.granted_at is None
        return waits and (self.state in AT_REST or self.cancel_wanted_by is not None)

    @property
    def email_id(self) -> str:
        """What stands for `{id}` in the e-mail: another one after each that AWS found in use."""
        return f"{self.id}-{self.emails_burned + 1}" if self.emails_burned else self.id

    def new_account(self, company: Company) -> NewAccount:
        """What the baseline has to know about the account, made or still to be made."""
        ou_class = company.templates[self.asked.template].ou_class
        return NewAccount(self.account_id or "", self.asked.name, self.asked.team, ou_class, self.asked.regions)

    def document(self) -> Document:
        """As the table keeps it."""
        lists = {"all": "requests", "team": _of_team(self.asked.team), "state": _in_state(self.state)}
        if self.state is not State.READY:
            lists["open"] = DROPPED if self.state in ENDED else OPEN
        if self.waits:
            lists["turn"] = _waiting(str(self.gate and self.gate.name))
        elif not self.started or self.gate or self.watch or (self.callback and self.state not in ASLEEP):
            lists["turn"] = MOVING
        body = self.model_dump(mode="json", exclude={"version"})
        return Document(f"REQUEST#{self.id}", "REQUEST", body, self.version, lists, self.id)

    @classmethod
    def of(cls, document: Document) -> "Record":
        """As the table kept it."""
        return cls(**document.body, version=document.version)


@dataclass(frozen=True)
class Beside:
    """What is written with a change of a request, all or none."""

    put: tuple[Document, ...] = ()
    drop: tuple[tuple[str, str], ...] = ()


class Records:
    """The requests in the table."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def get(self, request_id: str) -> Record:
        """One request.

        Raises:
            NotFound: when there is none of that id.
        """
        document = self._table.get(f"REQUEST#{request_id}", "REQUEST")
        if document is None:
            raise missing(f"request {request_id}")
        return Record.of(document)

    def open(self) -> tuple[Record, ...]:
        """Every request that has not ended, or whose workflow may not know it yet, oldest first."""
        found = map(Record.of, self._table.listed("open", OPEN).documents)
        ended = (r for r in self.moving() if r.state in ENDED and (r.callback or r.gate or r.watch))
        return tuple(sorted((*found, *ended), key=lambda record: record.id))

    def open_count(self) -> int:
        """How many have not ended."""
        return self._table.count("open", OPEN)

    def moving(self) -> tuple[Record, ...]:
        """Those that something may have to be done for in this round: few, however many wait."""
        return tuple(map(Record.of, self._table.listed("turn", MOVING).documents))

    def waiting(self, gate: str) -> tuple[Record, ...]:
        """Those that wait to pass a gate."""
        return tuple(map(Record.of, self._table.listed("turn", _waiting(gate)).documents))

    def of_team(self, team: str) -> tuple[Record, ...]:
        """Every request of a team, oldest first."""
        return tuple(map(Record.of, self._table.listed("team", _of_team(team)).documents))

    def queued_with(self, gates: Iterable[str]) -> tuple[Record, ...]:
        """Those that wait at one of the gates, and those inside any."""
        return (*self.moving(), *(record for gate in sorted(set(gates)) for record in self.waiting(gate)))

    def page(
        self, team: str | None, states: Collection[State], limit: int, start: tuple[str, str, str] | None
    ) -> Listing:
        """A page of the shortest list that holds the team's requests of these states, and others, newest first."""
        index, name = ("team", _of_team(team)) if team else ("all", "requests")
        if len(states) == 1 and not (team and State.READY in states):
            [state] = states
            return self._of_state(team, state, limit, start)
        if ENDED.isdisjoint(states):
            index, name = "open", OPEN
        elif ENDED.issuperset(states) and State.READY not in states:
            index, name = "open", DROPPED
        return self._table.listed(index, name, limit=limit, start=start, newest_first=True)

    def _of_state(self, team: str | None, state: State, limit: int, start: tuple[str, str, str] | None) -> Listing:
        also_in, looked_at = (("team", _of_team(team)), TEAMS * limit) if team else (None, limit)
        name = _in_state(state)
        return self._table.listed("state", name, limit=looked_at, start=start, newest_first=True, also_in=also_in)

    def change(
        self,
        request_id: str,
        actor: str,
        what: str,
        change: Callable[[Record], Record | None],
        beside: Callable[[Record, Record], Beside] = lambda _before, _after: Beside(),
        **detail: Any,
    ) -> Record:
        """Replace a request by what `change` makes of it, and log it; None leaves it as it is.

        `change` may run several times: it must be pure and raises to refuse. `beside` says from the request before
        and after which other documents are written or dropped in the same transaction.

        Raises:
            Stale: when the request changed under every attempt.
        """
        for _ in range(ATTEMPTS):
            before = self.get(request_id)
            after = change(before)
            if after is None or after == before:
                return before
            after = _stamped(before, after, self._clock.now())
            try:
                more = beside(before, after)
                self._table.commit(actor, what, request_id, detail, after.document(), *more.put, drop=more.drop)
            except Stale:
                continue
            return after.model_copy(update={"version": before.version + 1})
        raise Stale(f"Request {request_id} is being changed by others at this moment.", "Try again.")

    def foretell(self, request_id: str, change: Callable[[Record], Record | None]) -> Record:
        """What `change` would make of a request; nothing is written."""
        before = self.get(request_id)
        return change(before) or before

    def mark(self, request_id: str, change: Callable[[Record], Record | None]) -> Record:
        """Change what the workflow keeps for itself: nobody sees it, so the log does not hold it.

        Raises:
            Stale: when the request changed under every attempt.
        """
        for _ in range(ATTEMPTS):
            before = self.get(request_id)
            after = change(before)
            if after is None or after == before:
                return before
            try:
                self._table.put(after.document())
            except Stale:
                continue
            return after.model_copy(update={"version": before.version + 1})
        raise Stale(f"Request {request_id} is being changed by others at this moment.", "Try again.")

    def note(self, record: Record, name: str, entry: TimelineEntry) -> None:
        """Write a step of the timeline; the same step of the same round is written over."""
        self._table.overwrite(Document(*_step_key(record, name), entry.model_dump(mode="json")))

    def timeline(self, request_id: str) -> tuple[TimelineEntry, ...]:
        """Every step of every round, in the order in which they began."""
        entries = (TimelineEntry(**d.body) for d in self._table.under(f"REQUEST#{request_id}", "STEP#"))
        return tuple(sorted(entries, key=lambda entry: entry.started_at))


def _stamped(before: Record, after: Record, now: datetime) -> Record:
    moved = (before.state, before.round) != (after.state, after.round)
    return after.model_copy(update={"updated_at": now, **({"state_since": now} if moved else {})})


def _of_team(team: str) -> str:
    return f"requests#{team}"


def _in_state(state: State) -> str:
    return f"requests#{state.value}"


def _waiting(gate: str) -> str:
    return f"waiting#{gate}"


def _step_key(record: Record, name: str) -> tuple[str, str]:
    return f"REQUEST#{record.id}", f"STEP#{record.round:03d}#{name}"


def reservation(
    kind: str, value: str, request_id: str, now: datetime, detail: Mapping[str, str] | None = None
) -> Document:
    """A document that keeps a name, an e-mail or an Idempotency-Key for one request."""
    body = {"request_id": request_id, "at": to_text(now), **(detail or {})}
    return Document(f"{kind}#{value}", kind, body)
