"""The portal and the REST API as one ASGI application."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Depends, FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from vending.core.company import Company
from vending.ports import Contribution
from vending.web import health, problems, resource, signin
from vending.web.callers import Callers
from vending.web.csrf import check_csrf
from vending.web.middleware import Threshold
from vending.web.panels import Panels
from vending.web.problems import Problem
from vending.web.rendering import STATIC, Renderer
from vending.web.tokens import TokenVerifier

API_PREFIX = "/api/v1"
SESSION_COOKIE = "freehold"

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "model": Problem,
        "description": "A problem (RFC 9457): what is wrong, and the way out.",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

_BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT", description="An access token of the configured issuer.")
"""Describes the scheme; `Callers` checks the token."""


def create_app(
    *,
    company: Company,
    issuer: str,
    session_key: str,
    contributions: Sequence[Contribution],
    checks: Mapping[str, health.Check] | None = None,
    session_cookie: str = SESSION_COOKIE,
    secure_cookies: bool = False,
) -> FastAPI:
    """Put the shell around what the packages contribute.

    `issuer` is the OIDC issuer's address, exactly as it stands in its tokens; `session_key` signs the session
    cookies, whose name tells portals on ports of the same host apart; `secure_cookies` is for a portal behind https.
    Nothing is fetched before the first request.
    """
    app = FastAPI(
        title="Freehold",
        version="1",
        summary="Accounts for teams, inside covenants that can be proved.",
        docs_url=None,
        redoc_url=None,
    )
    _add_identity(app, company, issuer, contributions)
    problems.install(app)
    app.include_router(health.routes(checks or {}))
    app.include_router(resource.routes(company, issuer))
    app.include_router(signin.routes(company, issuer))
    for contribution in contributions:
        _include(app, contribution)
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key,
        session_cookie=session_cookie,
        max_age=signin.SESSION_SECONDS,
        same_site="lax",
        https_only=secure_cookies,
    )
    app.add_middleware(Threshold)
    return app


def _add_identity(app: FastAPI, company: Company, issuer: str, contributions: Sequence[Contribution]) -> None:
    clients = frozenset({company.identity.portal_client, company.identity.cli_client})
    callers = Callers(company, TokenVerifier(issuer, clients))
    folders = [c.templates for c in contributions if c.templates]
    menu = [entry for c in contributions for entry in c.menu]
    app.state.identify = callers.identify
    app.state.visitor = callers.visitor
    renderer = Renderer(company.name, folders, menu, callers.visitor)
    app.state.render = renderer.render
    app.state.account_panels = Panels(renderer, [p for c in contributions for p in c.account_panels]).of_account


def _include(app: FastAPI, contribution: Contribution) -> None:
    if contribution.api:
        app.include_router(contribution.api, prefix=API_PREFIX, responses=_PROBLEMS, dependencies=[Security(_BEARER)])
    if contribution.pages:
        app.include_router(contribution.pages, include_in_schema=False, dependencies=[Depends(check_csrf)])


class _Static(StaticFiles):
    """Our own files. An address that carries a version changes with its content: a browser need not ask twice."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response
