"""A portal with guardrails in it: the real shell, callers by a header instead of an issuer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from guardrails.pages import contribution
from guardrails.service import Guardrails
from tests.guardrails.ground import acme
from vending.core.errors import NotSignedIn
from vending.core.identity import Caller
from vending.core.rest import Rest
from vending.core.settings import Settings
from vending.web.app import create_app


def build_portal(service: Guardrails) -> FastAPI:
    """The shell around guardrails alone."""
    app = create_app(
        company=acme(),
        issuer="http://127.0.0.1:1/_oidc",
        session_key="a key for tests",
        contributions=[contribution(service)],
    )
    app.state.identify = _identify
    return app


def _identify(request: Request) -> Caller:
    username = request.headers.get("Authorization", "").removeprefix("Bearer ")
    person = acme().people.get(username)
    if person is None:
        raise NotSignedIn("Nobody is signed in.")
    return acme().caller(username, person.groups)


class InProcess(httpx2.BaseTransport):
    """Carries requests straight into an application."""

    def __init__(self, app: FastAPI) -> None:
        self._carrier = httpx2.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return asyncio.run(self._carry(request))

    async def _carry(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._carrier.handle_async_request(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def client(app: FastAPI, username: str) -> httpx2.Client:
    """Somebody's client of the whole portal."""
    headers = {"Authorization": f"Bearer {username}"}
    return httpx2.Client(transport=InProcess(app), base_url="http://127.0.0.1:8080", headers=headers)


@contextmanager
def command_line(app: FastAPI, username: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command line of somebody, its HTTP going straight into the portal."""

    def straight(settings: Settings) -> Rest:
        return Rest(httpx2.Client(transport=InProcess(app), base_url=f"{settings.portal_url}/api/v1", headers=headers))

    headers = {"Authorization": f"Bearer {username}"}
    with monkeypatch.context() as patch:
        patch.setattr(Rest, "from_settings", straight)
        yield
