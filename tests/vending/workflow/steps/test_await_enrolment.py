import pytest

from infra.local.faults.fault import FailLater
from tests.vending.ground import Ground
from vending.requests.record import Record
from vending.workflow.step import Done, Parked, Pending
from vending.workflow.steps import move_to_ou
from vending.workflow.steps.await_enrolment import STEP, enrolled


def moved(ground: Ground) -> Record:
    """An account that was just moved into its OU."""
    record = ground.make_account(ground.creating())
    ground.run(move_to_ou.STEP, record)
    return record


def test_outside_every_ou_control_tower_has_not_noticed_it(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    seen = ground.run(STEP, record)

    assert isinstance(seen, Pending)
    assert seen.detail == "Control Tower to notice the account"
    assert not enrolled(ground.services, record)


def test_it_is_enrolled_some_time_after_the_move(ground: Ground) -> None:
    record = moved(ground)

    waiting = ground.run(STEP, record)
    before = enrolled(ground.services, record)
    ground.cloud.clock.advance(6 * 3600)
    done = ground.run(STEP, record)

    assert isinstance(waiting, Pending)
    assert isinstance(done, Done)
    assert (before, enrolled(ground.services, record)) == (False, True)


def test_an_account_enrolled_in_another_ou_is_not_enrolled_in_its_own(ground: Ground) -> None:
    record = moved(ground)
    ground.cloud.clock.advance(6 * 3600)

    elsewhere = ground.at(record.id, asked=record.asked.model_copy(update={"template": "workload-dev"}))

    assert not enrolled(ground.services, elsewhere)


def test_an_enrolment_that_failed_is_tried_again_by_itself(ground: Ground) -> None:
    ground.spoil(FailLater(kind="fail_later", calls="organizations.MoveAccount", count=1))
    record = moved(ground)
    ground.cloud.clock.advance(6 * 3600)

    begun = ground.run(STEP, record)
    ground.cloud.clock.advance(60)
    waiting = ground.run(STEP, record)
    ground.cloud.clock.advance(6 * 3600)
    done = ground.run(STEP, record)

    assert begun == waiting == Pending("Control Tower to enrol the OU's accounts again: it could not the first time")
    assert isinstance(done, Done)
    assert enrolled(ground.services, record)


def test_one_that_fails_twice_parks_and_names_the_operation(ground: Ground) -> None:
    record = failed_twice(ground)

    with pytest.raises(Parked, match="could not enrol") as parked:
        ground.run(STEP, record)

    assert parked.value.cause.code == "enrolment-failed"
    assert not enrolled(ground.services, record)


def test_a_worker_that_died_while_parking_parks_it_again_and_control_tower_is_not_asked_twice(ground: Ground) -> None:
    record = failed_twice(ground)

    with ground.counted("controltower", "ResetEnabledBaseline") as calls:
        for _ in range(2):
            with pytest.raises(Parked):
                ground.run(STEP, record)

    assert calls == []


def test_in_the_round_after_control_tower_tries_again_and_enrols_it(ground: Ground) -> None:
    record = failed_twice(ground)
    with pytest.raises(Parked):
        ground.run(STEP, record)

    resumed = ground.at(record.id, round=record.round + 1)
    begun = ground.run(STEP, resumed)
    ground.cloud.clock.advance(6 * 3600)
    done = ground.run(STEP, resumed)

    assert isinstance(begun, Pending)
    assert isinstance(done, Done)
    assert enrolled(ground.services, resumed)


def failed_twice(ground: Ground) -> Record:
    """An account whose enrolment failed, was begun anew and failed again."""
    ground.spoil(
        FailLater(kind="fail_later", calls="organizations.MoveAccount", count=1),
        FailLater(kind="fail_later", calls="controltower.ResetEnabledBaseline", count=1),
    )
    record = moved(ground)
    ground.cloud.clock.advance(6 * 3600)
    ground.run(STEP, record)
    ground.cloud.clock.advance(6 * 3600)
    return ground.records.get(record.id)
