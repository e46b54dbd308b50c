"""`freehold simulate`: many requests at once on the local cloud, on time that passes when every execution waits.

Cloud, dispatcher and workflow are the real ones, in one process with one clock: calls go through everything that the
cloud puts before them, only not through sockets.
"""

import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from guardrails.service import Guardrails
from infra.local.bound import bound_seconds
from infra.local.clock import CloudClock, wall
from infra.local.cloud import LocalCloud, build_cloud
from infra.local.door import DoorAws
from infra.local.durable import LocalEngine
from infra.local.faults.profile import Profile
from infra.local.organizations.entities import Account
from infra.local.organizations.models import organization
from infra.local.provision import make_permission_sets, make_signing_key, make_table
from infra.local.seed import reset
from infra.local.server import build_app
from infra.runtime.place import Place
from infra.runtime.round import make_dispatcher
from infra.runtime.services import make_services
from vending.core.company import Company
from vending.core.errors import AwsFailed, FreeholdError
from vending.core.identity import Caller, Role
from vending.core.organization import OrganizationReader
from vending.lifecycle.accounts import Accounts
from vending.requests.desk import RequestDesk
from vending.requests.model import Request, State
from vending.requests.outlook import Outlook
from vending.requests.record import Record
from vending.workflow.line import planned
from vending.workflow.steps.create_account import REQUEST_TAG
from vending.workflow.vend import make_workflow

TABLE = "freehold"
TICK_SECONDS = 10.0
"""Between two rounds of the dispatcher."""
TALKERS = ("vending", "aws_durable_execution_sdk_python")
"""Loggers with a line for each fault that strikes: here they are meant to."""
ROUNDS = 12
"""Between two looks at whether everything is over."""
MOST = timedelta(days=60)
"""Of AWS time; what is not over by then is lost."""
QUIET = timedelta(days=1)
"""Nobody who is under way sleeps so long by himself."""
AHEAD = timedelta(days=2)
"""Of real time: the durable SDK compares AWS's moments with the machine's clock, and must find them still to come."""
ROOM = 1_000
"""Accounts beyond those asked for that the organisation's quota was raised by."""


@dataclass(frozen=True)
class Outcome:
    """What came of a simulation, as it is printed."""

    requests: int
    ready: int
    parked: int
    accounts_created: int
    duplicates: int
    """Accounts beyond the first of each request."""
    lost: int
    """Requests that are neither ready nor parked, or ready without an account of their own."""
    aws_seconds: float
    """From the first request until the last was over."""
    bound_seconds: float
    ratio: float
    faults_injected: int
    api_calls: Mapping[str, int]


class Simulation:
    """A cloud of its own with everything that makes accounts; one a process, because the cloud is the process's."""

    def __init__(self, company: Company, seed: int) -> None:
        os.environ.setdefault("AWS_MAX_ATTEMPTS", "1")
        os.environ.setdefault("AWS_ENDPOINT_URL", "http://127.0.0.1")
        self.clock = CloudClock.manual((wall() + AHEAD).replace(hour=9, minute=0, second=0, microsecond=0))
        self.cloud: LocalCloud = build_cloud(self.clock, company, seed)
        self.company = company
        app = build_app(self.cloud)
        reset(self.cloud)
        self.aws = DoorAws(app, company.landing_zone.home_region, self._pause)
        self.engine = LocalEngine(None, self.clock, company.landing_zone.home_region)
        for name in TALKERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._set_up(Place(self.aws, self.clock, self.engine, TABLE, TABLE, Path(), self._pause))

    def _set_up(self, place: Place) -> None:
        """What a laptop and the stacks make, but for portal and audit."""
        company, services = self.company, make_services(self.company, place)
        organization = OrganizationReader(place.aws, place.clock)
        accounts = Accounts(services, organization, dict)
        outlook = Outlook(company, place.aws, organization, place.clock)
        parts = (services.table, accounts, services.baseline, place.engine, planned(company), place.clock, outlook)
        self.records = services.records
        self.desk = RequestDesk(company, self.records, *parts)
        self.dispatcher = make_dispatcher(company, place, self.records)
        make_table(place.aws, TABLE)
        make_signing_key(place.aws)
        make_permission_sets(place.aws, company)
        Guardrails(place.aws, company, place.clock, accounts, place.pause).apply()
        self.engine.serve(make_workflow(services))

    def run(self, number: int, faults: Profile | None, seed: int) -> Outcome:
        """Ask for so many accounts at once and make them; faults strike from when AWS is first asked for one."""
        self.cloud.limits.change("organizations.accounts", number + ROOM)
        asked = [self._ask(body).id for body in islice(self._bodies(), number)]
        self.engine.settle()
        self.cloud.calls.clear()
        self.cloud.limits.taken.clear()
        began = self.clock.now()
        if faults:
            self.cloud.faults.add(faults.fault, seed)
        self._make(began + MOST)
        self.cloud.faults.disarm()
        outcome = self._outcome(asked, began, dict(self.cloud.calls))
        self.engine.close()
        return outcome

    def _bodies(self) -> Iterator[dict[str, Any]]:
        """Requests spread evenly over the OUs, and over the teams within each."""
        templates = list(self.company.templates)
        for number, template in enumerate(cycle(templates)):
            team = list(self.company.teams)[number // len(templates) % len(self.company.teams)]
            yield {
                "team": team,
                "name": f"{team}-{number + 1:05d}",
                "template": template,
                "purpose": "simulated",
                "monthly_budget_usd": 1,
                "data_class": self.company.data_classes[0],
                "regions": [self.company.landing_zone.home_region],
                "tags": {},
            }

    def _ask(self, body: dict[str, Any]) -> Request:
        """As the team's lead, and as approvers for as long as approval is wanting."""
        team = self.company.teams[body["team"]]
        request = self.desk.submit(self.company.caller(team.lead, (team.group,)), body, body["name"])
        for number in range(request.approvers_needed):
            approver = Caller(f"approver-{number + 1}", frozenset({Role.APPROVER}), frozenset())
            request = self.desk.approve(approver, request.id, request.hash)
        return request

    def _make(self, until: datetime) -> None:
        """Let time pass from one thing to do to the next, until nothing is left to do."""
        while self.clock.now() < until:
            for _ in range(ROUNDS):
                self._dispatch()
                self.engine.pass_time(TICK_SECONDS)
            if self._is_quiet():
                return

    def _dispatch(self) -> None:
        with suppress(FreeholdError):  # the next round computes everything anew from the table
            self.dispatcher.tick()

    def _is_quiet(self) -> bool:
        """Whether nobody wakes by himself, and nobody is or waits where the dispatcher would wake him."""
        wakes_at = self.engine.wakes_at
        if wakes_at is not None and wakes_at - self.clock.now() < QUIET:
            return False
        with suppress(AwsFailed):  # then it is seen the next time
            return not self.records.moving() and not any(record.waits for record in self.records.open())
        return False

    def _outcome(self, asked: list[str], began: datetime, calls: Mapping[str, int]) -> Outcome:
        records = [self.records.get(request_id) for request_id in asked]
        made = Counter(account.tags.get(REQUEST_TAG) for account in _accounts())
        over = [record for record in records if _is_over(record, made)]
        lasted = (max(record.updated_at for record in records) - began).total_seconds() if records else 0.0
        bound = bound_seconds(self.cloud)
        return Outcome(
            requests=len(asked),
            ready=sum(record.state is State.READY for record in records),
            parked=sum(record.state is State.PARKED for record in records),
            accounts_created=sum(made[request_id] for request_id in asked),
            duplicates=sum(max(made[request_id] - 1, 0) for request_id in asked),
            lost=len(records) - len(over),
            aws_seconds=round(lasted, 1),
            bound_seconds=round(bound, 1),
            ratio=round(lasted / bound, 3) if bound else 0.0,
            faults_injected=self.cloud.faults.by_kind.total(),
            api_calls=dict(sorted(calls.items())),
        )

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds)


def _accounts() -> Iterator[Account]:
    return (target for target in organization().targets.values() if isinstance(target, Account))


def _is_over(record: Record, made: Mapping[str | None, int]) -> bool:
    if record.state is State.READY:
        return made[record.id] > 0
    return record.state is State.PARKED and record.parked is not None
