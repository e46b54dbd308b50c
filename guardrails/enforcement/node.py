"""The places where guardrails are wanted."""

from collections.abc import Mapping
from dataclasses import dataclass

from guardrails.guardrail import QUARANTINE
from vending.core.company import Company
from vending.core.organization import Organization


@dataclass(frozen=True)
class Node:
    """The OU of a class."""

    id: str
    name: str
    ou_class: str
    path: tuple[str, ...]
    """Ids from the root down to the OU."""
    arn: str = ""


def nodes_of(company: Company, organization: Organization) -> tuple[Node, ...]:
    """Where each class's documents belong.

    Raises:
        NotFound: for a class whose OU does not exist.
    """
    units = {ou_class: organization.unit_named(name) for ou_class, name in company.ou_classes.items()}
    return tuple(
        Node(unit.id, unit.name, c, tuple(above.id for above in organization.path(unit.id)), unit.arn)
        for c, unit in units.items()
    )


def classes_of_accounts(organization: Organization, nodes: tuple[Node, ...]) -> Mapping[str, str]:
    """Account -> class of the OU that holds it, directly or further down; member accounts in any other OU: ``.

    Accounts at the root and in quarantine are not told: they are between classes, and any may be theirs next.
    """
    by_unit = {node.id: node.ou_class for node in nodes}
    below = {unit.id: _class_of(organization, unit.id, by_unit) for unit in organization.units}
    members = (each for each in organization.accounts if each.id != organization.management_account_id)
    settled = ((each.id, below[each.parent_id]) for each in members if each.parent_id in below)
    return {account: ou_class for account, ou_class in settled if ou_class != QUARANTINE}


def _class_of(organization: Organization, unit_id: str, by_unit: Mapping[str, str]) -> str:
    path = [by_unit[unit.id] for unit in organization.path(unit_id) if unit.id in by_unit]
    return path[-1] if path else ""
