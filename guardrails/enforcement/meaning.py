"""What a plan changes in meaning: who could do what before, and who can afterwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.live import Live
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import State, levels_of, states
from guardrails.enforcement.step import Step
from guardrails.evaluator import Allowed, Kind, Policy, evaluate, parse_policy
from guardrails.guardrail import Call, Guardrail
from guardrails.trial import FULL_ACCESS_POLICY, evaluated

Levels = tuple[tuple[Policy, ...], ...]


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
    flips = (flip for node in nodes for flip in _flips_at(node, walk[0], walk[-1], catalogue))
    return tuple({(f.ou, f.principal, f.action, f.region, f.after): f for f in flips}.values())


def _flips_at(node: Node, before: State, after: State, catalogue: Sequence[Guardrail]) -> Iterator[Flip]:
    then, now = _Sieve(node, before), _Sieve(node, after)
    for guardrail in catalogue:
        for call in (case for case in guardrail.allows + guardrail.denies if isinstance(case, Call)):
            was, will_be = then.outcome(call), now.outcome(call)
            if was != will_be:
                region = str(evaluated(call).context["aws:RequestedRegion"])
                role = call.principal.rpartition(":")[2]
                yield Flip(node.name, guardrail.id, call.name, role, call.action, region, was, will_be)


class _Sieve:
    """The policies on a node's path, parsed once."""

    def __init__(self, node: Node, state: State) -> None:
        self._scps = (*_parsed(node, state, PolicyKind.SCP), (FULL_ACCESS_POLICY,))
        self._rcps = _parsed(node, state, PolicyKind.RCP)

    def outcome(self, call: Call) -> str:
        """`allow` or `deny`."""
        return "allow" if isinstance(evaluate(self._scps, self._rcps, evaluated(call)), Allowed) else "deny"


def _parsed(node: Node, state: State, kind: PolicyKind) -> Levels:
    return tuple(
        tuple(parse_policy(content, Kind(kind.value), name=name, place=name) for name, content in level)
        for level in levels_of(node.path, state, kind)
    )
