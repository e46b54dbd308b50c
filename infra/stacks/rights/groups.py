"""The role of the function that tells the names of groups."""

from infra.stacks.names import Names
from infra.stacks.rights.right import CENTRE, NO_RESOURCE, Right


def groups_rights(_names: Names) -> tuple[Right, ...]:
    """Signing in: which group has this id."""
    caller = "infra.runtime.lambdas.groups"
    group = ("arn:aws:identitystore:::group/*", "arn:aws:identitystore::*:identitystore/*")
    return (
        Right(("sso:ListInstances",), ("*",), caller, NO_RESOURCE),
        Right(("identitystore:DescribeGroup",), group, caller, CENTRE),
    )
