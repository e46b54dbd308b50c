"""JSON Lines in, JSON Lines out: the cases of `freehold guardrails evaluate`.

One line in: `{"id", "levels": [[policy, …], …], "rcp_levels", "principal", "action", "resource", "context",
"management_account", "unknown"}`; one line out: `{"id", "decision", "because", "missing", "kind"}`. A line that
cannot be judged gives `{"id", "error"}`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from math import isfinite
from typing import Any, NoReturn, TextIO

from guardrails.evaluator.call import Call
from guardrails.evaluator.case_line import CaseReader, Written
from guardrails.evaluator.decision import Allowed, Because, Decision, Denied, Kind, Unknown
from guardrails.evaluator.document import parse_policy
from guardrails.evaluator.evaluation import evaluate
from guardrails.evaluator.hierarchy import Hierarchy
from guardrails.evaluator.statement import Policy
from vending.core.errors import BadInput, FieldError

FIELDS = ("id", "levels", "rcp_levels", "principal", "action", "resource", "context", "management_account", "unknown")
"""All that a case may say."""
_BYTE_ORDER_MARK = "\ufeff"


def answer_lines(lines: Iterable[str], out: TextIO) -> int:
    """Answer every case in order, blank lines apart. Returns how many lines were bad."""
    bad = 0
    reader = CaseReader()
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw
        if line.strip():
            reply = _reply(reader, line, number)
            bad += "error" in reply
            out.write(json.dumps(reply) + "\n")
    return bad


def _reply(reader: CaseReader, line: str, number: int) -> dict[str, Any]:
    case: object = None
    try:
        if not _is_text(line):
            raise BadInput.of(FieldError(f"line {number}", "not UTF-8 text", "save it as UTF-8"))
        case = reader.read(line, f"line {number}")
        return answer(case)
    except BadInput as error:
        known, place = _id_of(case), f"line {number}"
        told = error.sentence if known is not None or error.sentence.startswith(place) else f"{place}: {error.sentence}"
        return {"id": known, "error": f"{told}; {error.remedy}" if error.remedy else told}


def _is_text(line: str) -> bool:
    """Whether every byte of the file was UTF-8; those that were not stand in the line as lone surrogates."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _id_of(case: object) -> str | int | float | None:
    given = case.get("id") if isinstance(case, Mapping) else None
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    return given if isinstance(given, str) or isfinite(given) else None


def answer(case: object) -> dict[str, Any]:
    """Judge one case. Raises BadInput with the field at fault."""
    if not isinstance(case, Mapping):
        _refuse("case", "a JSON object is needed")
    if _id_of(case) is None:
        _refuse("id", "a text or a number is needed")
    _refuse_unknown_fields(case)
    decision = evaluate(
        _hierarchy(case.get("levels"), Kind.SCP),
        _hierarchy(case.get("rcp_levels"), Kind.RCP),
        Call(_text(case, "principal"), _text(case, "action"), _text(case, "resource"), _context(case)),
        management_account=_account(case),
        unknown=_unknown(case),
    )
    return {"id": case["id"], **_told(decision)}


def _refuse(field: str, reason: str) -> NoReturn:
    raise BadInput.of(FieldError(field, reason, "see the format of a case"))


def _refuse_unknown_fields(case: Mapping[str, Any]) -> None:
    """A misspelt field would be a policy or a key that is not there, and the answer as sure as it is wrong."""
    for name in case:
        if name not in FIELDS:
            near = get_close_matches(name, FIELDS, 1)
            hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(FIELDS)}"
            raise BadInput.of(FieldError(name, "a case has no such field", hint))


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


def _hierarchy(levels: object, kind: Kind) -> Hierarchy:
    """Levels as JSON gave them, or as the reader of lines did; compiled once for the same text."""
    written = levels if isinstance(levels, Written) else Written(repr(levels), levels)
    return _compiled_levels(written, kind)


@lru_cache(maxsize=1_024)
def _compiled_levels(written: Written, kind: Kind) -> Hierarchy:
    name, levels = ("levels", written.value) if kind is Kind.SCP else ("rcp_levels", written.value or [])
    if not isinstance(levels, list) or not all(isinstance(level, list) for level in levels):
        _refuse(name, "a list of levels is needed, each a list of policy documents")
    return Hierarchy(
        tuple(
            tuple(
                _compiled_policy(Written(repr(policy), policy), kind, _Place(f"{name}[{level}][{number}]"))
                for number, policy in enumerate(policies)
            )
            for level, policies in enumerate(levels)
        ),
        kind,
    )


@dataclass(frozen=True)
class _Place:
    """Where a policy stands; no part of what it means, so all places are equal."""

    text: str = field(compare=False)


@lru_cache(maxsize=8_192)
def _compiled_policy(written: Written, kind: Kind, place: _Place) -> Policy:
    return parse_policy(written.value, kind, place=place.text)


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
