from datetime import UTC, datetime, timedelta

from infra.local.agenda import Agenda

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_what_is_due_happens_in_the_order_of_time() -> None:
    agenda, seen = Agenda(), list[str]()
    agenda.at(NOON + timedelta(minutes=2), lambda _: seen.append("second"))
    agenda.at(NOON + timedelta(minutes=1), lambda _: seen.append("first"))
    agenda.at(NOON + timedelta(hours=1), lambda _: seen.append("later"))

    agenda.run_due(NOON + timedelta(minutes=5))

    assert seen == ["first", "second"]


def test_what_an_action_puts_on_the_agenda_happens_too_when_it_is_due() -> None:
    agenda, seen = Agenda(), list[datetime]()
    agenda.at(NOON, lambda moment: agenda.at(moment + timedelta(minutes=1), seen.append))

    agenda.run_due(NOON + timedelta(minutes=1))

    assert seen == [NOON + timedelta(minutes=1)]


def test_at_the_same_moment_the_first_put_is_the_first_done() -> None:
    agenda, seen = Agenda(), list[int]()
    for number in range(5):
        agenda.at(NOON, lambda _, number=number: seen.append(number))  # type: ignore[misc]

    agenda.run_due(NOON)

    assert seen == [0, 1, 2, 3, 4]
