"""The queue of account operations: which account is being enrolled or let go, and which must wait."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.local.agenda import Agenda


@dataclass(frozen=True, slots=True)
class Assignment:
    """An account that is to be enrolled in an OU, or un-enrolled (no OU)."""

    account_id: str
    ou_id: str | None


Begin = Callable[[Assignment, datetime], timedelta | None]
End = Callable[[Assignment, datetime], None]


class EnrolmentQueue:
    """Lets so many account operations run at once, one per destination OU and one per account; first come first.

    `begin` is asked when an assignment's turn has come: it answers how long the operation takes, or None
    when there is nothing to do any more. `end` is told when the operation is over.
    """

    def __init__(self, agenda: Agenda, most_at_once: Callable[[], int], begin: Begin, end: End) -> None:
        self._agenda = agenda
        self._most_at_once = most_at_once
        self._begin = begin
        self._end = end
        self._waiting: list[Assignment] = []
        self._running: list[Assignment] = []
        self.seconds_drawn: defaultdict[str | None, float] = defaultdict(float)
        """The sum of the durations drawn so far, by OU (None: un-enrolments): what a run takes at the very least."""

    def ask(self, assignment: Assignment, at: datetime) -> None:
        """Queue an assignment; it replaces one of the same account that still waits."""
        self._waiting = [one for one in self._waiting if one.account_id != assignment.account_id]
        self._waiting.append(assignment)
        self._start(at)

    def is_busy(self, ou_id: str) -> bool:
        """Whether an account is being enrolled in the OU or waits for it."""
        return any(one.ou_id == ou_id for one in (*self._running, *self._waiting))

    def running(self) -> tuple[Assignment, ...]:
        """The account operations in progress."""
        return tuple(self._running)

    def _start(self, at: datetime) -> None:
        for assignment in tuple(self._waiting):
            if len(self._running) < self._most_at_once() and self._may_run(assignment):
                self._waiting.remove(assignment)
                self._run(assignment, at)

    def _may_run(self, assignment: Assignment) -> bool:
        return not any(
            one.account_id == assignment.account_id or (one.ou_id is not None and one.ou_id == assignment.ou_id)
            for one in self._running
        )

    def _run(self, assignment: Assignment, at: datetime) -> None:
        lasts = self._begin(assignment, at)
        if lasts is None:
            return
        self.seconds_drawn[assignment.ou_id] += lasts.total_seconds()
        self._running.append(assignment)
        self._agenda.at(at + lasts, lambda ended: self._finish(assignment, ended))

    def _finish(self, assignment: Assignment, at: datetime) -> None:
        self._running.remove(assignment)
        self._end(assignment, at)
        self._start(at)
