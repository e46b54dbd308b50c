"""What a plan changes in meaning: which kind of caller can do what where, who could not before, or the other way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.live import Live
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import State, levels_of, states, unlike
from guardrails.enforcement.probe import find_probes
from guardrails.enforcement.step import Step
from guardrails.evaluator import Allowed, Decision, Kind, evaluate
from guardrails.evaluator import Call as EvaluatedCall
from guardrails.guardrail import Call, Guardrail
from guardrails.principals import kind_of
from guardrails.trial import FULL_ACCESS_POLICY, compiled, evaluated

Contents = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Flip:
    """A call whose answer the plan changes, in the accounts of one OU."""

    ou: str
    guardrail: str
    """The guardrail whose statement denies it, before or after; where no statement of the catalogue does, the one
    whose case or statement shows it; empty for a statement that no guardrail has any more."""
    call: str
    """The case, or the statement and what the call carries, in words."""
    who: str
    """The kind of caller."""
    principal: str
    action: str
    region: str
    """Empty where the answer is the same in every region."""
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """Flips that say the same of several OUs and actions."""

    ous: tuple[str, ...]
    guardrail: str
    call: str
    who: str
    actions: tuple[str, ...]
    region: str
    before: str
    after: str


@dataclass(frozen=True)
class _Held:
    """What binds the accounts of an OU: SCPs and RCPs, level by level."""

    scps: Contents
    rcps: Contents


@dataclass(frozen=True)
class _Asked:
    """A call to try before and after. `guardrail` is the one that it is made up from."""

    guardrail: str
    words: str
    region: str
    call: EvaluatedCall


def find_flips(
    steps: Sequence[Step], nodes: Sequence[Node], live: Live, catalogue: Sequence[Guardrail]
) -> tuple[Flip, ...]:
    """Every case of the catalogue, and every call made up from a changed statement, that has another outcome at the
    end of the plan."""
    walk = [state for _, state in states(steps, live)]
    if len(walk) == 1:
        return ()
    meaning = _Meaning(catalogue)
    flips = (
        flip
        for node in unlike(nodes, live)
        for flip in meaning.flips(node.name, _held_at(node, walk[0]), _held_at(node, walk[-1]))
    )
    return tuple(_once(flips))


def _once(flips: Iterable[Flip]) -> Iterator[Flip]:
    """Each but those that say in general what another one says of a region, which a case or a statement is about."""
    said: set[tuple[str, ...]] = set()
    for flip in flips:
        general = (flip.ou, flip.principal, flip.action, flip.after)
        if (*general, flip.region) not in said and (flip.region or general not in said):
            said |= {general, (*general, flip.region)}
            yield flip


def summarise(flips: Iterable[Flip]) -> tuple[Change, ...]:
    """The flips, those together that differ in nothing but OU and action."""
    alike: dict[Change, dict[str, dict[str, None]]] = {}
    for flip in flips:
        change = Change((), flip.guardrail, flip.call, flip.who, (), flip.region, flip.before, flip.after)
        alike.setdefault(change, {}).setdefault(flip.ou, {})[flip.action] = None
    ous: dict[Change, list[str]] = {}
    for change, by_ou in alike.items():
        for ou, actions in by_ou.items():
            ous.setdefault(replace(change, actions=tuple(actions)), []).append(ou)
    return tuple(replace(change, ous=tuple(names)) for change, names in ous.items())


class _Meaning:
    """Tries every call, once for all OUs that hold the same."""

    def __init__(self, catalogue: Sequence[Guardrail]) -> None:
        cases = [(g, case) for g in catalogue for case in g.allows + g.denies if isinstance(case, Call)]
        self._cases = [_Asked(g.id, case.name, _region(case), evaluated(case)) for g, case in cases]
        self._actions = tuple(dict.fromkeys(case.action for _, case in cases))
        self._owners = {deny.sid: g.id for g in catalogue for deny in g.statements}
        self._known: dict[tuple[_Held, _Held], tuple[tuple[_Asked, Decision, Decision], ...]] = {}

    def flips(self, ou: str, then: _Held, now: _Held) -> Iterator[Flip]:
        """What is another answer in an OU."""
        if (then, now) not in self._known:
            self._known[then, now] = tuple(self._compare(then, now)) if then != now else ()
        for asked, was, will_be in self._known[then, now]:
            call = asked.call
            name = call.principal.rpartition(":")[2]
            who = kind_of(call.principal)
            owner = self._owner(was) or self._owner(will_be) or asked.guardrail
            yield Flip(ou, owner, asked.words, who, name, call.action, asked.region, _answer(was), _answer(will_be))

    def _owner(self, decision: Decision) -> str:
        return "" if isinstance(decision, Allowed) else self._owners.get(decision.because.sid, "")

    def _compare(self, then: _Held, now: _Held) -> Iterator[tuple[_Asked, Decision, Decision]]:
        asked = [
            *self._cases,
            *self._probes(then.scps, now.scps, Kind.SCP),
            *self._probes(then.rcps, now.rcps, Kind.RCP),
        ]
        for each, was, will_be in zip(asked, _try(then, asked), _try(now, asked), strict=True):
            if _answer(was) != _answer(will_be):
                yield each, was, will_be

    def _probes(self, then: Contents, now: Contents, kind: Kind) -> Iterator[_Asked]:
        before, after = ([content for level in contents for content in level] for contents in (then, now))
        for probe in find_probes(before, after, kind, self._actions):
            yield _Asked(self._owners.get(probe.sid, ""), probe.words, probe.region, probe.call)


def _region(case: Call) -> str:
    return str(evaluated(case).context["aws:RequestedRegion"])


def _answer(decision: Decision) -> str:
    return "allow" if isinstance(decision, Allowed) else "deny"


def _try(held: _Held, asked: Sequence[_Asked]) -> Iterator[Decision]:
    levels = (*(tuple(map(compiled, level)) for level in held.scps), (FULL_ACCESS_POLICY,))
    rcp_levels = tuple(tuple(compiled(content, Kind.RCP) for content in level) for level in held.rcps)
    for each in asked:
        yield evaluate(levels, rcp_levels, each.call)


def _held_at(node: Node, state: State) -> _Held:
    return _Held(_contents(node, state, PolicyKind.SCP), _contents(node, state, PolicyKind.RCP))


def _contents(node: Node, state: State, kind: PolicyKind) -> Contents:
    return tuple(tuple(content for _, content in level) for level in levels_of(node.path, state, kind))
