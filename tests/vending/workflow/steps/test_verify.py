import pytest

from tests.vending.ground import Ground
from vending.workflow.evidence import latest
from vending.workflow.step import Parked
from vending.workflow.steps.verify import STEP


def test_with_an_item_missing_it_parks_and_names_the_item(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    with pytest.raises(Parked, match="New volumes are encrypted: expected on, found off") as parked:
        ground.run(STEP, record)

    assert (parked.value.cause.code, parked.value.cause.who) == ("not-as-promised", "operator")


def test_what_was_read_is_kept_whatever_it_says(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    with pytest.raises(Parked):
        ground.run(STEP, record)

    kept = latest(ground.services.table, str(record.account_id))
    assert kept is not None
    assert {item.id for item in kept.missing} >= {"ebs/eu-west-1", "ou", "budget", "access"}
