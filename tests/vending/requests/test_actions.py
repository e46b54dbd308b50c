import pytest

from vending.requests.actions import Action, obstacle
from vending.requests.model import State

FITS = {
    Action.APPROVE: {State.AWAITING_APPROVAL},
    Action.REJECT: {State.AWAITING_APPROVAL},
    Action.CANCEL: set(State) - {State.READY, State.REJECTED, State.CANCELLED},
    Action.RESUME: {State.PARKED},
    Action.EDIT: {State.AWAITING_APPROVAL, State.QUEUED, State.PARKED},
}


@pytest.mark.parametrize("action", Action)
def test_an_action_fits_its_states_alone(action: Action) -> None:
    reached = {State.CREATING, State.ENROLLING, State.BASELINING, State.VERIFYING, State.READY, State.PARKED}

    fit = {s for s in State if obstacle(action, s, asked_aws=s in reached, cancel_wanted_by=None) is None}

    assert fit == FITS[action]


def test_once_aws_was_asked_a_request_is_neither_rejected_nor_cancelled_twice() -> None:
    rejected = obstacle(Action.REJECT, State.AWAITING_APPROVAL, asked_aws=True, cancel_wanted_by=None)
    cancelled = obstacle(Action.CANCEL, State.PARKED, asked_aws=True, cancel_wanted_by="ada")

    assert rejected is not None
    assert cancelled is not None
    assert cancelled.sentence == "ada cancelled the request already."
    assert obstacle(Action.CANCEL, State.PARKED, asked_aws=False, cancel_wanted_by="ada") is None
