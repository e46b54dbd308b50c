"""JSON Lines in, JSON Lines out: the cases of `freehold guardrails evaluate`.

One line in: `{"id", "levels": [[policy, …], …], "rcp_levels", "principal", "action", "resource", "context",
"management_account", "unknown"}`; one line out: `{"id", "decision", "because", "missing", "kind"}`. A line that
cannot be judged gives `{"id", "error"}`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn, TextIO

from guardrails.evaluator.call import Call
from guardrails.evaluator.decision import Allowed, Because, Decision, Denied, Kind, Unknown
from guardrails.evaluator.document import parse_policy, read_json
from guardrails.evaluator.evaluation import evaluate
from guardrails.evaluator.hierarchy import Hierarchy
from guardrails.evaluator.statement import Policy
from vending.core.errors import BadInput, FieldError

_FIELDS = {
    "id",
    "levels",
    "rcp_levels",
    "principal",
    "action",
    "resource",
    "context",
    "management_account",
    "unknown",
}


def answer_lines(lines: Iterable[str], out: TextIO) -> int:
    """Answer every case in order, blank lines apart. Returns how many lines were bad."""
    bad = 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            reply = _reply(line, number)
            bad += "error" in reply
            out.write(json.dumps(reply) + "\n")
    return bad


def _reply(line: str, number: int) -> dict[str, Any]:
    case: object = None
    try:
        case = read_json(line, f"line {number}")
        return answer(case)
    except BadInput as error:
        return {"id": _id_of(case), "error": _sentence(error)}


def _sentence(error: BadInput) -> str:
    return f"{error.sentence}; {error.remedy}" if error.remedy else error.sentence


def _id_of(case: object) -> object:
    given = case.get("id") if isinstance(case, Mapping) else None
    return given if isinstance(given, str | int | float) else None


def answer(case: object) -> dict[str, Any]:
    """Judge one case. Raises BadInput with the field at fault."""
    if not isinstance(case, Mapping):
        _refuse("-", "a case is a JSON object")
    if not isinstance(case.get("id"), str | int | float) or isinstance(case.get("id"), bool):
        _refuse("id", "a text or a number is needed")
    decision = evaluate(
        _hierarchy(case.get("levels"), Kind.SCP),
        _hierarchy(case.get("rcp_levels") or [], Kind.RCP),
        Call(_text(case, "principal"), _text(case, "action"), _text(case, "resource"), _context(case)),
        management_account=_account(case),
        unknown=_unknown(case),
    )
    return {"id": case["id"], **_told(decision)}


def _refuse(field: str, reason: str) -> NoReturn:
    raise BadInput.of(FieldError(field, reason, "see the format of a case"))


def _text(case: Mapping[str, Any], field: str) -> str:
    text = case.get(field)
    if not isinstance(text, str) or not text:
        _refuse(field, "a text is needed")
    return text


def _context(case: Mapping[str, Any]) -> Mapping[str, Any]:
    context = case.get("context")
    if context is None:
        return {}
    if not isinstance(context, Mapping):
        _refuse("context", "an object of keys and values is needed")
    for key, value in context.items():
        items = value if isinstance(value, list) else [value]
        if not all(item is None or isinstance(item, str | bool | int | float) for item in items):
            _refuse(f"context.{key}", "a value is a text, a number, true, false or a list of those")
    return context


def _account(case: Mapping[str, Any]) -> str | None:
    account = case.get("management_account")
    if account is not None and not isinstance(account, str):
        _refuse("management_account", "an account id is a text of twelve digits")
    return account


def _unknown(case: Mapping[str, Any]) -> frozenset[str]:
    unknown = case.get("unknown") or []
    if not isinstance(unknown, list) or not all(isinstance(key, str) for key in unknown):
        _refuse("unknown", "a list of context keys is needed")
    return frozenset(unknown)


@dataclass(frozen=True)
class _Content:
    """What JSON gave, known again by its text."""

    text: str
    value: Any = field(compare=False)
    place: str = field(compare=False)


def _hierarchy(levels: object, kind: Kind) -> Hierarchy:
    name = "levels" if kind is Kind.SCP else "rcp_levels"
    return _compiled_levels(_Content(repr(levels), levels, name), kind)


@lru_cache(maxsize=1_024)
def _compiled_levels(content: _Content, kind: Kind) -> Hierarchy:
    levels = content.value
    if not isinstance(levels, list) or not all(isinstance(level, list) for level in levels):
        _refuse(content.place, "a list of levels is needed, each a list of policy documents")
    return Hierarchy(
        tuple(
            tuple(
                _compiled_policy(_Content(repr(policy), policy, f"{content.place}[{level}][{number}]"), kind)
                for number, policy in enumerate(policies)
            )
            for level, policies in enumerate(levels)
        ),
        kind,
    )


@lru_cache(maxsize=8_192)
def _compiled_policy(content: _Content, kind: Kind) -> Policy:
    return parse_policy(content.value, kind, place=content.place)


def _told(decision: Decision) -> dict[str, Any]:
    match decision:
        case Allowed():
            return {"decision": "allow", "because": None, "missing": [], "kind": None}
        case Denied(because):
            return {"decision": "deny", **_named(because), "missing": []}
        case Unknown(because, missing):
            return {"decision": "unknown", **_named(because), "missing": list(missing)}


def _named(because: Because) -> dict[str, Any]:
    place = {"level": because.level, "policy": because.policy, "statement": because.statement}
    return {"because": place, "kind": because.kind.value}
