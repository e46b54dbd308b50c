"""Who a Deny spares, and by which key of the call: what the statement itself says.

A condition spares somebody where the Deny holds for a call that does not have the key, and does not hold for one that
has it with some value: a negated operator, one with IfExists, ForAllValues, or Null. A condition that a call needs the
key for says whom the Deny is about, and spares nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from guardrails.evaluator import Effect, Policy, Statement
from guardrails.evaluator.condition import Condition
from guardrails.evaluator.operator import Family

ARN, TAG, USER, SOURCE, SAML = "aws:principalarn", "aws:principaltag/", "aws:username", "aws:sourceidentity", "saml:"
REFUSED = {
    "aws:userid": "no policy can keep others from the role it is the id of, and a session's name is free",
    "aws:principaltype": "a team makes principals of every type",
    "aws:federatedprovider": "no policy keeps a provider's users apart",
    "aws:useragent": "whoever calls writes it",
    "aws:referer": "whoever calls writes it",
    "sts:rolesessionname": "whoever takes a role up chooses it",
}
"""Keys by which nobody may be exempt, and why. Every key that is neither here nor above is AWS's to set: whether a call
comes from a service, an organisation, an account, an address, a time or a root session, nobody in the account says."""
_ELSE = "any-other"
"""A value that no policy names and that is no number, date, truth or address: it fits a negated condition alone."""


@dataclass(frozen=True)
class Spared:
    """Whoever has `value` in `key` is exempt from a statement."""

    key: str
    """Lower case."""
    value: str
    sid: str
    policy: str
    """Name of the document."""

    @property
    def tag(self) -> str:
        """The key of the tag."""
        return self.key.removeprefix(TAG)


def find_spared(policy: Policy) -> Iterator[Spared]:
    """Everybody that the Deny statements of a policy spare by a key that says who calls."""
    for statement in policy.statements:
        for condition in statement.conditions if statement.effect is Effect.DENY else ():
            if _says_who(condition.key):
                yield from _spared_by(condition, statement, policy.name)


def _says_who(key: str) -> bool:
    return key in (ARN, USER, SOURCE, *REFUSED) or key.startswith((TAG, SAML))


def _spared_by(condition: Condition, statement: Statement, policy: str) -> Iterator[Spared]:
    sid = statement.sid or str(statement.index)
    values = dict.fromkeys(_values(condition)) if _holds_of_others(condition) else ()
    yield from (Spared(condition.key, value, sid, policy) for value in values)


def _holds_of_others(condition: Condition) -> bool:
    """Whether it is true of a call without the key. The caller's ARN is always there: only a negation spares some."""
    if condition.operator.family is Family.NULL:
        return condition.holds({}) and condition.key != ARN
    return condition.operator.negated if condition.key == ARN else condition.operator.answer_if_absent


def _values(condition: Condition) -> tuple[str, ...]:
    """Those that make it false: all that a negation names, any for Null, and one that nothing else fits."""
    if condition.operator.family is Family.NULL:
        return ("*",)
    if condition.operator.negated:
        return condition.values
    return () if condition.holds({condition.key: (_ELSE,)}) else (_ELSE,)
