"""AWS Organizations: whether every policy that the guardrails compile to hangs where it should, and no other does."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.calls import Calls, CountedAws
from audit.estate import Estate
from audit.finding import ANY_CONTROL, Cell, Control, Observation, Reading, Seen, Severity, State
from audit.sources.interface import Known, Plan, Shard
from guardrails.compiler.packs import Document
from guardrails.enforcement.drift import Drift
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.service import Attachments, Guardrails

NAME = "organizations"
FOREIGN = "policy/foreign"
NAMED = 3
"""So many guardrails a title names; more it counts, and the reason of a failure names all."""
OPEN = "policy/open"
STRAY = "policy/stray"
UNIT_TYPE = "AWS::Organizations::OrganizationalUnit"
ROOT_TYPE = "AWS::Organizations::Organization"
ACCOUNT_TYPE = "AWS::Organizations::Account"
_OWN = {
    FOREIGN: ("No policy hangs here that is neither ours, nor AWS's, nor Control Tower's", Severity.MEDIUM),
    OPEN: ("A policy managed by AWS allows what the others leave", Severity.HIGH),
    STRAY: ("No policy of ours hangs where it does not belong", Severity.HIGH),
    ANY_CONTROL: ("Everything attached to the organisation", Severity.UNRATED),
}
_KINDS = {DriftKind.FOREIGN: FOREIGN, DriftKind.CLOSED: OPEN, DriftKind.OUTDATED: STRAY, DriftKind.TAMPERED: STRAY}


@dataclass
class PolicySource:
    """Attachment drift, as the guardrails' own comparison finds it."""

    guardrails: Guardrails
    name: str = NAME

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """The management account: it holds the policies."""
        return [Cell(NAME, ANY_CONTROL, estate.management_account_id, estate.home_region)]

    def plan(self, calls: Calls, estate: Estate, known: Known) -> Plan:  # noqa: ARG002 - the interface's
        """Reads what is attached, and compares it with what is compiled: nothing is left to ask."""
        found = self.guardrails.on(CountedAws(calls)).attachments()
        seen: defaultdict[str, list[Observation]] = defaultdict(list)
        for control_id, observation in _judge(found, self.guardrails):
            seen[control_id].append(observation)
        where = (estate.management_account_id, estate.home_region)
        now = self.guardrails.clock.now()
        ready = tuple(Reading(Cell(NAME, control, *where), Seen(tuple(all_)), now) for control, all_ in seen.items())
        controls = (*map(self._describe, dict.fromkeys(document for document, _ in found.wanted)), *_own())
        return Plan(ready, (), controls)

    def collect(self, calls: Calls, shard: Shard) -> Iterator[Reading]:  # noqa: ARG002 - the interface's
        """Nothing is left open by the plan."""
        yield from ()

    def _describe(self, document: Document) -> Control:
        held = [one for one in self.guardrails.catalogue if one.id in document.guardrails]
        frameworks = sorted({framework for one in held for framework in one.frameworks})
        title = f"{document.stem} is attached and unchanged: {_carried(document)}"
        return Control(NAME, f"policy/{document.stem}", title, Severity.HIGH, tuple(frameworks))


def _own() -> Iterator[Control]:
    return (Control(NAME, control_id, *about) for control_id, about in _OWN.items())


def _judge(found: Attachments, guardrails: Guardrails) -> Iterator[tuple[str, Observation]]:
    now = guardrails.clock.now()
    missing = {(one.policy, one.target): one for one in found.drifts if one.kind is DriftKind.MISSING}
    for document, target in found.wanted:
        drift = missing.get((document.name, target))
        state, reason = (State.FAIL, _words(drift)) if drift else (State.PASS, "")
        name = found.names.get(target, target)
        yield f"policy/{document.stem}", Observation(target, _kind(target), state, reason, now, name)
    for control_id in (FOREIGN, OPEN, STRAY):
        for target in found.looked_at:
            drifts = [one for one in found.drifts if _KINDS.get(one.kind) == control_id and one.target == target]
            state = State.FAIL if drifts else State.PASS
            reason = " ".join(map(_words, drifts))
            yield control_id, Observation(target, _kind(target), state, reason, now, found.names.get(target, target))


def _carried(document: Document) -> str:
    """What it carries, short enough for a title."""
    ids = document.guardrails
    return ", ".join(ids) if len(ids) <= NAMED else f"{len(ids)} guardrails"


def _words(drift: Drift) -> str:
    return f"{drift.policy} {drift.detail}. {drift.remedy}"


def _kind(target: str) -> str:
    if target.isdigit():
        return ACCOUNT_TYPE
    return ROOT_TYPE if target.startswith("r-") else UNIT_TYPE
