"""The whole line in one process: the real desk, workflow, runner and guardrails on the local cloud, time skipped."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from infra.local.durable import LocalEngine
from infra.local.provision import make_permission_sets, make_signing_key
from tests.cloud import Cloud
from tests.vending.parts import acme, asked, make_table, person
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.organization import OrganizationReader
from vending.core.signing import KmsSigner
from vending.lifecycle.accounts import Accounts
from vending.requests.desk import RequestDesk
from vending.requests.dispatcher import Dispatcher
from vending.requests.model import Request
from vending.requests.outlook import Outlook
from vending.requests.queue import gates_of
from vending.requests.record import Records
from vending.workflow.line import planned
from vending.workflow.services import Services
from vending.workflow.vend import make_workflow

PATIENCE_SECONDS = 60
TICK_SECONDS = 30
"""Between two rounds of the dispatcher, in AWS time."""
OVER = frozenset({"ready", "parked", "rejected", "cancelled"})


@dataclass
class Line:
    """A worker and what it works on; `stop` and `start` put another worker in its place."""

    cloud: Cloud
    aws: Aws
    folder: Path
    wrap: Callable[[Services], Services] = lambda services: services
    company: Company = field(default_factory=acme)

    def __post_init__(self) -> None:
        company = self.company
        clock = self.cloud.clock
        self.table = make_table(self.cloud, self.aws)
        self.records = Records(self.table, clock)
        self.baseline = AccountBaseline(self.aws, company, clock, self._pause)
        make_permission_sets(self.aws, company)
        make_signing_key(self.aws)
        self.start()
        Guardrails(self.aws, company, clock, self.accounts, self._pause).apply()

    def start(self) -> None:
        """A worker, which takes up what an earlier one left."""
        company, clock = self.company, self.cloud.clock
        self.engine = LocalEngine(self.folder / "executions.sqlite", clock, "eu-west-1")
        stores, signer = (self.table, self.records), KmsSigner(self.aws)
        services = Services(self.aws, company, *stores, self.baseline, self.engine, clock, signer)
        self.services = self.wrap(services)
        organization = OrganizationReader(self.aws, clock)
        self.accounts = Accounts(services, organization, dict)
        outlook = Outlook(company, self.aws, organization, clock)
        baseline, engine = self.baseline, self.services.engine
        parts = (self.records, self.table, self.accounts, baseline, engine, planned(company), clock, outlook)
        self.desk = RequestDesk(company, *parts)
        self.dispatcher = Dispatcher(self.records, engine, clock, self.aws, gates_of(company))
        self.engine.serve(make_workflow(self.services))

    def stop(self) -> None:
        self.engine.close()

    def ask(self, who: str = "ada", **changes: Any) -> Request:
        body = asked(**changes)
        return self.desk.submit(person(who), body, str(body))

    def until_over(self, request_id: str) -> Request:
        """Dispatch and let time pass until the request is over."""
        return self.until(request_id, lambda request: request.state.value in OVER)

    def until_queued(self, request_id: str) -> Request:
        """Let the workflow, but not the dispatcher, run until the request waits at a gate."""
        return self.until(request_id, lambda _: self.records.get(request_id).gate is not None, dispatching=False)

    def until(self, request_id: str, reached: Callable[[Request], bool], *, dispatching: bool = True) -> Request:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.engine.settle()
            request = self.desk.get(person("omar"), request_id)
            if reached(request):
                return request
            if dispatching:
                self.dispatcher.tick()
            self.engine.pass_time(TICK_SECONDS)
        raise AssertionError(f"still {request.state}: {[(e.step, e.state, e.detail) for e in request.timeline]}")

    def accounts_of(self, request_id: str) -> list[Mapping[str, Any]]:
        """The accounts in AWS that carry the request's tag."""
        organizations = self.cloud.client("organizations")
        listed = [a for page in organizations.get_paginator("list_accounts").paginate() for a in page["Accounts"]]
        return [account for account in listed if self._tags(account["Id"]).get("freehold:request-id") == request_id]

    def _tags(self, account_id: str) -> dict[str, str]:
        tags = self.cloud.client("organizations").list_tags_for_resource(ResourceId=account_id)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def _pause(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)
