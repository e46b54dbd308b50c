"""Who decides on a request: never who asked for it, who changed it, or whom it is for."""

from collections.abc import Sequence
from typing import Protocol

from vending.core.company import Company
from vending.core.controls import has_controls
from vending.core.errors import BadInput, FieldError, NotAllowed
from vending.core.identity import Caller
from vending.requests.model import Approval

LONGEST_REASON = 500
WHY_REJECT = "Say what would make it acceptable."
WHY_BREAK_GLASS = "Say what cannot wait; everybody who is told of it reads this."


class Decided(Protocol):
    """What a decision looks at: the stored request, or the one that is shown."""

    @property
    def requester(self) -> str:
        """Who asked for it."""
        ...

    @property
    def edited_by(self) -> Sequence[str]:
        """Who changed it since."""
        ...

    @property
    def approvals(self) -> Sequence[Approval]:
        """Those that hold."""
        ...


def involved(company: Company, caller: Caller, request: Decided, team: str) -> str | None:
    """Why the caller may not decide on the request, None when they are not involved."""
    if caller.username == request.requester:
        return "they asked for it"
    if caller.username in request.edited_by:
        return "they changed it"
    if team in caller.teams or company.teams[team].lead == caller.username:
        return "it is for their own team"
    return None


def check_right(company: Company, caller: Caller, request: Decided, team: str, *, break_glass: bool) -> None:
    """Refuse a decision by whom it is not.

    Raises:
        NotAllowed: saying why, and who decides.
    """
    if break_glass:
        who = "somebody with the role break_glass"
        caller.require(caller.may_break_glass, "approve alone in an emergency", who)
    else:
        caller.require(caller.may_decide, "decide on requests", "an approver")
    if why := involved(company, caller, request, team):
        raise NotAllowed(f"{caller.username} may not decide on this request: {why}.", "Ask another approver.")


def reason_of(text: str, remedy: str) -> str:
    """The reason of a decision, in one line.

    Raises:
        BadInput: when there is none, or it is no line of text.
    """
    reason = text.strip()
    if not reason:
        raise BadInput.of(FieldError("reason", "it needs a reason", remedy))
    if has_controls(reason):
        error = FieldError("reason", "it holds control characters or line breaks", "Write it in one line.")
        raise BadInput.of(error)
    if len(reason) > LONGEST_REASON:
        raise BadInput.of(FieldError("reason", f"it is longer than {LONGEST_REASON} characters", "Say it shorter."))
    return reason
