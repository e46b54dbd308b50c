"""Rows of documented behaviour, and short ways to write them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "111122223333"
MANAGEMENT = "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/developer"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
ORG = "https://docs.aws.amazon.com/organizations/latest/userguide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"

OPERATORS = IAM + "reference_policies_elements_condition_operators.html"
SETS = IAM + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
VARIABLES = IAM + "reference_policies_variables.html"

Json = dict[str, Any]
FULL_ACCESS: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
RCP_FULL_ACCESS: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Row:
    """One documented behaviour: where it is written, what it says, a case and its answer."""

    source: str
    behaviour: str
    decision: str
    case: Json
    because: tuple[int, int | None, int | None] | None = None
    """Level, policy and statement; None where the row does not care."""
    missing: tuple[str, ...] = field(default=())


def policy(*statements: Json, version: str | None = "2012-10-17") -> Json:
    """A policy document."""
    return ({"Version": version} if version else {}) | {"Statement": list(statements)}


def deny(action: object = "*", resource: object = "*", **more: object) -> Json:
    """A Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def allow(action: object = "*", resource: object = "*", **more: object) -> Json:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def case(levels: Sequence[Sequence[Any]], **more: Any) -> Json:
    """A case of the contract; by default a role reads an object."""
    call = {"principal": ROLE, "action": "s3:GetObject", "resource": "arn:aws:s3:::bucket/key"}
    return {"id": "row", "levels": levels, **call, **more}


def holds(source: str, behaviour: str, condition: Json, context: Json, expected: bool, **more: Any) -> Row:
    """A condition in a Deny statement: whether it is true of the context."""
    levels = [[FULL_ACCESS, policy(deny(Condition=condition))]]
    return Row(source, behaviour, "deny" if expected else "allow", case(levels, context=context, **more))


def matches(source: str, behaviour: str, statement: Json, expected: bool, **more: Any) -> Row:
    """A Deny statement: whether it speaks of the call."""
    levels = [[FULL_ACCESS, policy(statement)]]
    return Row(source, behaviour, "deny" if expected else "allow", case(levels, **more))
