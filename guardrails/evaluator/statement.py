"""A statement and a policy, compiled."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from guardrails.evaluator.call import Facts
from guardrails.evaluator.condition import Condition
from guardrails.evaluator.decision import Kind
from guardrails.evaluator.grantee import Grantees
from guardrails.evaluator.text import Matcher


class Effect(StrEnum):
    """What a statement does when it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement. It applies when action, resource, principal and every condition match."""

    index: int
    sid: str
    effect: Effect
    actions: Matcher
    """Lower case; action names are case-insensitive."""
    but_actions: bool
    """NotAction: applies to every action but these."""
    resources: Matcher | None
    """None applies to the resource the policy is attached to (trust policies have no Resource)."""
    but_resources: bool
    conditions: tuple[Condition, ...]
    grantees: Grantees | None = None

    def covers(self, action: str) -> bool:
        """Whether it speaks of this action, given in lower case."""
        return self.actions.matches(action, {}) is not self.but_actions

    def applies(self, resource: str, facts: Facts) -> bool:
        """Whether resource and conditions match; action and principal are somebody else's question."""
        if not self._any_resource and not self.concerns(resource, facts):
            return False
        return all(condition.holds(facts) for condition in self.conditions)

    def concerns(self, resource: str, facts: Facts) -> bool:
        """Whether it speaks of this resource. NotResource with a variable that has no value speaks of none."""
        if self.resources is None:
            return True
        if self.but_resources:
            return self.resources.is_resolved(facts) and not self.resources.matches(resource, facts)
        return self.resources.matches(resource, facts)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Lower-case context keys its answer depends on."""
        own = self.resources.keys if self.resources else frozenset[str]()
        return own.union(*(condition.keys for condition in self.conditions))

    @cached_property
    def _any_resource(self) -> bool:
        return self.resources is None or (not self.but_resources and self.resources.matches("", {}))

    @cached_property
    def unconditional(self) -> bool:
        """Whether it applies to whatever resource in whatever context."""
        return self._any_resource and not self.conditions


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy document, compiled. Two policies are the same only if they are the same object."""

    kind: Kind
    statements: tuple[Statement, ...]
    name: str = field(default="")
