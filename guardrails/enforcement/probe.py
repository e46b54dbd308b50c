"""Calls that show what changed statements mean: made up from what stands in them, so that nobody has to think of them.

Each statement that is only before or only after a change is asked by calls that it speaks of: with each of its actions
and resources, from every region and by every caller that a changed statement names, carrying what its conditions want.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import Any

from guardrails.evaluator import Call, Kind, Statement, parse_policy
from guardrails.evaluator.condition import Condition
from guardrails.principals import ACCOUNT, OUTSIDE, PLATFORM, ROOT_USER, TEAM_ADMIN, TEAM_WORKLOAD

MOST = 4_000
"""Probes of one change; of many statements each gets its share."""
LEAST = 40
"""Probes of one statement, however many change."""
ELSEWHERE = "ap-southeast-2"
STRANGER = f"arn:aws:iam::{OUTSIDE}:role/x"
CALLERS = {
    Kind.SCP: (TEAM_ADMIN, TEAM_WORKLOAD, ROOT_USER, PLATFORM),
    Kind.RCP: (TEAM_WORKLOAD, STRANGER),
}
REGION, PRINCIPAL = "aws:requestedregion", "aws:principalarn"
_OF_CALLER = frozenset({PRINCIPAL, "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username"})
"""Keys whose values follow from who calls."""
_USUAL = ("any-other", "true", "false", "0", "99999999999", "2001:db8::1", "2100-01-01T00:00:00Z")


@dataclass(frozen=True)
class Probe:
    """A call, and the statement that it was made up from."""

    call: Call
    sid: str
    region: str
    carries: Mapping[str, str]
    """What it carries because the statement asks for it."""

    @property
    def words(self) -> str:
        """What the statement is about, for a person."""
        carried = ", ".join(f"{key}={value}" for key, value in self.carries.items())
        return f"statement {self.sid}" + (f", with {carried}" if carried else "")


@dataclass(frozen=True)
class _Changed:
    """A statement that stands on one side of a change alone."""

    raw: Mapping[str, Any]
    kind: Kind
    twin: "_Changed | None" = None
    """The statement of the same Sid on the other side."""

    @property
    def sid(self) -> str:
        return str(self.raw.get("Sid", ""))

    @cached_property
    def parsed(self) -> Statement:
        return parse_policy({"Version": "2012-10-17", "Statement": self.raw}, self.kind).statements[0]

    def listed(self, *elements: str) -> tuple[str, ...]:
        """The texts of an element; those that the twin has not come first."""
        found = [text for element in elements for text in _listed(self.raw.get(element, ()))]
        known = set(self.twin.listed(*elements)) if self.twin and not self.twin.twin else set()
        return tuple(sorted(dict.fromkeys(found), key=lambda text: text in known))

    def values(self, key: str) -> Iterator[str]:
        """What its conditions compare a key with."""
        return (value for each in self.parsed.conditions if each.key == key for value in each.values)


def find_probes(before: Sequence[str], after: Sequence[str], kind: Kind, known: Sequence[str]) -> Iterator[Probe]:
    """The probes of a change from some documents to others; `known` are actions to try a pattern with."""
    changed = _changed(before, after, kind)
    named = [text for each in changed for text in each.listed("Action", "NotAction") if ":" in text]
    actions = tuple(dict.fromkeys([*named, *known]))
    regions = tuple(dict.fromkeys([*(v for each in changed for v in each.values(REGION)), ELSEWHERE]))
    callers = tuple(dict.fromkeys([*(c for each in changed for c in _callers(each)), *CALLERS[kind]]))
    share = max(LEAST, MOST // max(1, len(changed)))
    for each in changed:
        yield from islice(_of_statement(each, actions, regions, callers), share)


def _changed(before: Sequence[str], after: Sequence[str], kind: Kind) -> list[_Changed]:
    then, now = ({json.dumps(s, sort_keys=True): s for d in docs for s in _statements(d)} for docs in (before, after))
    gone, come = ([s for key, s in one.items() if key not in other] for one, other in ((then, now), (now, then)))
    found = []
    for mine, others in ((gone, come), (come, gone)):
        by_sid = {s.get("Sid"): s for s in others if s.get("Sid")}
        twins = ((raw, by_sid.get(raw.get("Sid"))) for raw in mine)
        found += [_Changed(raw, kind, _Changed(twin, kind) if twin else None) for raw, twin in twins]
    return found


def _statements(document: str) -> list[dict[str, Any]]:
    statements = json.loads(document)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _callers(changed: _Changed) -> Iterator[str]:
    """Callers that fit what a statement names."""
    for pattern in changed.values(PRINCIPAL):
        partition, service, _, account, name = (pattern.split(":", 5)[1:] + [""] * 5)[:5]
        if name and "${" not in pattern:
            owner = account if account.isdigit() else ACCOUNT
            yield f"arn:{partition.replace('*', 'aws')}:{service}::{owner}:{re.sub(r'[*?]+', 'x', name)}"
    for account in changed.values("aws:principalaccount"):
        if account.isdigit():
            yield f"arn:aws:iam::{account}:role/any"


def _of_statement(
    changed: _Changed, actions: Sequence[str], regions: Sequence[str], callers: Sequence[str]
) -> Iterator[Probe]:
    carries = _carried(changed)
    if carries is None:
        return
    statement, twin = changed.parsed, changed.twin.parsed if changed.twin else None
    covered = [action for action in actions if statement.covers(action.lower())]
    covered.sort(key=lambda action: twin is not None and twin.covers(action.lower()))
    asks_region = any(condition.key == REGION for condition in statement.conditions)
    resources = changed.listed("Resource") or ("*",)
    for action, resource, region, caller in product(covered, resources, regions if asks_region else ("",), callers):
        context = {"aws:SecureTransport": "true", **carries, **({"aws:RequestedRegion": region} if region else {})}
        yield Probe(Call(caller, action, resource, context), changed.sid, region, carries)


def _carried(changed: _Changed) -> dict[str, str] | None:
    """A context with which its conditions hold, and the twin's do not where that can be; None where none is found."""
    mine, theirs = _by_key(changed.parsed), _by_key(changed.twin.parsed) if changed.twin else {}
    spelled = {key.lower(): key for keys in changed.raw.get("Condition", {}).values() for key in keys}
    carried: dict[str, str] = {}
    for key, conditions in mine.items():
        others = theirs.get(key, [])
        fitting = [value for value in _candidates([*conditions, *others]) if _hold(conditions, key, value)]
        if not fitting:
            return None
        told_apart = next((value for value in fitting if others and not _hold(others, key, value)), fitting[0])
        if told_apart is not None:
            carried[spelled[key]] = told_apart
    return carried


def _by_key(statement: Statement) -> dict[str, list[Condition]]:
    found: dict[str, list[Condition]] = {}
    for condition in statement.conditions:
        if condition.key != REGION and condition.key not in _OF_CALLER:
            found.setdefault(condition.key, []).append(condition)
    return found


def _candidates(conditions: Sequence[Condition]) -> Iterator[str | None]:
    """Nothing, what the conditions name, and what they do not."""
    yield None
    for condition in conditions:
        yield from (re.sub(r"[*?]+", "x", value) for value in condition.values if "${" not in value)
    yield from _USUAL


def _hold(conditions: Sequence[Condition], key: str, value: str | None) -> bool:
    facts = {} if value is None else {key: (value,)}
    return all(condition.holds(facts) for condition in conditions)


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
