"""A plan, carried out: one write after the other, each of which may be repeated.

Whatever is interrupted goes on by making a new plan from what is attached then.
"""

from collections.abc import Sequence

from guardrails.enforcement.organizations import Organizations
from guardrails.enforcement.plan import Act, Step
from vending.core.progress import Progress

WHAT = "guardrail policies"


def carry_out(steps: Sequence[Step], organizations: Organizations, progress: Progress) -> None:
    """All steps in their order.

    Raises:
        AwsFailed: at the first that AWS refuses; those before it stay done.
    """
    progress.begin(WHAT, len(steps))
    made: dict[str, str] = {}
    for step in steps:
        _carry_out_one(step, organizations, made)
        progress.advance(WHAT)


def _carry_out_one(step: Step, organizations: Organizations, made: dict[str, str]) -> None:
    if step.act is Act.ENABLE:
        organizations.enable(step.kind, step.target)
    elif step.document:
        made[step.policy] = organizations.create(step.document, step.policy)
    elif step.act is Act.ATTACH:
        organizations.attach(step.policy_id or made[step.policy], step.target)
    elif step.act is Act.DETACH:
        organizations.detach(step.policy_id, step.target)
    else:
        organizations.delete(step.policy_id)
