"""What a plan changes in meaning: who could do what before, and who can afterwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.live import Live
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import State, levels_of, states
from guardrails.enforcement.step import Step
from guardrails.evaluator import Allowed, Kind, evaluate
from guardrails.guardrail import Call, Guardrail
from guardrails.trial import FULL_ACCESS_POLICY, compiled, evaluated

Contents = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Flip:
    """A call whose answer the plan changes, in the accounts of one OU."""

    ou: str
    guardrail: str
    """The guardrail whose case shows it."""
    call: str
    """The case in words."""
    principal: str
    action: str
    region: str
    before: str
    after: str


def find_flips(
    steps: Sequence[Step], nodes: Sequence[Node], live: Live, catalogue: Sequence[Guardrail]
) -> tuple[Flip, ...]:
    """Every case of the catalogue whose outcome is another one at the end of the plan."""
    walk = [state for _, state in states(steps, live)]
    if len(walk) == 1:
        return ()
    trials = _Trials([(g, case) for g in catalogue for case in g.allows + g.denies if isinstance(case, Call)])
    flips = (flip for node in nodes for flip in _flips_at(node, walk[0], walk[-1], trials))
    return tuple({(f.ou, f.principal, f.action, f.region, f.after): f for f in flips}.values())


def _flips_at(node: Node, before: State, after: State, trials: "_Trials") -> Iterator[Flip]:
    then, now = trials.outcomes(node, before), trials.outcomes(node, after)
    for (guardrail, call), was, will_be in zip(trials.calls, then, now, strict=True) if then != now else ():
        if was != will_be:
            region = str(evaluated(call).context["aws:RequestedRegion"])
            role = call.principal.rpartition(":")[2]
            yield Flip(node.name, guardrail.id, call.name, role, call.action, region, was, will_be)


class _Trials:
    """Every call of the catalogue, tried once for all nodes that hold the same."""

    def __init__(self, calls: Sequence[tuple[Guardrail, Call]]) -> None:
        self.calls = calls
        self._asked = [evaluated(call) for _, call in calls]
        self._known: dict[tuple[Contents, Contents], tuple[str, ...]] = {}

    def outcomes(self, node: Node, state: State) -> tuple[str, ...]:
        """`allow` or `deny` for each call."""
        held = _contents(node, state, PolicyKind.SCP), _contents(node, state, PolicyKind.RCP)
        if held not in self._known:
            self._known[held] = tuple(self._try(*held))
        return self._known[held]

    def _try(self, scps: Contents, rcps: Contents) -> Iterator[str]:
        levels = (*(tuple(map(compiled, level)) for level in scps), (FULL_ACCESS_POLICY,))
        rcp_levels = tuple(tuple(compiled(content, Kind.RCP) for content in level) for level in rcps)
        for call in self._asked:
            yield "allow" if isinstance(evaluate(levels, rcp_levels, call), Allowed) else "deny"


def _contents(node: Node, state: State, kind: PolicyKind) -> Contents:
    return tuple(tuple(content for _, content in level) for level in levels_of(node.path, state, kind))
