"""Exemptions, worked into the statements of the guardrails they are from, so that AWS itself ends them.

Every statement is split: one that holds for everybody else, and for each exemption a second one that holds for those
who are exempt from the exemption's end on (`aws:CurrentTime`). Nothing has to run on that day. A role that is exempt
by its name is protected like the platform's own as long as it stands in the company file: whoever could make or
change it would be exempt too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from guardrails.guardrail import Deny, Guardrail, Mechanism
from guardrails.principals import EXEMPTION, ROLE_ACTIONS
from vending.core.company import Exemption
from vending.core.errors import BadInput, FieldError

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]
WARNED_AT = (timedelta(days=14), timedelta(days=3))
"""How long before its end an exemption's owner is warned."""


def grant_exemptions(catalogue: Sequence[Guardrail], exemptions: Sequence[Exemption]) -> tuple[Guardrail, ...]:
    """The catalogue with the exemptions in its statements.

    Raises:
        BadInput: naming the exemption from a guardrail that does not exist or that has none.
    """
    known = {guardrail.id: guardrail for guardrail in catalogue}
    if wrong := [FieldError(*words) for words in _complaints(known, exemptions)]:
        raise BadInput.of(*wrong)
    return tuple(_exempt(g, tuple(e for e in exemptions if e.guardrail == g.id)) for g in catalogue)


def _complaints(known: Mapping[str, Guardrail], exemptions: Sequence[Exemption]) -> Iterator[tuple[str, str, str]]:
    for number, exemption in enumerate(exemptions):
        field = f"guardrails.exemptions.{number}"
        guardrail = known.get(exemption.guardrail)
        if guardrail is None:
            reason = f"there is no guardrail {exemption.guardrail}"
            yield f"{field}.guardrail", reason, "`freehold guardrails list` shows them all."
        elif not guardrail.statements:
            reason = f"{guardrail.id} is a {guardrail.mechanism}, and AWS could not end an exemption from it"
            yield f"{field}.guardrail", reason, guardrail.exemption
        elif not guardrail.exemptible:
            yield f"{field}.guardrail", f"nobody is exempt from {guardrail.id}", guardrail.exemption
        elif guardrail.mechanism is Mechanism.RCP and exemption.roles:
            reason = f"{guardrail.id} is an RCP, which exempts accounts that own resources, not roles"
            yield f"{field}.roles", reason, "Name accounts alone."


def _exempt(guardrail: Guardrail, exemptions: tuple[Exemption, ...]) -> Guardrail:
    if not exemptions:
        return guardrail
    scopes = [_scope(guardrail, exemption) for exemption in exemptions]
    statements = tuple(_split(deny, scopes, exemptions) for deny in guardrail.statements)
    flat = tuple(deny for parts in statements for deny in parts)
    return replace(guardrail, statements=(*flat, *_kept(guardrail, exemptions)), exemptions=exemptions)


@dataclass(frozen=True)
class _Scope:
    """Who is exempt: the values of one key."""

    key: str
    values: tuple[str, ...]

    @property
    def _arns(self) -> bool:
        return self.key.endswith("Arn")

    def spare(self, condition: Condition) -> Condition:
        """The condition, with nobody of the scope in it."""
        operator = "ArnNotLike" if self._arns else "StringNotEquals"
        before = condition.get(operator, {}).get(self.key, ())
        values = ((before,) if isinstance(before, str) else tuple(before)) + self.values
        return {**condition, operator: {**condition.get(operator, {}), self.key: values}}

    def only(self, condition: Condition) -> Condition:
        """The condition, with the scope alone in it. Where the operator has the key already, its twin is taken, as
        both must be true: ArnEquals means what ArnLike means, and StringLike what StringEquals does without stars."""
        first, twin = ("ArnLike", "ArnEquals") if self._arns else ("StringEquals", "StringLike")
        operator = twin if self.key in condition.get(first, {}) else first
        return {**condition, operator: {**condition.get(operator, {}), self.key: self.values}}


def _scope(guardrail: Guardrail, exemption: Exemption) -> _Scope:
    if exemption.roles:
        return _Scope("aws:PrincipalArn", tuple(_role_arns(exemption)))
    owner = "aws:ResourceAccount" if guardrail.mechanism is Mechanism.RCP else "aws:PrincipalAccount"
    return _Scope(owner, exemption.accounts)


def _role_arns(exemption: Exemption) -> Iterator[str]:
    return (f"arn:*:iam::{account}:role/{role}" for account in exemption.accounts for role in exemption.roles)


def _split(deny: Deny, scopes: Sequence[_Scope], exemptions: Sequence[Exemption]) -> Iterator[Deny]:
    """The statement for everybody else, then one for each exemption, from its end on."""
    everybody_else: Condition = deny.condition
    for scope in scopes:
        everybody_else = scope.spare(everybody_else)
    yield replace(deny, condition=everybody_else)
    for number, (scope, exemption) in enumerate(zip(scopes, exemptions, strict=True), start=1):
        until = {"DateGreaterThanEquals": {"aws:CurrentTime": f"{exemption.expires.isoformat()}T00:00:00Z"}}
        yield replace(deny, sid=ended_sid(deny.sid, number), condition={**scope.only(deny.condition), **until})


def _kept(guardrail: Guardrail, exemptions: Sequence[Exemption]) -> Iterator[Deny]:
    arns = tuple(arn for exemption in exemptions for arn in _role_arns(exemption))
    if arns:
        sid = f"{guardrail.statements[0].sid}Kept"
        yield Deny(sid, actions=ROLE_ACTIONS, resources=arns, condition=EXEMPTION)


def ended_sid(sid: str, number: int) -> str:
    """Sid of the statement that holds again after the exemption of that number, counted from 1."""
    return f"{sid}Ended{number}"


def ended_by(guardrail: Guardrail, sid: str) -> Exemption | None:
    """The exemption after whose end the statement of that Sid holds."""
    sids = {ended_sid(deny.sid, n): e for deny in guardrail.statements for n, e in enumerate(guardrail.exemptions, 1)}
    return sids.get(sid)


def days_left(exemption: Exemption, now: datetime) -> int:
    """Whole days, begun ones included, until AWS ends it; 0 or less where it has ended."""
    return -((now - exemption.ends_at) // timedelta(days=1))


def tell(exemption: Exemption, now: datetime) -> dict[str, Any]:
    """The exemption as the API and the command line show it."""
    left = days_left(exemption, now)
    ending = now >= exemption.ends_at - WARNED_AT[0]
    state = "ended" if now >= exemption.ends_at else "ending" if ending else "active"
    return {**exemption.model_dump(mode="json"), "state": state, "days_left": max(left, 0)}
