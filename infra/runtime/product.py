"""Freehold's parts put together for one company: the only place that knows which real thing is plugged in where."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from fastapi import FastAPI

import audit.pages
import guardrails.pages
import vending.pages
from audit.service import Audit
from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.organization import OrganizationReader
from vending.core.table import Table
from vending.lifecycle.accounts import Accounts
from vending.lifecycle.pages import WayIn
from vending.requests.desk import RequestDesk
from vending.requests.dispatcher import Dispatcher
from vending.requests.engine import Engine
from vending.requests.record import Records
from vending.web.app import create_app
from vending.workflow.line import planned
from vending.workflow.services import Services
from vending.workflow.vend import make_workflow


@dataclass(frozen=True)
class Place:
    """Where Freehold runs: what differs between AWS and a laptop."""

    aws: Aws
    clock: Clock
    engine: Engine
    table: str
    bucket: str
    cache: Path
    """A folder for copies of the findings' files."""
    pause: Callable[[float], None] = sleep
    """Waits so many seconds of AWS time between calls that AWS throttles."""


class Product:
    """Everything that a company's Freehold does."""

    def __init__(self, company: Company, place: Place) -> None:
        table = Table(place.aws, place.table, place.clock)
        records = Records(table, place.clock)
        baseline = AccountBaseline(place.aws, company, place.clock, place.pause)
        self.company = company
        self.services = Services(place.aws, company, table, records, baseline, place.engine, place.clock)
        organization = OrganizationReader(place.aws, place.clock)
        self.accounts = Accounts(self.services, organization, lambda: self.audit.compliance())
        self.desk = RequestDesk(company, records, table, self.accounts, baseline, place.engine, planned(), place.clock)
        self.dispatcher = Dispatcher(records, place.engine, place.clock)
        self.guardrails = Guardrails(place.aws, company, place.clock, self.accounts, place.pause)
        self.audit = Audit(place.aws, company, place.clock, self.accounts, place.bucket, place.cache)

    def workflow(self) -> Callable[[Any, Any], Any]:
        """The durable function."""
        return make_workflow(self.services)

    def portal(self, issuer: str, session_key: str, way_in: WayIn, *, secure_cookies: bool = True) -> FastAPI:
        """The portal with every package's pages and API."""
        return create_app(
            company=self.company,
            issuer=issuer,
            session_key=session_key,
            contributions=(
                vending.pages.contribution(self.company, self.desk, self.accounts, way_in),
                guardrails.pages.contribution(self.guardrails),
                audit.pages.contribution(self.audit),
            ),
            checks={"table": self._check_table},
            secure_cookies=secure_cookies,
        )

    def _check_table(self) -> None:
        self.services.table.get("HEALTH", "HEALTH")
