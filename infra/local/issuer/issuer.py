"""The issuer itself: its endpoints, and the two things the rest of the cloud asks it for."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from authlib.common.security import generate_token
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask, Response, jsonify, render_template, request
from typing_extensions import override
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from infra.local.issuer.clients import API_SCOPE, AS_GRANT, SCOPES, Client, known_clients, matches_registered
from infra.local.issuer.codes import Outstanding, Refresh
from infra.local.issuer.grants import (
    AsPerson,
    AuthorizationCode,
    ClientCredentials,
    IdToken,
    RefreshToken,
    RequiredChallenge,
)
from infra.local.issuer.people import User, users_of
from infra.local.issuer.tokens import ALGORITHM, TOKEN_SECONDS, InvalidTokenError, Signer, identity_claims
from vending.core.company import Person

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PATH = "/_oidc"


class Issuer:
    """One issuer, for the people of one company (``Company.people``, by username).

    ``url`` is the address outsiders use, path included (``http://127.0.0.1:8081/_oidc``): it is the ``iss`` of
    every token, and tokens are only good for who trusts exactly that. ``now`` is real time in seconds and decides
    how old a code may get.
    """

    def __init__(self, url: str, people: Mapping[str, Person], now: Callable[[], float] = time.time):
        self.url = url
        self.users = users_of(people)
        self.clients = known_clients()
        self.signer = Signer(url)
        self.outstanding = Outstanding(now)
        self.app = _serve(self)

    def mint(self, username: str, client_id: str = "freehold-cli") -> str:
        """An access token as if the person had signed in with that client; KeyError for an unknown name."""
        scope = self.clients[client_id].get_allowed_scope(None)
        return self.signer.access_token(client_id, scope, self.users[username])

    def verify(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid access token of this issuer; raises InvalidTokenError."""
        return self.signer.verify(token)


def mount(app: "WSGIApplication", issuer: Issuer) -> "WSGIApplication":
    """``app`` with the issuer in front of it under the path of its address."""
    return DispatcherMiddleware(app, {urlsplit(issuer.url).path: issuer.app})


class _Server(AuthorizationServer):  # type: ignore[misc]
    def __init__(self, app: Flask, issuer: Issuer):
        self.issuer = issuer
        super().__init__(app, issuer.clients.get, self._keep_refresh_token)
        self.register_grant(AuthorizationCode, [RequiredChallenge(required=True), IdToken(issuer)])
        self.register_grant(RefreshToken, [IdToken(issuer)])
        self.register_grant(ClientCredentials)
        self.register_grant(AsPerson, [IdToken(issuer)])
        self.register_endpoint(_EndSession)
        self.register_endpoint(_Revocation)

    @override
    def create_bearer_token_generator(self, config: Mapping[str, Any]) -> BearerTokenGenerator:
        return BearerTokenGenerator(
            self._access_token,
            lambda **_: generate_token(48),
            lambda _client, _grant: TOKEN_SECONDS,
        )

    def _access_token(self, *, client: Client, user: User | None, scope: str, **_: object) -> str:
        return self.issuer.signer.access_token(client.client_id, scope, user)

    def _keep_refresh_token(self, token: dict[str, Any], asked: OAuth2Request) -> None:
        if value := token.get("refresh_token"):
            issued = self.issuer.outstanding.now()
            refresh = Refresh(asked.client.client_id, asked.user, token["scope"], issued)
            self.issuer.outstanding.keep_refresh(value, refresh)


class _EndSession(EndSessionEndpoint):  # type: ignore[misc]
    """Sends the browser back. The issuer keeps no session of its own, so there is nothing else to end."""

    def get_server_jwks(self) -> dict[str, Any]:
        return dict(self.server.issuer.signer.jwks())

    def get_algorithms(self) -> list[str]:
        return [ALGORITHM]

    @override
    def end_session(self, end_session_request: Any) -> None:
        """The portal has forgotten its session before it sent the browser here."""

    def is_post_logout_redirect_uri_legitimate(self, *_: Any) -> bool:
        """A registered address is enough: nobody can be signed out against their will here."""
        return True

    def _is_valid_post_logout_redirect_uri(self, client: Client, post_logout_redirect_uri: str) -> bool:
        return matches_registered(post_logout_redirect_uri, client.logout_uris)


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Takes a refresh token back. Like Cognito, it says yes to one that it does not know."""

    CLIENT_AUTH_METHODS = ("none",)
    SUPPORTED_TOKEN_TYPES = ("refresh_token",)

    @override
    def query_token(self, token_string: str, token_type_hint: str | None) -> Refresh | None:
        issuer: Issuer = self.server.issuer
        return issuer.outstanding.refresh(token_string)

    @override
    def revoke_token(self, token: Refresh, request: OAuth2Request) -> None:
        issuer: Issuer = self.server.issuer
        issuer.outstanding.forget_refresh(request.form["token"])


def _serve(issuer: Issuer) -> Flask:
    app = Flask("infra.local.issuer", template_folder="templates", static_folder=None)
    server = _Server(app, issuer)
    _add_documents(app, issuer)
    _add_sign_in(app, server, issuer)
    _add_tokens(app, server, issuer)
    return app


def _add_documents(app: Flask, issuer: Issuer) -> None:
    @app.get("/.well-known/openid-configuration")
    def configuration() -> dict[str, Any]:
        return _configuration(issuer.url)

    @app.get("/.well-known/jwks.json")
    def jwks() -> dict[str, Any]:
        return issuer.signer.jwks()


def _add_sign_in(app: Flask, server: _Server, issuer: Issuer) -> None:
    @app.route("/oauth2/authorize", methods=["GET", "POST"])
    def authorize() -> Response | str | tuple[str, int]:
        try:
            grant = server.get_consent_grant()
        except OAuth2Error as error:
            return _refuse(server, error)
        except ValueError:  # Authlib's answer to characters that RFC 6749 does not let it quote back
            return render_template("refused.html", reason="A parameter has characters it may not have."), 400
        user = issuer.users.get(request.form.get("username", ""))
        if request.method == "GET" or user is None:
            return render_template("sign_in.html", users=issuer.users.values(), client=grant.client.client_id)
        return _typed(server.create_authorization_response(grant=grant, grant_user=user))

    @app.route("/logout", methods=["GET", "POST"])
    def logout() -> Response | str:
        return server.create_endpoint_response("end_session") or render_template("signed_out.html")


def _add_tokens(app: Flask, server: _Server, issuer: Issuer) -> None:
    @app.post("/oauth2/token")
    def token() -> Response | tuple[Response, int]:
        try:
            return _typed(server.create_token_response())
        except ValueError:  # as above
            return jsonify(error="invalid_request"), 400

    @app.post("/oauth2/revoke")
    def revoke() -> Response:
        return _typed(server.create_endpoint_response("revocation"))

    @app.route("/oauth2/userInfo", methods=["GET", "POST"])
    def userinfo() -> Response | tuple[Response, int, dict[str, str]]:
        try:
            claims = issuer.verify(request.headers.get("Authorization", "").removeprefix("Bearer "))
            user = issuer.users[claims["username"]]
        except (InvalidTokenError, KeyError):
            return jsonify(error="invalid_token"), 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return jsonify(identity_claims(user))


def _refuse(server: _Server, error: OAuth2Error) -> Response | tuple[str, int]:
    if error.redirect_uri:
        return _typed(server.handle_error_response(None, error))
    return render_template("refused.html", reason=error.description or error.error), 400


def _typed(response: Any) -> Response:
    assert isinstance(response, Response)
    return response


def _configuration(url: str) -> dict[str, Any]:
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/oauth2/authorize",
        "token_endpoint": f"{url}/oauth2/token",
        "userinfo_endpoint": f"{url}/oauth2/userInfo",
        "revocation_endpoint": f"{url}/oauth2/revoke",
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "end_session_endpoint": f"{url}/logout",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", AS_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": [*SCOPES, API_SCOPE],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }
