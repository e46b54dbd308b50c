"""Freehold's parts put together for one company: the only place that knows which real thing is plugged in where."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

import audit.pages
import guardrails.pages
import vending.notices.pages
import vending.pages
from audit.gauge import CloudWatchGauge
from audit.service import Audit, VaultPlace
from audit.watch import Watch
from guardrails.service import Guardrails
from infra.runtime.place import Place
from infra.runtime.round import make_dispatcher
from infra.runtime.services import make_services
from infra.runtime.telling import make_book
from vending.core.company import Company
from vending.core.organization import OrganizationReader
from vending.lifecycle.accounts import Accounts
from vending.lifecycle.pages import WayIn
from vending.requests.desk import RequestDesk
from vending.requests.outlook import Outlook
from vending.web.app import create_app
from vending.workflow.line import planned

__all__ = ["Place", "Product"]


class Product:
    """Everything that a company's Freehold does."""

    def __init__(self, company: Company, place: Place) -> None:
        self.services = make_services(company, place)
        records, baseline = self.services.records, self.services.baseline
        self.company = company
        organization = OrganizationReader(place.aws, place.clock)
        self.accounts = Accounts(self.services, organization, lambda: self.audit.compliance())
        outlook = Outlook(company, place.aws, organization, place.clock)
        self.desk = RequestDesk(
            company,
            records,
            self.services.table,
            self.accounts,
            baseline,
            place.engine,
            planned(company),
            place.clock,
            outlook,
        )
        self.dispatcher = make_dispatcher(company, place, records)
        self.notices = make_book(company, place, self.services.table, (audit.pages.TEMPLATES,))
        self.guardrails = Guardrails(place.aws, company, place.clock, self.accounts, place.pause)
        self.audit = Audit(
            place.aws,
            company,
            place.clock,
            self.accounts,
            place.bucket,
            place.cache,
            self.services.table,
            VaultPlace(place.evidence, self.services.signer),
            place.pause,
        )
        self.watch = Watch(self.audit, self.notices, CloudWatchGauge(place.aws), self.services.table)

    def workflow(self) -> Callable[[Any, Any], Any]:
        """The durable function: the portal on AWS has none, and starts sooner without its SDK."""
        from vending.workflow.vend import make_workflow

        return make_workflow(self.services)

    def portal(
        self,
        issuer: str,
        session_key: str,
        way_in: WayIn,
        *,
        session_cookie: str = "freehold",
        secure_cookies: bool = True,
    ) -> FastAPI:
        """The portal with every package's pages and API."""
        return create_app(
            company=self.company,
            issuer=issuer,
            session_key=session_key,
            contributions=(
                vending.pages.contribution(self.company, self.desk, self.accounts, way_in),
                vending.notices.pages.contribution(self.notices),
                guardrails.pages.contribution(self.guardrails),
                audit.pages.contribution(self.audit),
            ),
            checks={"table": self._check_table},
            session_cookie=session_cookie,
            secure_cookies=secure_cookies,
        )

    def _check_table(self) -> None:
        self.services.table.get("HEALTH", "HEALTH")
