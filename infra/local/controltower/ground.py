"""The ground that Control Tower stands on: the cloud, the organisation, and the ledger of its operations."""

import json
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from moto.core.exceptions import JsonRESTError, ServiceException

from infra.local.agenda import Action
from infra.local.cloud import LocalCloud
from infra.local.controltower.operation import Kind, Operation
from infra.local.controltower.pace import Minutes, Pace
from infra.local.organizations.entities import Account, OrganizationalUnit
from infra.local.organizations.organization import Organization
from infra.local.organizations.policy_book import PolicyBook
from infra.local.service import Refusal

REFUSALS = (ServiceException, JsonRESTError)
"""What another service's state raises where it does not do what Control Tower wants of it."""

ID_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class LandingZoneSetup:
    """What a landing zone is set up with."""

    log_archive_account: str
    audit_account: str
    version: str = "4.0"
    latest_version: str = "4.0"
    auto_enrol: bool = True


@dataclass
class Ground:
    """What every part of Control Tower shares."""

    cloud: LocalCloud
    organization: Organization
    policies: PolicyBook
    setup: LandingZoneSetup
    pace: Pace = field(default_factory=Pace)
    operations: dict[str, Operation] = field(default_factory=dict)

    def now(self) -> datetime:
        """AWS time."""
        return self.cloud.clock.now()

    def draw(self, span: Minutes, call: str) -> timedelta:
        """How long what a call began takes: between the shortest and the longest, and what a fault adds."""
        return self.cloud.dice.seconds(span[0] * 60, span[1] * 60) + self.cloud.faults.prolongs(call)

    def arn(self, kind: str) -> str:
        """A new ARN for an `enabledbaseline`, an `enabledcontrol` or a `landingzone`."""
        identifier = self.cloud.dice.letters(17 if kind == "enabledbaseline" else 16, ID_LETTERS)
        owner = f"{self.cloud.home_region}:{self.cloud.management_account_id}"
        return f"arn:aws:controltower:{owner}:{kind}/{identifier}"

    def begin(self, kind: Kind, target_arn: str, at: datetime, lasts: timedelta, **more: Any) -> Operation:
        """Enter a new operation into the ledger."""
        identifier = str(UUID(hex=self.cloud.dice.letters(32, "0123456789abcdef"), version=4))
        operation = Operation(identifier, kind, target_arn, at, at + lasts, **more)
        self.operations[identifier] = operation
        return operation

    def at_end(self, operation: Operation, effect: Action, failed: Callable[[], None]) -> None:
        """Carry out `effect` when the operation ends; where another service refuses, the operation fails for that."""
        why = self.cloud.faults.failure_of(operation.kind.call)

        def end(at: datetime) -> None:
            try:
                if why:
                    raise Refusal("InternalServerException", why)
                effect(at)
            except REFUSALS as refusal:
                self.fail(operation.identifier, str(refusal.message))
                failed()

        self.cloud.agenda.at(operation.ends_at, end)

    def fail(self, operation_id: str, why: str) -> None:
        """Let an operation end badly."""
        self.operations[operation_id] = replace(self.operations[operation_id], failure=why)

    def running(self) -> Iterator[Operation]:
        """The operations in progress now."""
        now = self.now()
        return (operation for operation in self.operations.values() if operation.is_running(now))

    def unit(self, arn_or_id: str) -> OrganizationalUnit | None:
        """The organisational unit of an ARN or an id, None when there is none."""
        found = self.organization.targets.get(arn_or_id.rsplit("/", 1)[-1])
        return found if isinstance(found, OrganizationalUnit) else None

    def account(self, account_id: str) -> Account | None:
        """The member account, None when the organisation has none of that id."""
        found = self.organization.targets.get(account_id)
        return found if isinstance(found, Account) else None

    def members(self, unit: OrganizationalUnit) -> list[Account]:
        """The accounts directly in an OU."""
        return self.organization.children(unit, Account)


def compact(document: object) -> str:
    """JSON without white space: Organizations counts it."""
    return json.dumps(document, separators=(",", ":"))
