import pytest

from tests.vending.ground import Ground
from vending.core.errors import AwsConflict
from vending.core.organization import read_member
from vending.workflow.step import Done, Parked
from vending.workflow.steps.move_to_ou import STEP


def test_it_is_moved_from_the_root_into_the_ou_of_its_class(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    moved = ground.run(STEP, record)

    assert moved == Done("moved from the root to Sandbox")
    assert read_member(ground.services.aws, str(record.account_id), ground.services.company)[1][-1] == "Sandbox"


def test_a_second_look_moves_nothing(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    ground.run(STEP, record)

    with ground.counted("organizations", "MoveAccount") as calls:
        again = ground.run(STEP, record)

    assert again == Done("it is in Sandbox")
    assert calls == []


def test_an_account_that_is_in_another_ou_is_moved_from_there(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    ground.run(STEP, record)
    edited = record.asked.model_copy(update={"template": "workload-dev"})
    ground.at(record.id, asked=edited)

    moved = ground.run(STEP, record)

    assert isinstance(moved, Done)
    assert read_member(ground.services.aws, str(record.account_id), ground.services.company)[1][-1] == "Dev"


def test_another_move_under_way_is_waited_for(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    with (
        ground.refused("organizations", "MoveAccount", "ConcurrentModificationException"),
        pytest.raises(AwsConflict) as refused,
    ):
        ground.run(STEP, record)

    assert refused.value.retryable


def test_an_ou_that_is_not_there_parks_and_is_named(ground: Ground) -> None:
    company = ground.services.company
    classes = {**company.ou_classes, "sandbox": "Playground"}
    elsewhere = ground.governed_by(company.model_copy(update={"ou_classes": classes}))
    record = ground.make_account(ground.creating())

    with pytest.raises(Parked, match="no OU named Playground") as parked:
        elsewhere.run(STEP, record)

    assert (parked.value.cause.code, parked.value.cause.who) == ("no-such-ou", "platform")
