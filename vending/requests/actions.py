"""Which actions fit where a request stands: the same rules for the desk, the page's buttons and `--dry-run`."""

from enum import StrEnum

from vending.core.errors import Conflict
from vending.requests.model import ENDED, State


class Action(StrEnum):
    """What a person may do with a request."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    RESUME = "resume"
    EDIT = "edit"


def obstacle(action: Action, state: State, *, asked_aws: bool, cancel_wanted_by: str | None) -> Conflict | None:
    """Why the action does not fit, None when it does; whether the caller has the right to it is another matter.

    `asked_aws` says whether AWS was asked for the account, so that one may exist.
    """
    if action in (Action.APPROVE, Action.REJECT):
        return _undecidable(state, rejected=action is Action.REJECT, asked_aws=asked_aws)
    if action is Action.CANCEL:
        return _not_to_cancel(state, cancel_wanted_by if asked_aws else None)
    if action is Action.RESUME:
        resumable = state is State.PARKED
        return (
            None if resumable else Conflict(f"The request is {state}, not parked.", "Only a parked request is resumed.")
        )
    if state in ENDED or (asked_aws and state is not State.PARKED):
        remedy = "A request is edited before AWS is asked, and while it is parked."
        return Conflict(f"The request is {state} and cannot be edited now.", remedy)
    return None


def _undecidable(state: State, *, rejected: bool, asked_aws: bool) -> Conflict | None:
    if state is not State.AWAITING_APPROVAL:
        return Conflict(f"The request is {state} and awaits no decision.", "Leave it as it is.")
    if rejected and asked_aws:
        return Conflict("AWS was asked for the account already.", "Let it be resumed, or have its account closed.")
    return None


def _not_to_cancel(state: State, cancelled_by: str | None) -> Conflict | None:
    if state in ENDED:
        return Conflict(f"The request is {state}; there is nothing to cancel.", "Leave it as it is.")
    if cancelled_by:
        remedy = "Its account stays in quarantine; resume the request to have it after all."
        return Conflict(f"{cancelled_by} cancelled the request already.", remedy)
    return None
