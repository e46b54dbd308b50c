"""What is left to decide once action and principal are fixed: which statements may still apply."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from guardrails.evaluator.call import Facts
from guardrails.evaluator.decision import Allowed, Because, Decision, Denied
from guardrails.evaluator.statement import Statement


@dataclass(frozen=True, slots=True)
class Denial:
    """A Deny statement that speaks of the action."""

    because: Because
    statement: Statement


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of these Allow statements has to apply; otherwise the call is implicitly denied."""

    because: Because
    alternatives: tuple[Statement, ...]

    def is_met(self, resource: str, facts: Facts) -> bool:
        """Whether one applies."""
        return any(statement.applies(resource, facts) for statement in self.alternatives)

    @property
    def is_always_met(self) -> bool:
        """Whether one applies to any resource in any context."""
        return any(statement.unconditional for statement in self.alternatives)


@dataclass(frozen=True, slots=True)
class Question:
    """All that can deny a call, in the order in which it is named."""

    denials: tuple[Denial, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def __add__(self, other: "Question") -> "Question":
        """Both: the explicit denials of both come before the implicit ones."""
        return Question(self.denials + other.denials, self.requirements + other.requirements)

    def reasons(self, resource: str, facts: Facts) -> Iterator[Because]:
        """Everything that denies: explicit denials first, as an explicit Deny wins over any Allow.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        """
        for denial in self.denials:
            if denial.statement.applies(resource, facts):
                yield denial.because
        for requirement in self.requirements:
            if not requirement.is_met(resource, facts):
                yield requirement.because

    def decide(self, resource: str, facts: Facts) -> Decision:
        """The decision when every key is known."""
        because = next(self.reasons(resource, facts), None)
        return Denied(because) if because else Allowed()

    def without(self, statements: Collection[Statement]) -> "Question":
        """What is left to ask where it is open whether these statements apply."""
        return Question(
            tuple(each for each in self.denials if each.statement not in statements),
            tuple(each for each in self.requirements if not any(one in statements for one in each.alternatives)),
        )

    def hinging_on(self, statements: Collection[Statement]) -> Iterator[Because]:
        """What would deny, depending on whether these statements apply."""
        yield from (each.because for each in self.denials if each.statement in statements)
        yield from (each.because for each in self.requirements if any(one in statements for one in each.alternatives))

    def statements(self) -> Iterator[Statement]:
        """Every statement that may still apply."""
        for denial in self.denials:
            yield denial.statement
        for requirement in self.requirements:
            yield from requirement.alternatives
