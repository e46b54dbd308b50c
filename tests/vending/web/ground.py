"""A portal on the local cloud: the real desk and accounts, the real issuer, and no worker, so that nothing moves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

from infra.local.provision import make_signing_key
from tests.cloud import Cloud
from tests.vending.parts import make_table
from tests.vending.web.shell import PORTAL, sign_in
from vending import pages
from vending.core.aws import Aws
from vending.core.organization import OrganizationReader
from vending.core.signing import KmsSigner
from vending.lifecycle.accounts import Accounts
from vending.lifecycle.pages import WayIn
from vending.ports import AccountState, Contribution, Holds, NewAccount, Promise, Reading
from vending.requests.desk import RequestDesk
from vending.requests.engine import Execution
from vending.requests.model import Request, State
from vending.requests.outlook import Outlook
from vending.requests.record import Record, Records
from vending.web.app import create_app
from vending.workflow.deed import write_deed
from vending.workflow.evidence import Evidence, EvidenceItem
from vending.workflow.line import planned
from vending.workflow.services import Services

CLI = "freehold-cli"
REQUEST: dict[str, Any] = {
    "team": "payments",
    "name": "payments-lab",
    "template": "sandbox",
    "purpose": "try the new card switch",
    "monthly_budget_usd": 200,
    "data_class": "internal",
    "regions": ["eu-west-1"],
    "tags": {"service": "switch"},
}
PROD: dict[str, Any] = {**REQUEST, "name": "payments-prod", "template": "workload-prod", "monthly_budget_usd": 2500}


@dataclass
class StandingEngine:
    """Takes the part of AWS Lambda: remembers what it was asked to start and wake, and runs nothing."""

    lost: set[Execution] = field(default_factory=set)
    """Those that broke."""

    started: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)

    def start(self, execution: Execution) -> None:
        self.started.append(execution.name)

    def broken(self) -> frozenset[Execution]:
        return frozenset(self.lost)

    def complete(self, callback: str, result: str) -> None:
        self.woken.append(callback)


@dataclass
class TwoPromises:
    """The smallest baseline: one setting that holds and one that does not."""

    version: str = "v1"
    closed: set[str] = field(default_factory=set)

    def isolate(self, account_id: str) -> None:
        self.closed.add(account_id)

    def release(self, account_id: str) -> None:
        self.closed.discard(account_id)

    def isolated(self, account_id: str) -> bool:
        return account_id in self.closed

    def describe(self, account: NewAccount) -> Sequence[Promise]:
        return (
            Promise("ebs/eu-west-1", "New volumes are encrypted", "ebs-encryption", "eu-west-1", applied=True),
            Promise("leave", "It cannot leave the organisation", "leave-organisation", None, applied=False),
        )

    def apply(self, account: NewAccount, promise_id: str) -> None:
        """Holds already."""

    def verify(self, account: NewAccount, promise_id: str) -> Reading:
        holds = Holds.YES if promise_id == "leave" else Holds.NO
        return Reading(promise_id, holds, "on", "on" if holds is Holds.YES else "off", datetime.fromisoformat(READ_AT))


READ_AT = "2026-11-20T12:00:00+00:00"


def evidence_of(record: Record) -> Evidence:
    """What the line left of an account when it was handed over: one promise kept, one broken."""
    read_at = datetime.fromisoformat(READ_AT)
    account_id = str(record.account_id)
    kept = EvidenceItem(
        id="ou",
        title="It lives in its OU",
        guardrail=None,
        region=None,
        holds=Holds.YES,
        expected="Sandbox",
        found="Sandbox",
        read_at=read_at,
    )
    broken = EvidenceItem(
        id="ebs/eu-west-1",
        title="New volumes are encrypted",
        guardrail="ebs-encryption",
        region="eu-west-1",
        holds=Holds.NO,
        expected="on",
        found="off",
        read_at=read_at,
    )
    return Evidence(
        account_id=account_id, request_id=record.id, taken_at=read_at, baseline_version="v1", items=(kept, broken)
    )


@dataclass
class Portal:
    """The application with everything behind it."""

    app: FastAPI
    cloud: Cloud
    services: Services
    desk: RequestDesk
    accounts: Accounts
    engine: StandingEngine

    def with_contributions(self, *contributions: Contribution) -> "Portal":
        """The same with more in it."""
        return assemble(self.cloud, self.services, contributions)

    def browser(self) -> TestClient:
        """Somebody's browser, nobody signed in."""
        return TestClient(self.app, base_url=PORTAL, raise_server_exceptions=False, follow_redirects=False)

    def signed_in(self, username: str) -> "Browser":
        """A browser in which somebody has signed in at the issuer."""
        browser = self.browser()
        sign_in(browser, username)
        return Browser(browser)

    def api(self, username: str) -> TestClient:
        """A program with somebody's token."""
        browser = self.browser()
        browser.headers["Authorization"] = f"Bearer {token(self.cloud, username)}"
        browser.base_url = f"{PORTAL}/api/v1"
        return browser

    def change(self, request_id: str, **update: Any) -> Record:
        """Move a request on as the worker would."""
        return self.services.records.change(request_id, "worker", "moved", lambda r: r.model_copy(update=update))

    def make_account(self, request_id: str) -> str:
        """An account for a request, ready and read back, without the time that the line takes."""
        record = self.services.records.get(request_id)
        organizations = self.cloud.client("organizations")
        asked = organizations.create_account(
            Email=record.email,
            AccountName=record.asked.name,
            Tags=[{"Key": "freehold:request-id", "Value": request_id}],
        )
        self.cloud.clock.advance(3600)
        status = organizations.describe_create_account_status(CreateAccountRequestId=asked["CreateAccountStatus"]["Id"])
        account_id = str(status["CreateAccountStatus"]["AccountId"])
        ready = self.change(request_id, account_id=account_id, state=State.READY)
        write_deed(self.services, ready, AccountState.ACTIVE)
        self.services.table.put(evidence_of(ready).document())
        return account_id


@dataclass
class Browser:
    """A signed-in browser: it fills in the hidden fields of the form that it looks at."""

    http: TestClient

    def get(self, path: str) -> Any:
        return self.http.get(path)

    def post(self, path: str, seen_on: str, **fields: Any) -> Any:
        """Send a form of the page `seen_on`."""
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.get(seen_on).text))
        return self.http.post(path, data={**hidden, **fields})


def build_portal(cloud: Cloud, contributions: Sequence[Contribution] = ()) -> Portal:
    """Everything real but the worker and the baseline; the cloud's clock stands, so its rate limits are off."""
    cloud.limits.enforced = False
    return assemble(cloud, _services(cloud), contributions)


def assemble(cloud: Cloud, services: Services, contributions: Sequence[Contribution] = ()) -> Portal:
    """The portal over what is there."""
    organization = OrganizationReader(services.aws, services.clock)
    accounts = Accounts(services, organization, dict)
    desk = RequestDesk(
        company=services.company,
        records=services.records,
        table=services.table,
        accounts=accounts,
        baseline=services.baseline,
        engine=services.engine,
        line=planned(services.company),
        clock=services.clock,
        outlook=Outlook(services.company, services.aws, organization, services.clock),
    )
    own = pages.contribution(services.company, desk, accounts, WayIn(environment={"AWS_ENDPOINT_URL": cloud.url}))
    app = create_app(
        company=services.company,
        issuer=f"{cloud.url}/_oidc",
        session_key="a key for tests",
        contributions=(own, *contributions),
    )
    engine = services.engine
    assert isinstance(engine, StandingEngine)
    return Portal(app, cloud, services, desk, accounts, engine)


def _services(cloud: Cloud) -> Services:
    company = cloud.state.company
    aws = Aws(Session(cloud), company.landing_zone.home_region)
    table = make_table(cloud, aws)
    make_signing_key(aws)
    records, signer = Records(table, cloud.clock), KmsSigner(aws)
    return Services(aws, company, table, records, TwoPromises(), StandingEngine(), cloud.clock, signer)


@dataclass(frozen=True)
class Session:
    """Takes the part of a boto3 session: the clients that the cloud's tests have open already."""

    cloud: Cloud

    def client(self, service: str, region_name: str, **_: Any) -> Any:
        return self.cloud.client(service, region_name)


def token(cloud: Cloud, username: str) -> str:
    """An access token as `freehold token --as` gets it."""
    sent = {"grant_type": "urn:freehold:as", "username": username, "client_id": CLI}
    answer = httpx2.post(f"{cloud.url}/_oidc/oauth2/token", data=sent).raise_for_status()
    return str(answer.json()["access_token"])


def ask(portal: Portal, username: str = "ada", **fields: Any) -> Request:
    """A request that is already at the desk."""
    body = {**REQUEST, **fields}
    company = portal.services.company
    caller = company.caller(username, company.people[username].groups)
    return portal.desk.submit(caller, body, f"key of {body['name']}")
