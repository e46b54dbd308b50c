"""A plan, carried out: one write after the other, each of which may be repeated.

Whatever is interrupted goes on by making a new plan from what is attached then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from guardrails.enforcement.conformance_packs import ConformancePacks
from guardrails.enforcement.control_tower import ControlTower
from guardrails.enforcement.organizations import Organizations
from guardrails.enforcement.step import Act, ControlStep, PackStep, Step
from vending.core.progress import Progress

WHAT = "guardrails"


@dataclass(frozen=True)
class Tools:
    """What writes."""

    organizations: Organizations
    tower: ControlTower
    packs: ConformancePacks


@dataclass
class _Work:
    """What was made and begun so far."""

    tools: Tools
    made: dict[str, str] = field(default_factory=dict)
    """Policy name -> id."""
    begun: list[tuple[Step, Callable[[], str]]] = field(default_factory=list)
    """What takes its time, with the wait for it."""


def carry_out(steps: Sequence[Step], tools: Tools, progress: Progress, *, wait: bool = True) -> tuple[str, ...]:
    """All steps in their order; answers what AWS could not do of what it began, in sentences.

    Control Tower and Config take minutes: what they were asked is under way all at once, and waited for before
    anything is taken away; where some of it failed, nothing is. Without `wait` nothing is waited for, and nothing is
    known to have failed.

    Raises:
        AwsFailed: at the first step that AWS refuses; those before it stay done.
    """
    progress.begin(WHAT, len(steps))
    work = _Work(tools)
    for taking_away in (False, True):
        for step in (step for step in steps if (step.act in TAKING_AWAY) is taking_away):
            _carry_out_one(step, work)
            progress.advance(WHAT)
        if wait and (failed := tuple(_wait(work))):
            return failed
    return ()


TAKING_AWAY = (Act.DETACH, Act.DISABLE, Act.DELETE)


def _wait(work: _Work) -> Iterator[str]:
    while work.begun:
        step, wait = work.begun.pop(0)
        if reason := wait():
            yield f"{step.act} {step.policy} at {step.target_name}: {reason}"


def _carry_out_one(step: Step, work: _Work) -> None:
    if isinstance(step, ControlStep):
        operation = work.tools.tower.carry_out(step)
        work.begun.append((step, lambda: work.tools.tower.wait(operation)))
    elif isinstance(step, PackStep):
        work.tools.packs.carry_out(step)
        work.begun.append((step, lambda: work.tools.packs.wait(step)))
    else:
        _write_policy(step, work.tools.organizations, work.made)


def _write_policy(step: Step, organizations: Organizations, made: dict[str, str]) -> None:
    if step.act is Act.ENABLE:
        organizations.enable(step.policy_kind, step.target)
    elif step.document:
        made[step.policy] = organizations.create(step.document, step.policy)
    elif step.act is Act.ATTACH:
        organizations.attach(step.policy_id or made[step.policy], step.target)
    elif step.act is Act.DETACH:
        organizations.detach(step.policy_id, step.target)
    else:
        organizations.delete(step.policy_id)
