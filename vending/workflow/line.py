"""The line: every step from a request to an account, in order."""

from vending.core.company import Company
from vending.requests.model import PlannedCall
from vending.workflow.step import Step
from vending.workflow.steps import (
    await_account,
    await_enrolment,
    create_account,
    grant_access,
    hand_over,
    isolate,
    move_to_ou,
    reach_account,
    set_budget,
    verify,
)

MAKE: tuple[Step, ...] = (create_account.STEP, await_account.STEP)
"""Behind the gate of CreateAccount."""
CLOSE: tuple[Step, ...] = (isolate.STEP, reach_account.STEP)
ENROL: tuple[Step, ...] = (move_to_ou.STEP, await_enrolment.STEP)
"""Behind the gate of the OU."""
MOVE: tuple[Step, ...] = (move_to_ou.STEP,)
"""Instead of `ENROL`, and without a gate, where there is no Control Tower."""
FURNISH: tuple[Step, ...] = (set_budget.STEP, grant_access.STEP)
"""After the promises of the baseline."""
FINISH: tuple[Step, ...] = (verify.STEP, hand_over.STEP)

BASELINE = PlannedCall(step="Put the baseline's settings in place", calls=(), seconds=40)


def planned(company: Company) -> tuple[PlannedCall, ...]:
    """The line as a request's plan shows it."""
    enrol = ENROL if company.landing_zone.control_tower else MOVE
    before = [_planned(step) for step in (*MAKE, *CLOSE, *enrol)]
    return (*before, BASELINE, *(_planned(step) for step in (*FURNISH, *FINISH)))


def _planned(step: Step) -> PlannedCall:
    return PlannedCall(step=step.title, calls=step.calls, seconds=step.seconds)
