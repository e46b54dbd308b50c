"""Exemption closure: whoever is exempt by name, only the exempt can make.

A statement that spares `role/x*` is worth nothing where a team can create `role/xyz`. So for every pattern that any
statement of a document exempts, every action that makes, changes or borrows such a role must be denied to a team by
the documents attached together.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guardrails.evaluator import Denied, Policy, parse_policy
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call
from guardrails.principals import LOOKALIKE, ROLE_ACTIONS, TEAM_ADMIN, TEAM_WORKLOAD
from guardrails.trial import decide

TEAM = (TEAM_ADMIN, TEAM_WORKLOAD, LOOKALIKE)
_SPARING = frozenset({"arnnotlike", "arnnotequals", "stringnotlike", "stringnotequals"})
_KEY = "aws:principalarn"


def check_closure(documents: Sequence[str], where: str) -> Iterator[Objection]:
    """An objection for each exempt pattern that a team of `where` could make its own.

    The pattern itself stands for the role: a Resource that matches the pattern's text, its stars taken as characters,
    matches every role that the pattern matches. Only `?` would break that, so a pattern may not have one.
    """
    policies = tuple(parse_policy(document) for document in documents)
    for pattern in sorted({pattern for document in documents for pattern in exempt_patterns(document)}):
        if "?" in pattern:
            yield Objection(Gate.CLOSURE, f"{where}: the exemption {pattern} has a `?`; write the name or a `*`.")
            continue
        open_actions = [action for action in ROLE_ACTIONS if not _is_denied(policies, action, pattern)]
        if open_actions:
            yield Objection(
                Gate.CLOSURE,
                f"{where}: roles that fit {pattern} are exempt, but a team may call {open_actions[0]} on one"
                + (f" (and {len(open_actions) - 1} more actions)." if len(open_actions) > 1 else "."),
            )


def exempt_patterns(document: str) -> Iterator[str]:
    """The principals that a document's Deny statements spare."""
    for statement in json.loads(document)["Statement"]:
        if statement["Effect"] == "Deny":
            yield from _spared(statement.get("Condition", {}))


def _spared(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for operator, keys in condition.items():
        if operator.lower().removesuffix("ifexists") in _SPARING:
            for key, values in keys.items():
                if key.lower() == _KEY:
                    yield from [values] if isinstance(values, str) else values


def _is_denied(policies: Sequence[Policy], action: str, pattern: str) -> bool:
    calls = (Call("a team takes an exempt name", principal, action, pattern) for principal in TEAM)
    return all(isinstance(decide(call, policies), Denied) for call in calls)
