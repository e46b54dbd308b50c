"""Who signs people in at a portal: the portal names the issuer, and the issuer describes itself."""

from typing import Any, Self

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from vending.core.address import is_loopback, is_private
from vending.core.errors import BadInput, FieldError, NotSignedIn
from vending.core.rest import HOW_TO_FIND_IT, PortalFailed
from vending.core.session import ANSWER_SECONDS, silent
from vending.web.claims import Person, read_person
from vending.web.resource import PATH, Resource
from vending.web.tokens import ALGORITHMS, LEEWAY_SECONDS, discovery_url


class Issuer(BaseModel):
    """What its own description says (OpenID Connect Discovery 1.0, section 3), and what it calls the command line."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    client_id: str
    scope: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str | None = None

    @classmethod
    def of_portal(cls, portal: str) -> Self:
        """The issuer whose tokens a portal takes.

        Raises:
            BadInput: when the portal, or the issuer, is at an address to which no token may be sent.
            PortalFailed: when no portal answers.
            IssuerUnanswered: when the issuer does not describe itself.
        """
        _check_private("FREEHOLD_URL", portal)
        told = _of_portal(portal)
        where, *_ = told.authorization_servers
        known = {"client_id": told.freehold_cli_client_id, "scope": " ".join(told.scopes_supported)}
        try:
            found = cls.model_validate({**_get(discovery_url(where)), **known})
        except (httpx2.HTTPError, ValueError) as error:
            raise silent(where) from error
        if found.issuer != where:
            raise silent(where)
        for endpoint in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            _check_private("issuer", endpoint)
        return found

    def read_identity(self, token: str, nonce: str) -> Person:
        """Whom an ID token names (OpenID Connect Core 1.0, section 3.1.3.7).

        Raises:
            NotSignedIn: when it is not this issuer's answer to the request with that nonce.
            IssuerUnanswered: when the issuer does not tell its keys.
        """
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            keys = KeySet.import_key_set(_get(self.jwks_uri))
        except (httpx2.HTTPError, ValueError, JoseError) as error:
            raise silent(self.issuer) from error
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn("The issuer's answer is not to the question that was asked.", "Try again.") from error
        return read_person(claims)


def _of_portal(portal: str) -> Resource:
    try:
        told = Resource.model_validate(_get(f"{portal}{PATH}"))
    except httpx2.TransportError as error:
        raise PortalFailed(f"No portal answers at {portal}/: {error}.", HOW_TO_FIND_IT) from error
    except (httpx2.HTTPError, ValidationError, ValueError) as error:
        raise PortalFailed(f"What answers at {portal} does not say who signs people in.", HOW_TO_FIND_IT) from error
    if told.resource != portal or not told.authorization_servers:
        raise PortalFailed(f"The portal at {portal} says that it is {told.resource}.", "Set FREEHOLD_URL to that.")
    return told


def _check_private(field: str, url: str) -> None:
    if not is_private(url):
        reason = f"{url} is neither https nor on this machine: whoever is between would read the token"
        raise BadInput.of(FieldError(field, reason, "Use its https address."))


def _get(url: str) -> Any:
    """A JSON object."""
    answer = httpx2.get(url, timeout=ANSWER_SECONDS, trust_env=not is_loopback(url)).raise_for_status().json()
    if not isinstance(answer, dict):
        raise ValueError(f"{url} is no JSON object")
    return answer
