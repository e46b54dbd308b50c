"""The shell of the portal without a domain behind it, and an issuer of its own: no cloud is needed."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.testclient import TestClient
from werkzeug.exceptions import NotFound
from werkzeug.serving import BaseWSGIServer, make_server

from infra.local.issuer import Issuer, mount
from tests.cloud import ACME
from vending.core.company import Company, load_company
from vending.ports import Contribution
from vending.web.app import create_app
from vending.web.health import Check

PORTAL = "http://127.0.0.1:8080"


@dataclass
class RunningIssuer:
    """An issuer that answers on a port; `make_new` replaces it by another with the same address and new keys."""

    server: BaseWSGIServer
    issuer: Issuer

    def make_new(self) -> Issuer:
        self.issuer = Issuer(self.issuer.url, self.issuer_people)
        self.server.app = mount(NotFound(), self.issuer)
        return self.issuer

    @property
    def issuer_people(self) -> Mapping[str, Any]:
        return {name: user.person for name, user in self.issuer.users.items()}


@contextmanager
def running_issuer() -> Iterator[RunningIssuer]:
    """An issuer for the people of the example, until the block ends."""
    server = make_server("127.0.0.1", 0, NotFound(), threaded=True)
    issuer = Issuer(f"http://127.0.0.1:{server.port}/_oidc", acme().people)
    server.app = mount(NotFound(), issuer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield RunningIssuer(server, issuer)
    server.shutdown()
    thread.join()
    server.server_close()


def acme() -> Company:
    return load_company(ACME)


def shell(
    issuer: str, contributions: Sequence[Contribution] = (), checks: Mapping[str, Check] | None = None, **options: Any
) -> TestClient:
    """A browser in front of a portal that has only these contributions."""
    app = create_app(
        company=acme(), issuer=issuer, session_key="a key", contributions=contributions, checks=checks, **options
    )
    return TestClient(app, base_url=PORTAL, raise_server_exceptions=False, follow_redirects=False)


def sign_in(browser: TestClient, username: str, next_page: str = "/") -> Any:
    """Go the whole way: portal, issuer, back to the portal; gives its last answer."""
    to_issuer = browser.get("/auth/login", params={"next": next_page}).headers["location"]
    back = httpx2.post(to_issuer, data={"username": username}).headers["location"]
    return browser.get(back)
