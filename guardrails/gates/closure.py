"""Exemption closure: whoever is exempt by name or by tag, only the exempt can make.

A statement that spares `role/x*` is worth nothing where a team can create `role/xyz`, and one that spares who carries
a tag is worth nothing where a team can tag. So for every pattern and every tag that any statement of a document
exempts, every action that makes, changes or borrows such a principal must be denied to a team by the documents
attached together.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from guardrails.evaluator import Denied, Policy
from guardrails.gates.objection import Gate, Objection
from guardrails.guardrail import Call
from guardrails.principals import ACCOUNT, LOOKALIKE, ROLE_ACTIONS, TEAM_ADMIN, TEAM_WORKLOAD
from guardrails.trial import compiled, decide

TEAM = (TEAM_ADMIN, TEAM_WORKLOAD, LOOKALIKE)
_ANY = f"arn:aws:iam::{ACCOUNT}:role/any"
_SPARING = frozenset({"arnnotlike", "arnnotequals", "stringnotlike", "stringnotequals", "stringnotequalsignorecase"})
_KEY = "aws:principalarn"
_TAG = "aws:principaltag/"
TAG_ACTIONS = ("iam:CreateRole", "iam:TagRole", "iam:CreateUser", "iam:TagUser", "sts:AssumeRole", "sts:TagSession")
"""Everything that gives a principal a tag."""


def check_closure(documents: Sequence[str], where: str) -> Iterator[Objection]:
    """An objection for each exempt pattern that a team of `where` could make its own.

    The pattern itself stands for the role: a Resource that matches the pattern's text, its stars taken as characters,
    matches every role that the pattern matches. Only `?` would break that, so a pattern may not have one.
    """
    return (Objection(Gate.CLOSURE, f"{where}: {what}") for what in _complaints(tuple(documents)))


@lru_cache(maxsize=256)
def _complaints(documents: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong, in words; OUs that hold the same documents are asked about once."""
    policies = tuple(map(compiled, documents))
    patterns = sorted({pattern for document in documents for pattern in exempt_patterns(document)})
    tags = sorted({tag for document in documents for tag in exempt_tags(document)})
    told = (*(_of_pattern(each, policies) for each in patterns), *(_of_tag(*each, policies) for each in tags))
    return tuple(filter(None, told))


def _of_pattern(pattern: str, policies: Sequence[Policy]) -> str:
    if "?" in pattern:
        return f"the exemption {pattern} has a `?`; write the name or a `*`."
    open_actions = [action for action in ROLE_ACTIONS if not _is_denied(policies, action, pattern)]
    if not open_actions:
        return ""
    more = f" (and {len(open_actions) - 1} more actions)" if len(open_actions) > 1 else ""
    return f"roles that fit {pattern} are exempt, but a team may call {open_actions[0]} on one{more}."


def _of_tag(key: str, value: str, policies: Sequence[Policy]) -> str:
    given = {f"aws:RequestTag/{key}": value, "aws:TagKeys": [key]}
    open_actions = [action for action in TAG_ACTIONS if not _is_denied(policies, action, _ANY, given)]
    if not open_actions:
        return ""
    return f"who carries the tag {key}={value} is exempt, but a team may give it by {open_actions[0]}."


def exempt_patterns(document: str) -> Iterator[str]:
    """The principals that a document's Deny statements spare."""
    return (value for key, value in _spared(document) if key.lower() == _KEY)


def exempt_tags(document: str) -> Iterator[tuple[str, str]]:
    """The tags, key and value, of principals that a document's Deny statements spare."""
    return ((key[len(_TAG) :], value) for key, value in _spared(document) if key.lower().startswith(_TAG))


def _spared(document: str) -> Iterator[tuple[str, str]]:
    """Keys and values that a call must not have for a Deny of the document to hold."""
    for statement in json.loads(document)["Statement"]:
        for operator, keys in statement.get("Condition", {}).items() if statement["Effect"] == "Deny" else ():
            if operator.lower().rpartition(":")[2].removesuffix("ifexists") in _SPARING:
                for key, values in keys.items():
                    yield from ((key, value) for value in ([values] if isinstance(values, str) else values))


def _is_denied(
    policies: Sequence[Policy], action: str, resource: str, context: Mapping[str, Any] = MappingProxyType({})
) -> bool:
    calls = (Call("a team takes what is exempt", principal, action, resource, context) for principal in TEAM)
    return all(isinstance(decide(call, policies), Denied) for call in calls)
