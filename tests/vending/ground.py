"""Desk, stores and the services of the workflow on the local cloud; no worker runs, so that each part stands still."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from infra.local.faults.fault import Fault
from infra.local.provision import make_signing_key
from tests.cloud import Cloud
from tests.vending.parts import acme, asked, make_table, person
from tests.vending.web.ground import Session, StandingEngine, TwoPromises
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.errors import AwsMissing
from vending.core.organization import OrganizationReader
from vending.core.signing import KmsSigner
from vending.lifecycle.accounts import Accounts
from vending.requests.desk import RequestDesk
from vending.requests.dispatcher import Dispatcher
from vending.requests.model import Request, State
from vending.requests.outlook import Outlook
from vending.requests.queue import gates_of
from vending.requests.record import Record, Records
from vending.workflow.line import planned
from vending.workflow.services import Services
from vending.workflow.step import Done, Pending, Step


@dataclass
class Sleepers(StandingEngine):
    """An engine that knows which callbacks are still waited for."""

    asleep: set[str] = field(default_factory=set)

    def complete(self, callback: str, result: str) -> None:
        if callback not in self.asleep:
            raise AwsMissing("nobody waits for it")
        self.asleep.remove(callback)
        super().complete(callback, result)


@dataclass(frozen=True)
class Ground:
    """A desk without a worker."""

    cloud: Cloud
    services: Services
    engine: Sleepers

    @property
    def records(self) -> Records:
        return self.services.records

    @cached_property
    def organization(self) -> OrganizationReader:
        return OrganizationReader(self.services.aws, self.cloud.clock)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.services, self.organization, dict)

    @cached_property
    def desk(self) -> RequestDesk:
        s = self.services
        outlook = Outlook(s.company, s.aws, self.organization, s.clock)
        parts = (s.records, s.table, self.accounts, s.baseline, s.engine, planned(s.company), s.clock, outlook)
        return RequestDesk(s.company, *parts)

    @property
    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.records, self.engine, self.services.clock, self.services.aws, self.gates)

    @property
    def gates(self) -> tuple[str, ...]:
        return gates_of(self.services.company)

    def governed_by(self, company: Company) -> "Ground":
        """The same with another company file."""
        return replace(self, services=replace(self.services, company=company))

    def ask(self, who: str = "ada", **changes: Any) -> Request:
        body = asked(**changes)
        return self.desk.submit(person(who), body, f"key of {sorted(body.items())}")

    def at(self, request_id: str, state: State = State.CREATING, **update: Any) -> Record:
        """Move a request on as the worker would."""
        change = {"state": state, **update}
        return self.records.change(request_id, "worker", "moved", lambda r: r.model_copy(update=change))

    def creating(self, **changes: Any) -> Record:
        """A request that has passed the gate of CreateAccount."""
        return self.at(self.ask(**changes).id)

    def run(self, step: Step, record: Record) -> Done | Pending:
        """One look at a step, at the request as the table has it now."""
        return step.run(self.services, self.records.get(record.id))

    def make_account(self, record: Record, **changes: Any) -> Record:
        """The request with an account of its own, as AWS makes it: in the root."""
        organizations = self.cloud.client("organizations")
        tags = [{"Key": key, "Value": value} for key, value in changes.pop("tags", {}).items()]
        named = {"Email": record.email, "AccountName": record.asked.name, "Tags": tags, **changes}
        creation = organizations.create_account(**named)["CreateAccountStatus"]["Id"]
        self.cloud.clock.advance(3600)
        made = organizations.describe_create_account_status(CreateAccountRequestId=creation)["CreateAccountStatus"]
        return self.at(record.id, creation_id=creation, account_id=made["AccountId"])

    def move_below(self, name: str, record: Record) -> None:
        """The account moves into a new OU below the one that holds it."""
        organizations = self.cloud.client("organizations")
        parent = organizations.list_parents(ChildId=record.account_id)["Parents"][0]["Id"]
        made = organizations.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]
        organizations.move_account(AccountId=record.account_id, SourceParentId=parent, DestinationParentId=made)

    def accounts_named(self, name: str) -> list[dict[str, Any]]:
        """The accounts of that name in AWS."""
        pages = self.cloud.client("organizations").get_paginator("list_accounts").paginate()
        return [account for page in pages for account in page["Accounts"] if account["Name"] == name]

    def spoil(self, *faults: Fault) -> None:
        """Let calls go wrong from now on."""
        self.cloud.state.faults.add(faults)

    @contextmanager
    def refused(self, service: str, operation: str, code: str, reason: str = "") -> Iterator[None]:
        """AWS refuses the calls with an error code."""
        parsed = {
            "Error": {"Code": code, "Message": "no"},
            "Reason": reason,
            "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "aws-request-1"},
        }
        with self._hooked("before-call", service, operation, lambda **_: (SimpleNamespace(status_code=400), parsed)):
            yield

    @contextmanager
    def counted(self, service: str, operation: str) -> Iterator[list[None]]:
        """How often an operation is called."""
        calls: list[None] = []
        with self._hooked("before-call", service, operation, lambda **_: calls.append(None)):
            yield calls

    @contextmanager
    def meanwhile(self, service: str, operation: str, action: Callable[[], object]) -> Iterator[None]:
        """Just before the operation is called, somebody else does something; once."""
        left = [action]
        with self._hooked("before-call", service, operation, lambda **_: left.pop()() and None if left else None):
            yield

    @contextmanager
    def busy(self, service: str, operation: str, action: Callable[[], object]) -> Iterator[None]:
        """Just before the operation is called, somebody else does something; every time."""
        with self._hooked("before-call", service, operation, lambda **_: action() and None):
            yield

    @contextmanager
    def _hooked(self, event: str, service: str, operation: str, hook: Any) -> Iterator[None]:
        events = self.cloud.client(service, self.services.aws.client(service)._raw.meta.region_name).meta.events
        events.register_first(f"{event}.{service}.{operation}", hook)
        try:
            yield
        finally:
            events.unregister(f"{event}.{service}.{operation}", hook)


def make_ground(cloud: Cloud) -> Ground:
    """Everything real but the worker and the baseline; the cloud's clock stands, so its rate limits are off."""
    cloud.limits.enforced = False
    company = acme()
    aws = Aws(Session(cloud), company.landing_zone.home_region)
    table = make_table(cloud, aws)
    make_signing_key(aws)
    engine = Sleepers()
    records, signer = Records(table, cloud.clock), KmsSigner(aws)
    services = Services(aws, company, table, records, TwoPromises(), engine, cloud.clock, signer)
    return Ground(cloud, services, engine)
