"""The role of the function that plans and applies guardrails."""

from infra.stacks.names import Names
from infra.stacks.rights.deployment import control_rights, pack_rights
from infra.stacks.rights.organization import enforcement, tree
from infra.stacks.rights.right import Right


def guardrails_rights(names: Names) -> tuple[Right, ...]:
    """Reads the whole tree and what hangs in it, and changes policies, controls and packs of ours alone."""
    return (*tree(names, "guardrails.service"), *enforcement(names), *control_rights(names), *pack_rights(names))
