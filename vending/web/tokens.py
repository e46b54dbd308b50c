"""Checking the access tokens that programs bring, against the keys that the issuer publishes."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from vending.core.errors import IssuerUnanswered, NotSignedIn

ALGORITHMS = ["RS256", "ES256"]
"""Signatures only: a token that names a shared-secret algorithm, or none, is refused before its key is looked up."""
LEEWAY_SECONDS = 30
FETCH_SECONDS = 5.0
REFETCH_SECONDS = 5.0
"""A token with an unknown key id makes us ask for the keys again, but no more often than this."""

_INVALID = "The bearer token is not valid here, or not any more."
_REMEDY = "Sign in again with `freehold login`; on a laptop `freehold token --as NAME` prints a new token too."


class TokenVerifier:
    """Knows one issuer. The keys are fetched with the first token, and again when a token names an unknown key."""

    def __init__(self, issuer: str, clients: frozenset[str], ticks: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._ticks = ticks
        self._keys = KeySet([])
        self._fetched: float | None = None
        self._lock = threading.Lock()
        self._rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            exp={"essential": True},
            client_id={"essential": True, "values": sorted(clients)},
        )

    def verify(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid access token.

        Raises:
            NotSignedIn: when it is not one of this issuer's access tokens for a known client, or not any more.
            IssuerUnanswered: when the issuer's keys are needed and cannot be had.
        """
        try:
            found = self._decode(token)
            self._rules.validate(found.claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(_INVALID, _REMEDY) from error
        if not _gives_access(found):
            raise NotSignedIn(_INVALID, _REMEDY)
        return found.claims

    def _decode(self, token: str) -> jwt.Token:
        if self._fetched is None:
            self._fetch()
        try:
            return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            self._fetch()
            return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    def _fetch(self) -> None:
        with self._lock:
            if self._fetched is not None and self._ticks() - self._fetched < REFETCH_SECONDS:
                return
            try:
                self._keys = KeySet.import_key_set(_get(_get(discovery_url(self._issuer))["jwks_uri"]))
            except (httpx2.HTTPError, KeyError, ValueError, JoseError) as error:
                raise IssuerUnanswered(
                    f"The issuer {self._issuer} did not tell its keys.", "Try again; if it stays, tell an operator."
                ) from error
            self._fetched = self._ticks()


def _gives_access(token: jwt.Token) -> bool:
    """Whether it is an access token: Cognito says so in a claim, whoever follows RFC 9068 in the header."""
    if (said := token.claims.get("token_use")) is not None:
        return bool(said == "access")
    return str(token.header.get("typ", "")).lower().removeprefix("application/") == "at+jwt"


def discovery_url(issuer: str) -> str:
    """Where an issuer describes itself (OpenID Connect Discovery 1.0, section 4)."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _get(url: str) -> Any:
    return httpx2.get(url, timeout=FETCH_SECONDS, follow_redirects=True).raise_for_status().json()
