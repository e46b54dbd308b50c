"""The Principal and NotPrincipal elements: whom a statement of a resource policy speaks of.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from dataclasses import dataclass
from enum import IntEnum

from guardrails.evaluator.call import Facts
from guardrails.evaluator.principal import Principal, PrincipalKind


class Reach(IntEnum):
    """How directly a statement speaks of a caller; what an Allow is worth follows from it."""

    NOT = 0
    ACCOUNT = 1
    """Of the caller's account, which may pass the right on by identity policies."""
    ENTITY = 2
    """Of the role or the user."""
    SESSION = 3
    """Of this very session, or of everybody: boundaries and session policies do not narrow "permissions
    granted … with a wildcard (*) in the Principal element"."""


@dataclass(frozen=True)
class Grantees:
    """Whom a statement names, or with `excepted` whom it leaves out."""

    entries: tuple[tuple[str, str], ...]
    """(type, text): type is AWS, Service, Federated or CanonicalUser."""
    excepted: bool = False

    def reach(self, caller: Principal, facts: Facts) -> Reach:
        """How directly the caller is meant."""
        arn = facts.get("aws:principalarn", ("",))[0]
        reach = max((_reach(kind, text, caller, arn) for kind, text in self.entries), default=Reach.NOT)
        if not self.excepted:
            return reach
        return Reach.NOT if reach >= Reach.ENTITY else Reach.ENTITY


def _reach(kind: str, text: str, caller: Principal, arn: str) -> Reach:
    if kind == "AWS":
        return _reach_in_aws(text, caller, arn)
    wanted = {"Service": PrincipalKind.SERVICE, "Federated": PrincipalKind.PROVIDER}.get(kind)
    return Reach.ENTITY if caller.kind is wanted and caller.text == text else Reach.NOT


def _reach_in_aws(text: str, caller: Principal, arn: str) -> Reach:
    if text == "*":
        return Reach.SESSION
    if caller.account is None:
        return Reach.NOT
    if text == caller.session:
        return Reach.SESSION
    if text in (arn, caller.arn):
        return Reach.ENTITY
    owner = text if text.isdigit() else text.removesuffix(":root").rpartition(":")[2]
    of_account = text.isdigit() or text.endswith(":root")
    return Reach.ACCOUNT if of_account and owner == caller.account else Reach.NOT
