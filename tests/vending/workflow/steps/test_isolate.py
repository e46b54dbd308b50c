from tests.vending.ground import Ground
from vending.ports import AccountState
from vending.workflow.deed import Deed
from vending.workflow.step import Done
from vending.workflow.steps.isolate import STEP


def test_the_deed_is_written_and_the_account_closed(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    done = ground.run(STEP, record)

    deed = ground.services.table.get(f"ACCOUNT#{record.account_id}", "DEED")
    assert isinstance(done, Done)
    assert deed is not None
    assert Deed(**deed.body).state is AccountState.QUARANTINED
    assert ground.services.baseline.isolated(str(record.account_id))


def test_a_second_look_changes_nothing(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    ground.run(STEP, record)
    log = list(ground.services.table.log())

    again = ground.run(STEP, record)

    assert isinstance(again, Done)
    assert list(ground.services.table.log()) == log
