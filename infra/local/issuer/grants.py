"""The ways to a token: Authlib's grants, joined to this issuer's people, codes and keys."""

from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, grants
from authlib.oauth2.rfc6749.grants.base import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc6749.hooks import hooked
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import RSAKey
from typing_extensions import override

from infra.local.issuer.clients import AS_GRANT, Client
from infra.local.issuer.codes import Code, Refresh
from infra.local.issuer.people import User
from infra.local.issuer.tokens import identity_claims

if TYPE_CHECKING:
    from infra.local.issuer.issuer import Issuer


class AuthorizationCode(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for a person who chose their name, changed once into tokens."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuth2Request, client: Client) -> str:
        """The place to send the answer to; a place that is not registered gets no answer at all."""
        uri = request.payload.redirect_uri
        if not uri or not client.check_redirect_uri(uri):
            raise InvalidRequestError("The redirect_uri is not registered for this client.")
        return str(uri)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep the code together with what the client has to prove when it comes back."""
        issuer: Issuer = self.server.issuer
        asked = request.payload.data
        issuer.outstanding.keep_code(
            code,
            Code(
                client_id=request.client.client_id,
                user=request.user,
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                nonce=asked.get("nonce"),
                code_challenge=asked["code_challenge"],
                code_challenge_method=asked["code_challenge_method"],
                issued=issuer.outstanding.now(),
            ),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """The code, if it was this client's, is fresh and was not asked for before."""
        issuer: Issuer = self.server.issuer
        return issuer.outstanding.take_code(code, client.client_id)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing is left to delete: looking the code up has spent it."""

    def authenticate_user(self, authorization_code: Code) -> User:
        """The person who signed in."""
        return authorization_code.user


class RequiredChallenge(CodeChallenge):  # type: ignore[misc]
    """PKCE with S256 for everybody: RFC 9700, section 2.1.1."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: BaseGrant, redirect_uri: str) -> None:
        """Refuse a request whose code could be used by whoever saw it."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: send code_challenge with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]
    """Adds an ID token to the answer where the scope has ``openid``."""

    def __init__(self, issuer: "Issuer"):
        super().__init__(require_nonce=False)
        self._issuer = issuer

    @override
    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """False: codes are single-use, and comparing the nonce is the client's part."""
        return False

    @override
    def resolve_client_private_key(self, client: Client) -> RSAKey:
        """The key of this process."""
        return self._issuer.signer.key

    @override
    def get_encode_header(self, client: Client) -> dict[str, str]:
        """The same header as the access token's."""
        return self._issuer.signer.header

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Who the token is from and for; Cognito writes the audience as a string."""
        return {"iss": self._issuer.url, "aud": client.client_id, "token_use": "id"}

    @override
    def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:
        """What the token says about the person."""
        return identity_claims(user)


class RefreshToken(grants.RefreshTokenGrant):  # type: ignore[misc]
    """New tokens for a session that goes on; the refresh token stays the same, as Cognito's does."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def authenticate_refresh_token(self, refresh_token: str) -> Refresh | None:
        """The token's holder, if it is one of ours and not too old."""
        issuer: Issuer = self.server.issuer
        return issuer.outstanding.refresh(refresh_token)

    def authenticate_user(self, refresh_token: Refresh) -> User:
        """The person who signed in."""
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Refresh) -> None:
        """Nothing is revoked: the same refresh token serves until it is too old."""


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """A token for a program that acts for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class AsPerson(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """A token as any person of the example, for whoever can reach this laptop's loopback interface.

    There is no such grant on AWS; ``freehold token --as`` and the demo use it here.
    """

    GRANT_TYPE = AS_GRANT
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def validate_token_request(self) -> None:
        """The client must be the command line's and the name one of the company file's."""
        self.request.client = self.authenticate_token_endpoint_client()
        if not self.request.client.check_grant_type(self.GRANT_TYPE):
            raise InvalidGrantError("This client may not act as a person.")
        user = self.server.issuer.users.get(self.request.form.get("username"))
        if user is None:
            raise InvalidGrantError("The company file knows no person of that username.")
        self.request.user = user

    @hooked  # type: ignore[untyped-decorator]
    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token, without a refresh token: asking again is as easy."""
        token = self.generate_token(
            user=self.request.user, scope=self.request.payload.scope, include_refresh_token=False
        )
        return 200, token, self.TOKEN_RESPONSE_HEADER
