"""The queue of account operations by itself."""

from datetime import UTC, datetime, timedelta

from infra.local.agenda import Agenda
from infra.local.controltower.enrolment import Assignment, EnrolmentQueue

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Desk:
    """A queue whose operations take a minute each, with what happened in it."""

    def __init__(self, most_at_once: int = 5, moot: frozenset[str] = frozenset()) -> None:
        self.agenda = Agenda()
        self.begun: list[tuple[str, datetime]] = []
        self.ended: list[tuple[str, datetime]] = []
        self.moot = moot
        self.queue = EnrolmentQueue(self.agenda, lambda: most_at_once, self._begin, self._end)

    def _begin(self, assignment: Assignment, at: datetime) -> timedelta | None:
        if assignment.account_id in self.moot:
            return None
        self.begun.append((assignment.account_id, at))
        return MINUTE

    def _end(self, assignment: Assignment, at: datetime) -> None:
        self.ended.append((assignment.account_id, at))


def test_accounts_of_one_unit_follow_each_other_without_a_gap() -> None:
    desk = Desk()

    desk.queue.ask(Assignment("1", "dev"), START)
    desk.queue.ask(Assignment("2", "dev"), START)
    desk.agenda.run_due(START + timedelta(hours=1))

    assert desk.ended == [("1", START + MINUTE), ("2", START + 2 * MINUTE)]


def test_units_do_not_wait_for_each_other_but_for_the_cap() -> None:
    desk = Desk(most_at_once=2)

    for number, unit in enumerate(("dev", "prod", "sandbox")):
        desk.queue.ask(Assignment(str(number), unit), START)
    desk.agenda.run_due(START + timedelta(hours=1))

    assert desk.begun == [("0", START), ("1", START), ("2", START + MINUTE)]


def test_letting_go_needs_no_unit_but_a_place() -> None:
    desk = Desk(most_at_once=2)

    desk.queue.ask(Assignment("1", None), START)
    desk.queue.ask(Assignment("2", None), START)

    assert [account for account, _ in desk.begun] == ["1", "2"]


def test_one_account_is_worked_on_once_at_a_time() -> None:
    desk = Desk()

    desk.queue.ask(Assignment("1", "dev"), START)
    desk.queue.ask(Assignment("1", "prod"), START)
    desk.queue.ask(Assignment("1", None), START)
    desk.agenda.run_due(START + timedelta(hours=1))

    assert desk.begun == [("1", START), ("1", START + MINUTE)]
    assert not desk.queue.is_busy("prod")


def test_what_has_become_moot_takes_no_place() -> None:
    desk = Desk(most_at_once=1, moot=frozenset({"1"}))

    desk.queue.ask(Assignment("1", "dev"), START)
    desk.queue.ask(Assignment("2", "dev"), START)

    assert desk.begun == [("2", START)]


def test_the_queue_adds_up_what_it_drew_by_unit() -> None:
    desk = Desk()

    for number, unit in enumerate(("dev", "dev", "prod")):
        desk.queue.ask(Assignment(str(number), unit), START)
    desk.agenda.run_due(START + timedelta(hours=1))

    assert dict(desk.queue.seconds_drawn) == {"dev": 120.0, "prod": 60.0}
