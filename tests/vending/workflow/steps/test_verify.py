import pytest

from tests.vending.ground import Ground
from tests.vending.web.ground import evidence_of
from vending.workflow.evidence import Evidence, latest
from vending.workflow.step import Parked, Pending
from vending.workflow.steps.verify import STEP, judge


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


def test_what_comes_about_by_itself_is_waited_for_and_is_no_part_of_the_evidence(ground: Ground) -> None:
    evidence = evidence_of(ground.make_account(ground.creating()))
    coming = tuple(item.model_copy(update={"settling": True}) for item in evidence.items)

    waits = judge(evidence.model_copy(update={"items": coming}))

    found = "New volumes are encrypted: expected on, found off"
    assert waits == Pending(f"1 of 2 items still open. {found}")
    assert Evidence(**evidence.model_copy(update={"items": coming}).model_dump()) == evidence
    with pytest.raises(Parked, match=found):
        judge(evidence)
