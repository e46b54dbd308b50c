"""The programs that may ask for tokens, and where each may be sent back to."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin
from typing_extensions import override

SCOPES = ("openid", "email", "profile")
API_SCOPE = "freehold/api"
AS_GRANT = "urn:freehold:as"

MACHINE_SECRET = "a-secret-that-only-guards-a-laptop"  # noqa: S105 (printed in the docs, guards nothing)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def matches_registered(uri: str, registered: tuple[str, ...]) -> bool:
    """Whether ``uri`` is one of ``registered``, exactly; on the loopback interface any port will do.

    RFC 8252, section 7.3: a native program gets its port from the operating system when it starts to listen.
    """
    try:
        return any(_same_place(urlsplit(uri), urlsplit(one)) for one in registered)
    except ValueError:
        return False


def _same_place(asked: Any, registered: Any) -> bool:
    if asked.hostname in _LOOPBACK and asked.username is None:
        _ = asked.port  # raises ValueError where the port is no number
        asked = asked._replace(netloc=asked.hostname)
        registered = registered._replace(netloc=registered.hostname)
    return bool(asked == registered)


@dataclass(frozen=True)
class Client(ClientMixin):  # type: ignore[misc]
    """One registered client. Without a secret it is public, and PKCE is what protects its codes."""

    client_id: str
    grants: frozenset[str]
    redirect_uris: tuple[str, ...] = ()
    logout_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = (*SCOPES, API_SCOPE)
    secret: str | None = None

    @property
    def client_metadata(self) -> dict[str, Any]:
        """What dynamic registration would have stored (RFC 7591)."""
        return {"post_logout_redirect_uris": list(self.logout_uris)}

    def get_client_id(self) -> str:
        """The id the client calls itself by."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: every request has to say where it wants to be sent back to."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """The asked scopes that this client may have; all of them if it asks for none."""
        asked = scope.split() if scope else self.scopes
        return " ".join(one for one in asked if one in self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether a code may be sent there."""
        return matches_registered(redirect_uri, self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is this client's secret; compared in constant time."""
        return self.secret is not None and secrets.compare_digest(self.secret, client_secret)

    @override
    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A public client has nothing to prove itself with; a confidential one must use its secret."""
        return (method == "none") is (self.secret is None)

    def check_response_type(self, response_type: str) -> bool:
        """Only the authorisation code flow is served."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client is registered for this way to get a token."""
        return grant_type in self.grants


def known_clients() -> dict[str, Client]:
    """The portal and the command line, both public with PKCE, and a machine with a secret."""
    signed_in = frozenset({"authorization_code", "refresh_token"})
    return {
        client.client_id: client
        for client in (
            Client(
                "freehold-portal",
                signed_in,
                redirect_uris=_on_loopback("/auth/callback"),
                logout_uris=_on_loopback("/", ""),
            ),
            Client(
                "freehold-cli",
                signed_in | {AS_GRANT},
                redirect_uris=_on_loopback("/callback"),
                logout_uris=_on_loopback("/", ""),
            ),
            Client(
                "freehold-machine",
                frozenset({"client_credentials"}),
                scopes=(API_SCOPE,),
                secret=MACHINE_SECRET,
            ),
        )
    }


def _on_loopback(*paths: str) -> tuple[str, ...]:
    return tuple(f"http://{host}{path}" for host in ("127.0.0.1", "localhost", "[::1]") for path in paths)
