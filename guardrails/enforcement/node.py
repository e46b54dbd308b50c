"""The places where guardrails are wanted."""

from collections.abc import Mapping
from dataclasses import dataclass

from guardrails.guardrail import QUARANTINE
from vending.core.company import Company
from vending.core.organization import Organization


@dataclass(frozen=True)
class Node:
    """The OU of a class, or one below it."""

    id: str
    name: str
    ou_class: str
    path: tuple[str, ...]
    """Ids from the root down to the OU."""
    arn: str = ""
    own: bool = True
    """Whether the company file names the OU as the class's: documents are attached there. One below is reached by
    what is attached above it, and may hold policies of others."""


def nodes_of(company: Company, organization: Organization) -> tuple[Node, ...]:
    """The OU of each class, in the order of the company file, then every OU below one.

    Raises:
        NotFound: for a class whose OU does not exist.
        Conflict: for a class whose OU's name several have.
    """
    units = [organization.unit_named(name) for name in company.ou_classes.values()]
    below = [unit for unit in organization.units if unit not in units]
    nodes = [(unit, company.class_below(organization.names_to(unit.id))) for unit in (*units, *below)]
    return tuple(
        Node(unit.id, unit.name, c, tuple(a.id for a in organization.path(unit.id)), unit.arn, own=unit in units)
        for unit, c in nodes
        if c
    )


def classes_of_accounts(organization: Organization, nodes: tuple[Node, ...]) -> Mapping[str, str]:
    """Account -> class of the OU that holds it, directly or further down; member accounts in any other OU: ``.

    Accounts at the root and in quarantine are not told: they are between classes, and any may be theirs next.
    """
    by_unit = {node.id: node.ou_class for node in nodes}
    below = {unit.id: by_unit.get(unit.id, "") for unit in organization.units}
    members = (each for each in organization.accounts if each.id != organization.management_account_id)
    settled = ((each.id, below[each.parent_id]) for each in members if each.parent_id in below)
    return {account: ou_class for account, ou_class in settled if ou_class != QUARANTINE}
