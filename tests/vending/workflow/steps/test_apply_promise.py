from tests.vending.ground import Ground
from vending.ports import Promise
from vending.requests.model import State
from vending.workflow.step import Done
from vending.workflow.steps.apply_promise import step_for


def test_each_promise_is_a_step_of_its_own(ground: Ground) -> None:
    promises = ground.services.baseline.describe(ground.creating().new_account(ground.services.company))

    steps = [step_for(promise) for promise in promises]

    assert [step.name for step in steps] == [f"baseline/{promise.id}" for promise in promises]
    assert {step.state for step in steps} == {State.BASELINING}


def test_it_applies_its_own_promise_to_the_request_s_account(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    promise = Promise("ebs/eu-west-1", "New volumes are encrypted", "ebs-encryption", "eu-west-1", applied=True)

    done = ground.run(step_for(promise), record)

    assert done == Done("in place")
