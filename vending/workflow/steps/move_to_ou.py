"""Move the account from the root into the OU of its class."""

from vending.core.organization import read_units
from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.causes import PLATFORM
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the account's parent is the OU; a busy OU is waited for, a missing one parks."""
    name = services.ou_of(record)
    root, units = read_units(services.aws)
    target = next((unit for unit in units if unit.name == name), None)
    if target is None:
        raise Parked(_no_ou(name))
    parent = services.organizations.first("list_parents", "Parents", ChildId=record.account_id)["Id"]
    if parent == target.id:
        return Done(f"it is in {name}")
    services.organizations.move_account(
        AccountId=record.account_id, SourceParentId=parent, DestinationParentId=target.id
    )
    where = "the root" if parent == root.id else parent
    return Done(f"moved from {where} to {name}")


def _no_ou(name: str) -> Cause:
    return Cause(
        code="no-such-ou",
        sentence=f"The organisation has no OU named {name}.",
        remedy="Make it as the deploy guide says, or mend `ou_classes` in the company file, then resume the request.",
        who=PLATFORM,
    )


STEP = Step(
    name="move-to-ou",
    title="Move it into its OU",
    state=State.ENROLLING,
    calls=("organizations:MoveAccount",),
    seconds=3,
    run=run,
    every=60,
    patience=6 * 3600,
)
