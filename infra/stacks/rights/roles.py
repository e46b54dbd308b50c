"""The roles by name, each divided into what it may do at home and what in the management account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.stacks.names import AT_HOME, Names
from infra.stacks.rights.collector import collector_rights
from infra.stacks.rights.dispatcher import dispatcher_rights
from infra.stacks.rights.groups import groups_rights
from infra.stacks.rights.guardrails import guardrails_rights
from infra.stacks.rights.listener import listener_rights
from infra.stacks.rights.portal import portal_rights
from infra.stacks.rights.right import Right
from infra.stacks.rights.settings import settings_rights
from infra.stacks.rights.workflow import workflow_rights

RIGHTS: Mapping[str, Callable[[Names], tuple[Right, ...]]] = {
    "workflow": workflow_rights,
    "dispatcher": dispatcher_rights,
    "portal": portal_rights,
    "groups": groups_rights,
    "guardrails": guardrails_rights,
    "collector": collector_rights,
    "listener": listener_rights,
    "settings": settings_rights,
}
"""Function -> what its code calls, wherever that is."""


@dataclass(frozen=True)
class RoleRights:
    """What one function may do."""

    own: tuple[Right, ...]
    """With its own role, in the platform account."""
    management: tuple[Right, ...]
    """With the role of the same name in the management account; empty where it has none there."""


def rights_of(name: str, names: Names) -> RoleRights:
    """The rights of a function by where they are used, the way into the management account among them."""
    rights = RIGHTS[name](names)
    if name in AT_HOME:
        return RoleRights(rights, ())
    there = tuple(right for right in rights if right.in_management)
    here = tuple(right for right in rights if not right.in_management)
    return RoleRights((*here, *((_entering(name, names),) if there else ())), there)


def trust_of(name: str, names: Names) -> dict[str, Any]:
    """Who may take a function's role in the management account: that function's own role, of this organisation.

    The principal is the account and the condition names the role: a trust policy that names the role itself cannot be
    made before the role is there, and stops working when it is made again (IAM user guide, "AWS JSON policy elements:
    Principal").
    """
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{names.account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": names.role_arn(name)},
            "StringEquals": {"aws:PrincipalOrgID": names.organization},
        },
    }


def _entering(name: str, names: Names) -> Right:
    return Right(("sts:AssumeRole",), (names.management_role(name),), "vending.core.aws")
