"""Who calls, read from one text: users, roles, sessions, roots, services, identity providers, nobody."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from vending.core.errors import BadInput, FieldError

_ARN = re.compile(r"arn:(?P<partition>[^:]+):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<name>.+)")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


class PrincipalKind(StrEnum):
    """The kinds of principal that can make a call."""

    USER = "user"
    ROLE = "role"
    FEDERATED = "federated"
    ROOT = "root"
    SERVICE = "service"
    PROVIDER = "provider"
    ANYONE = "anyone"


_TYPES = {
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.FEDERATED: "FederatedUser",
    PrincipalKind.ROOT: "Account",
}
"""Values of `aws:PrincipalType`:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable"""


@dataclass(frozen=True)
class Principal:
    """A caller taken apart."""

    kind: PrincipalKind
    text: str
    """As it was written."""
    account: str | None
    arn: str | None
    """What `aws:PrincipalArn` says: for a session the ARN of its role, for an account its root."""
    session: str | None = None
    """The session's own ARN, where the caller wrote one."""

    @cached_property
    def facts(self) -> dict[str, tuple[str, ...]]:
        """The context keys that follow from the principal alone, besides its ARN.

        `aws:PrincipalIsAWSService` is of signed requests: who has no credentials of AWS has not got it.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        service = self.kind is PrincipalKind.SERVICE
        facts: dict[str, tuple[str, ...]] = {}
        if self.kind not in (PrincipalKind.ANYONE, PrincipalKind.PROVIDER):
            facts["aws:principalisawsservice"] = ("true" if service else "false",)
        if service:
            facts["aws:principalservicename"] = (self.text,)
        if self.account:
            facts["aws:principalaccount"] = (self.account,)
            facts["aws:principaltype"] = (_TYPES[self.kind],)
        if self.kind is PrincipalKind.USER:
            facts["aws:username"] = (self.text.rpartition("/")[2],)
        return facts

    def arn_facts(self, given: tuple[str, ...] | None) -> dict[str, tuple[str, ...]]:
        """`aws:PrincipalArn`, taking the path from the `given` ARN if it is of this very role."""
        if self.arn is None:
            return {}
        if self.session and given and len(given) == 1 and _same_role(self.arn, given[0]):
            return {"aws:principalarn": given}
        return {"aws:principalarn": (self.arn,)}


def _same_role(bare: str, full: str) -> bool:
    owner, _, name = bare.partition(":role/")
    full_owner, _, full_name = full.partition(":role/")
    return owner == full_owner and full_name.rpartition("/")[2] == name


@lru_cache(maxsize=65_536)
def read_principal(text: str) -> Principal:
    """Take a principal apart. Raises BadInput where it is none."""
    if text.isdigit() and len(text) == 12:
        return Principal(PrincipalKind.ROOT, text, text, f"arn:aws:iam::{text}:root")
    if text == "*":
        return Principal(PrincipalKind.ANYONE, text, None, None)
    if _SERVICE.fullmatch(text):
        return Principal(PrincipalKind.SERVICE, text, None, None)
    match = _ARN.fullmatch(text)
    principal = match and _of_arn(text, **match.groupdict())
    if not principal:
        raise BadInput.of(
            FieldError(
                "principal",
                f"{text!r} is no principal",
                "give the ARN of a user, role, session or root, an account id or a service principal",
            )
        )
    return principal


def _of_arn(text: str, partition: str, service: str, account: str, name: str) -> Principal | None:
    head, _, rest = name.partition("/")
    if service == "iam" and name == "root":
        return Principal(PrincipalKind.ROOT, text, account, text)
    if service == "iam" and head in ("user", "role") and rest:
        return Principal(PrincipalKind(head), text, account, text)
    if service == "iam" and head in ("oidc-provider", "saml-provider") and rest:
        return Principal(PrincipalKind.PROVIDER, text, None, None)
    if service == "sts" and head == "assumed-role" and "/" in rest:
        role = f"arn:{partition}:iam::{account}:role/{rest.partition('/')[0]}"
        return Principal(PrincipalKind.ROLE, text, account, role, session=text)
    if service == "sts" and head == "federated-user" and rest:
        return Principal(PrincipalKind.FEDERATED, text, account, text, session=text)
    return None
