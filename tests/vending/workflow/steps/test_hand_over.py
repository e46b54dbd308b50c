from tests.vending.ground import Ground
from vending.workflow.step import Done
from vending.workflow.steps.hand_over import STEP


def test_the_quarantine_is_lifted(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    ground.services.baseline.isolate(str(record.account_id))

    done = [ground.run(STEP, record) for _ in range(2)]

    assert done == [Done("it belongs to Payments")] * 2
    assert not ground.services.baseline.isolated(str(record.account_id))
