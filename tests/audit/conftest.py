"""What tests of the audit's doors may ask for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from audit.pages import contribution
from audit.run import Run
from audit.service import Audit
from tests.audit.ground import NINE, acme, fill_ledger, open_audit
from tests.cloud import Cloud
from tests.vending.web.ground import Browser, token
from tests.vending.web.shell import PORTAL, sign_in
from vending.web.app import create_app


@dataclass
class Remembering:
    """Takes the part of a runner: remembers what it was asked to carry out, and does what the test wants of it."""

    started: list[str] = field(default_factory=list)
    then: Callable[[str], object] = print

    def start(self, run_id: str) -> None:
        self.started.append(run_id)
        self.then(run_id)


@dataclass(frozen=True)
class Doors:
    """A portal with nothing but the audit in it, and no run yet."""

    cloud: Cloud
    app: FastAPI
    audit: Audit
    folder: Path
    runner: Remembering

    def browser(self) -> TestClient:
        """Somebody's browser, nobody signed in."""
        return TestClient(self.app, base_url=PORTAL, raise_server_exceptions=False, follow_redirects=False)

    def signed_in(self, username: str) -> Browser:
        """A browser in which somebody has signed in at the issuer."""
        browser = self.browser()
        sign_in(browser, username)
        return Browser(browser)

    def api(self, username: str) -> TestClient:
        """A program with somebody's token."""
        program = self.browser()
        program.headers["Authorization"] = f"Bearer {token(self.cloud, username)}"
        program.base_url = f"{PORTAL}/api/v1"
        return program

    def fill(self, number: int = 1, at: datetime = NINE) -> Run:
        """A run that has ended."""
        return fill_ledger(self.audit.ledger, self.folder, number, at)


@pytest.fixture
def doors(cloud: Cloud, tmp_path: Path) -> Doors:
    audit = open_audit(cloud, tmp_path / "cache")
    runner = Remembering()
    app = create_app(
        company=acme(),
        issuer=f"{cloud.url}/_oidc",
        session_key="a key for tests",
        contributions=(contribution(audit, runner),),
    )
    return Doors(cloud, app, audit, tmp_path / "batches", runner)
