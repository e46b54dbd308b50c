from datetime import timedelta
from typing import Any

import pytest

from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.core.chain import Head, flaws
from vending.core.errors import Conflict, NotFound, Stale
from vending.requests.model import State, StepState, TimelineEntry
from vending.requests.record import Beside, Record, reservation


def test_a_request_that_does_not_exist_is_not_found(ground: Ground) -> None:
    with pytest.raises(NotFound, match="req-nothing"):
        ground.records.get("req-nothing")


def test_what_was_written_is_read(ground: Ground) -> None:
    request = ground.ask()

    record = ground.records.get(request.id)

    assert Record.of(record.document()) == record
    assert record.new_account(ground.services.company).ou_class == "sandbox"


def test_a_change_is_made_on_what_is_there_now_and_logged(ground: Ground) -> None:
    request = ground.ask()
    seen: list[str] = []

    def change(record: Record) -> Record:
        if not seen:
            ground.at(request.id, State.CREATING, creation_id="car-1")
        seen.append(record.state.value)
        return record.model_copy(update={"account_id": "111122223333"})

    after = ground.records.change(request.id, "tester", "changed", change, why="a test")

    assert seen == ["queued", "creating"]
    assert (after.creation_id, after.account_id) == ("car-1", "111122223333")
    assert ground.records.get(request.id) == after
    last = list(ground.services.table.log())[-1]
    assert (last.actor, last.what, last.subject, last.detail) == ("tester", "changed", request.id, {"why": "a test"})
    assert list(flaws(ground.services.table.log(), Head(*ground.services.table.head()))) == []


def test_it_is_kept_since_when_a_request_is_in_its_state(ground: Ground) -> None:
    request = ground.ask()
    entered = ground.at(request.id, State.CREATING).updated_at
    ground.cloud.clock.advance(60)

    stayed = ground.at(request.id, State.CREATING, account_id="111122223333")
    moved = ground.at(request.id, State.ENROLLING)

    assert stayed.state_since == entered
    assert moved.state_since == moved.updated_at > entered


def test_a_change_that_changes_nothing_writes_nothing(ground: Ground) -> None:
    request = ground.ask()
    log = list(ground.services.table.log())

    ground.records.change(request.id, "tester", "nothing", lambda record: record)
    ground.records.change(request.id, "tester", "nothing", lambda _: None)

    assert list(ground.services.table.log()) == log


def test_a_change_that_refuses_writes_nothing(ground: Ground) -> None:
    request = ground.ask()

    def refuse(record: Record) -> Record:
        raise Conflict("no")

    with pytest.raises(Conflict):
        ground.records.change(request.id, "tester", "changed", refuse)

    assert ground.records.get(request.id).version == 1


def test_what_stands_beside_is_written_with_the_change_or_not_at_all(ground: Ground) -> None:
    request, other = ground.ask(), ground.ask(name="payments-two")
    taken = reservation("NAME", other.name, request.id, ground.services.clock.now())

    with pytest.raises(Stale):
        ground.records.change(
            request.id,
            "tester",
            "renamed",
            lambda r: r.model_copy(update={"reason": "renamed"}),
            lambda *_: Beside((taken,)),
        )

    assert ground.records.get(request.id).reason is None


def test_what_the_workflow_keeps_for_itself_is_not_logged(ground: Ground) -> None:
    request = ground.ask()
    log = list(ground.services.table.log())

    ground.records.mark(request.id, lambda r: r.model_copy(update={"started": True}))

    assert ground.records.get(request.id).started
    assert list(ground.services.table.log()) == log


def test_who_always_comes_too_late_is_told(ground: Ground) -> None:
    request = ground.ask()

    def overtaken(record: Record) -> Record:
        ground.records.mark(request.id, lambda r: r.model_copy(update={"round": r.round + 1}))
        return record.model_copy(update={"started": True})

    with pytest.raises(Stale, match="changed by others"):
        ground.records.mark(request.id, overtaken)


def test_the_timeline_is_in_the_order_in_which_steps_began_over_all_rounds(ground: Ground) -> None:
    record = ground.records.get(ground.ask().id)
    now = ground.services.clock.now()

    def step(name: str, after: int) -> TimelineEntry:
        return TimelineEntry(step=name, state=StepState.DONE, started_at=now + timedelta(seconds=after))

    ground.records.note(record, "verify", step("Verify", 2))
    ground.records.note(record, "create", step("Create", 1))
    ground.records.note(record.model_copy(update={"round": 2}), "create", step("Create again", 3))
    ground.records.note(record, "create", step("Create it", 1))

    assert [e.step for e in ground.records.timeline(record.id)] == ["Create it", "Verify", "Create again"]


def test_an_ended_request_is_open_until_its_workflow_knows(ground: Ground) -> None:
    request = ground.ask()
    ground.at(request.id, State.CANCELLED, callback="asleep")
    not_told = [record.id for record in ground.records.open()]

    ground.at(request.id, State.CANCELLED, callback=None)

    assert not_told == [request.id]
    assert ground.records.open() == ()


def test_an_id_in_the_e_mail_changes_with_every_burned_one(ground: Ground) -> None:
    record = ground.records.get(ground.ask().id)

    burned = record.model_copy(update={"emails_burned": 1})

    assert record.email_id == record.id
    assert burned.email_id == f"{record.id}-2"


def test_a_team_s_requests_are_listed_apart(ground: Ground) -> None:
    ours = ground.ask()
    theirs = ground.ask(who="tom", team="search", name="search-lab")

    assert [r.id for r in ground.records.of_team("payments")] == [ours.id]
    assert {r.id for r in ground.records.open()} == {ours.id, theirs.id}
    assert ground.desk.get(person("sam"), theirs.id).team == "search"


def test_a_page_by_state_holds_the_team_s_newest_of_that_state_alone(ground: Ground) -> None:
    def ended(state: State, name: str, who: str = "ada", **changes: Any) -> str:
        ground.cloud.clock.advance(1)
        return ground.at(ground.ask(who, name=name, **changes).id, state).id

    ready = [ended(State.READY, f"ready-{n}") for n in range(3)]
    parked = [ended(State.PARKED, f"parked-{n}") for n in range(3)]
    rejected = ended(State.REJECTED, "rejected")
    theirs = ended(State.PARKED, "theirs", "tom", team="search")

    def listed(**asked: Any) -> list[str]:
        return [request.id for request in ground.desk.list(person("omar"), **asked).items]

    assert listed(states=["parked"], team="payments") == parked[::-1]
    assert listed(states=["parked"]) == [theirs, *parked[::-1]]
    assert listed(states=["rejected"]) == [rejected]
    assert listed(states=["ready", "rejected"], team="payments") == [rejected, *ready[::-1]]
    page = ground.desk.list(person("omar"), states=["parked"], limit=3)
    assert listed(states=["parked"], limit=3, cursor=page.next) == parked[:1]
