"""Signing in with the browser: OpenID Connect, authorisation code with PKCE, whoever the issuer is.

What is kept in the session is who signed in and which of the company's groups they are in; no token is kept.
The session is a signed cookie that scripts cannot read and other sites cannot send along with a post.
"""

from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from joserfc.errors import JoseError

from vending.core.company import Company
from vending.core.errors import IssuerUnanswered, NotSignedIn
from vending.web.claims import Person, read_person
from vending.web.csrf import check_csrf
from vending.web.tokens import discovery_url

SESSION_SECONDS = 8 * 3600
SCOPE = "openid email profile"
AUTH = "/auth/"
LOGIN = "/auth/login"

_UNANSWERED = (httpx2.HTTPError, ValueError)
"""What comes of an issuer that is not there or talks nonsense."""
_PERSON = "person"
_NEXT = "next"


def login_url(request: Request) -> str:
    """Where to sign in and come back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return LOGIN if asked == "/" else f"{LOGIN}?{urlencode({_NEXT: asked})}"


def signed_in(request: Request) -> Person | None:
    """Whom the session knows; None for a visitor."""
    kept = request.session.get(_PERSON)
    return Person(kept["username"], kept["name"], tuple(kept["groups"])) if kept else None


def routes(company: Company, issuer: str) -> APIRouter:
    """Sign in, come back, sign out."""
    router = APIRouter(include_in_schema=False)
    client = _client(company, issuer)
    groups = _known_groups(company)

    @router.get(LOGIN)
    async def login(request: Request, next: str = "/") -> Response:  # noqa: A002 (the name in the address)
        request.session[_NEXT] = _local(next)
        try:
            redirect: Response = await client.authorize_redirect(request, request.url_for("callback"))
        except _UNANSWERED as error:
            raise _silent(issuer) from error
        return redirect

    @router.get("/auth/callback", name="callback")
    async def callback(request: Request) -> Response:
        person = await _exchange(client, request, company, issuer)
        target = request.session.get(_NEXT, "/")
        request.session.clear()
        kept = [group for group in person.groups if group in groups]
        request.session[_PERSON] = {"username": person.username, "name": person.name, "groups": kept}
        return RedirectResponse(target, status_code=303)

    @router.post("/auth/logout", dependencies=[Depends(check_csrf)])
    async def logout(request: Request) -> Response:
        request.session.clear()
        page: Response = request.app.state.render(
            request, "signed_out.html", 200, {"elsewhere": await _end_of_session(client, request)}
        )
        return page

    return router


def _client(company: Company, issuer: str) -> "OAuth":
    return OAuth().register(
        "issuer",
        client_id=company.identity.portal_client,
        server_metadata_url=discovery_url(issuer),
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "none",
            "timeout": 5.0,
        },
    )


async def _exchange(client: "OAuth", request: Request, company: Company, issuer: str) -> Person:
    """The person behind the code that the issuer sent along; the code is spent by asking."""
    expected = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": company.identity.portal_client},
    }
    try:
        token = await client.authorize_access_token(request, claims_options=expected)
    except (OAuthError, JoseError) as error:
        raise NotSignedIn(
            f"Signing in did not work: {error.description or error.error}.", "Start again from the first page."
        ) from error
    except _UNANSWERED as error:
        raise _silent(issuer) from error
    return read_person(token.get("userinfo") or {})


async def _end_of_session(client: "OAuth", request: Request) -> str | None:
    """Where the issuer ends its own session; None when it does not say so, or does not answer."""
    try:
        metadata = await client.load_server_metadata()
    except _UNANSWERED:
        return None
    if not (endpoint := metadata.get("end_session_endpoint")):
        return None
    home = str(request.base_url)
    # Cognito calls the address `logout_uri`, OpenID Connect RP-Initiated Logout `post_logout_redirect_uri`.
    sent = {"client_id": client.client_id, "post_logout_redirect_uri": home, "logout_uri": home}
    return str(add_params_to_uri(endpoint, sent.items()))


def _known_groups(company: Company) -> frozenset[str]:
    """The groups that mean anything here: a cookie has no room for all that a big company has."""
    of_roles = {group for groups in company.roles.values() for group in groups}
    return frozenset(of_roles | {team.group for team in company.teams.values()})


def _local(target: str) -> str:
    """The address if it is one of this portal's own, else the first page."""
    parts = urlsplit(target)
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path and not parts.scheme and not parts.netloc else "/"


def _silent(issuer: str) -> IssuerUnanswered:
    return IssuerUnanswered(f"The issuer {issuer} did not answer.", "Try again; if it stays, tell an operator.")
