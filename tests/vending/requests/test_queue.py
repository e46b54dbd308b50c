from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.vending.parts import acme, without_tower
from vending.requests.model import AccountRequest, State
from vending.requests.queue import (
    CREATE,
    LIMITS,
    enrol_gate,
    eta,
    gates_of,
    grants,
    position,
    turn_at,
    usual_seconds,
)
from vending.requests.record import Gate, Record

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def waiting(
    name: str, team: str = "payments", gate: str = CREATE, since: int = 0, granted: int | None = None
) -> Record:
    """A request at a gate since so many seconds after NOW; inside since `granted` seconds, if given."""
    body = {"team": team, "name": name, "template": "sandbox", "purpose": "trying", "data_class": "internal"}
    granted_at = None if granted is None else NOW + timedelta(seconds=granted)
    since_at = NOW + timedelta(seconds=since)
    return Record(
        id=f"req-{name}",
        state=State.QUEUED,
        asked=AccountRequest(**body, monthly_budget_usd=1, regions=("eu-west-1",)),
        requester="ada",
        created_at=NOW,
        updated_at=NOW,
        email="a@b.c",
        rule="r",
        approvers_needed=0,
        gate=Gate(name=gate, callback="c", since=since_at, granted_at=granted_at),
    )


def names(records: tuple[Record, ...]) -> list[str]:
    return [record.asked.name for record in records]


def test_first_come_first_served() -> None:
    queue = [waiting("third", since=3), waiting("first", since=1), waiting("second", since=2)]

    assert names(grants(queue, NOW + timedelta(seconds=10))) == ["first", "second", "third"]


def test_a_burst_of_three_then_one_each_ten_seconds() -> None:
    inside = [waiting(f"inside{n}", granted=0) for n in range(3)]
    queue = [waiting(f"queue{n}", since=n) for n in range(3)]

    assert names(grants([*inside, *queue], NOW + timedelta(seconds=9))) == []
    assert names(grants([*inside, *queue], NOW + timedelta(seconds=10))) == ["queue0"]
    assert names(grants([*inside, *queue], NOW + timedelta(seconds=300))) == ["queue0", "queue1"]


def test_no_more_than_five_creations_at_once() -> None:
    inside = [waiting(f"inside{n}", granted=-3600) for n in range(5)]

    assert grants([*inside, waiting("next")], NOW) == ()


def test_one_enrolment_at_a_time_in_each_ou() -> None:
    queue = [
        waiting("aaa", gate=enrol_gate("Sandbox"), since=1),
        waiting("bbb", gate=enrol_gate("Sandbox"), since=2),
        waiting("ccc", gate=enrol_gate("Dev"), since=3),
    ]

    assert names(grants(queue, NOW)) == ["aaa", "ccc"]


def test_a_busy_team_does_not_starve_the_others() -> None:
    queue = [waiting(f"busy{n}", team="payments", since=n) for n in range(4)]
    queue.append(waiting("late", team="search", since=100))

    first_three = names(grants(queue, NOW + timedelta(seconds=200)))

    assert first_three == ["busy0", "late", "busy1"]


def test_a_place_in_the_queue_is_told_and_one_inside_has_none() -> None:
    queue = [waiting("inside", granted=0), waiting("aaa", since=1), waiting("bbb", since=2)]

    assert [position(record, queue) for record in queue] == [None, 1, 2]


def test_who_waits_longer_is_ready_later() -> None:
    queue = [waiting(f"r{n:02d}", since=n) for n in range(12)]

    etas = [eta(record, NOW, turn_at(record, queue, NOW)) for record in queue]

    assert etas == sorted(etas, key=lambda moment: moment or NOW)
    assert etas[0] != etas[-1]


def test_the_date_stands_still_while_a_step_takes_no_longer_than_usual() -> None:
    record = waiting("aaa").model_copy(update={"state": State.CREATING, "gate": None, "state_since": NOW})

    early, late, overdue = (eta(record, NOW + timedelta(seconds=s)) for s in (1, 149, 160))

    assert early == late == NOW + timedelta(seconds=150 + 540 + 60 + 30)
    assert overdue == NOW + timedelta(seconds=160 + 540 + 60 + 30)


def test_the_date_stands_still_while_others_are_inside_and_when_its_turn_comes() -> None:
    inside, first, second = (
        waiting(name, gate=enrol_gate("Dev"), since=n, granted=granted).model_copy(update={"state": State.ENROLLING})
        for n, (name, granted) in enumerate([("inside", 0), ("first", None), ("second", None)])
    )
    queue = [inside, first, second]
    let_in = waiting("first", gate=enrol_gate("Dev"), since=1, granted=540)
    let_in = let_in.model_copy(update={"state": State.ENROLLING, "state_since": NOW})

    dates = [
        [eta(record, now, turn_at(record, queue, now)) for record in queue]
        for now in (NOW + timedelta(seconds=1), NOW + timedelta(seconds=539))
    ]

    ready = [NOW + timedelta(seconds=540 * turns + 60 + 30) for turns in (1, 2, 3)]
    assert dates == [ready, ready]
    assert eta(let_in, NOW + timedelta(seconds=600)) == ready[1]


def test_no_date_is_promised_while_a_person_has_to_act() -> None:
    record = waiting("aaa").model_copy(update={"state": State.AWAITING_APPROVAL, "gate": None})

    assert eta(record, NOW) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["payments", "search", "mobile"]),
            st.sampled_from([CREATE, enrol_gate("Dev"), enrol_gate("Prod")]),
            st.integers(0, 500),
            st.one_of(st.none(), st.integers(-900, 0)),
        ),
        max_size=30,
    )
)
def test_no_cap_is_ever_exceeded_and_nobody_is_let_in_twice(shape: list[tuple[str, str, int, int | None]]) -> None:
    records = [waiting(f"r{n:03d}", t, g, since, granted) for n, (t, g, since, granted) in enumerate(shape)]
    inside_before = [r for r in records if r.gate and r.gate.granted_at]

    let_in = grants(records, NOW + timedelta(seconds=600))

    assert len({r.id for r in let_in}) == len(let_in)
    assert not {r.id for r in let_in} & {r.id for r in inside_before}
    for gate in (CREATE, enrol_gate("Dev"), enrol_gate("Prod")):
        limit = LIMITS[gate.partition(":")[0]]
        before = sum(r.gate is not None and r.gate.name == gate for r in inside_before)
        new = sum(r.gate is not None and r.gate.name == gate for r in let_in)
        assert new == 0 or before + new <= limit.each


@given(st.integers(1, 20))
def test_a_free_gate_never_stays_closed(length: int) -> None:
    queue = [waiting(f"r{n:03d}", since=n) for n in range(length)]

    assert len(grants(queue, NOW + timedelta(seconds=60))) == min(length, LIMITS[CREATE].burst)


def test_who_passed_its_gate_between_two_reads_has_no_place() -> None:
    read_before, read_after = waiting("one"), waiting("one", granted=1)

    assert position(read_before, [read_after, waiting("two")]) is None
    assert turn_at(read_before, [], NOW) is None


def test_without_control_tower_nobody_waits_at_an_ou_and_the_date_says_so() -> None:
    record = waiting("first")

    assert gates_of(without_tower()) == (CREATE,)
    assert {enrol_gate("Dev"), CREATE} < set(gates_of(acme()))
    with_tower, without = (eta(record, NOW, usual=usual_seconds(company)) for company in (acme(), without_tower()))
    assert with_tower
    assert without
    assert (with_tower - without).total_seconds() == 540 - 3
