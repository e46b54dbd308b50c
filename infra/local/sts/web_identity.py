"""The token of `sts:AssumeRoleWithWebIdentity`, checked as STS checks it before it looks at any policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from moto.iam.models import OpenIDConnectProvider, iam_backends

from infra.local.cloud import LocalCloud

ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"""

_OF_AWS = "https://aws.amazon.com/"
"""Claims that set session tags and a source identity begin so."""


class RejectedTokenError(Exception):
    """The token is not taken, whatever the role's policies say."""

    def __init__(self, sentence: str, code: str = "InvalidIdentityToken") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a provider vouches for."""

    account: str
    """The account that has the provider, and the role."""

    provider: str
    """ARN."""

    issuer: str
    """As the token writes it."""

    audience: str
    subject: str
    facts: Mapping[str, str | list[str]]
    """The condition keys that come from the token."""


def without_scheme(url: str) -> str:
    """As providers and condition keys name an issuer."""
    return url.partition("://")[2] or url


def check_token(cloud: LocalCloud, role_arn: str, token: str) -> Voucher:
    """What a token vouches for in the account of the role.

    Raises:
        RejectedTokenError: the token is no JWT, from an issuer that the account does not know or whose keys cannot
            be fetched from here, falsely signed, expired, or for another audience.
        NotImplementedError: for a token that sets session tags or a source identity.
    """
    claims = _read(token)
    issuer = without_scheme(str(claims.get("iss", "")))
    account = (role_arn.split(":") + [""] * 5)[4]
    provider = _provider(account, issuer, claims)
    _check_signature(cloud, issuer, token)
    _check_time(claims)
    if any(name.startswith(_OF_AWS) for name in claims):
        raise NotImplementedError("session tags and source identities out of tokens are not modelled")
    audience = _audience(provider, claims)
    subject = _needed(claims, "sub")
    facts: dict[str, str | list[str]] = {f"{issuer}:aud": audience, f"{issuer}:sub": subject}
    facts |= {f"{issuer}:{name}": _texts(claims[name]) for name in ("amr", "email") if name in claims}
    return Voucher(account, provider.arn, str(claims["iss"]), audience, subject, facts)


def _read(token: str) -> Mapping[str, Any]:
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError) as error:
        raise RejectedTokenError(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from error
    if not isinstance(claims, Mapping):
        raise RejectedTokenError("The ID Token provided is not a valid JWT.")
    return claims


def _provider(account: str, issuer: str, claims: Mapping[str, Any]) -> OpenIDConnectProvider:
    known = iam_backends[account]["aws"].open_id_providers if account in iam_backends else {}
    found = known.get(f"arn:aws:iam::{account}:oidc-provider/{issuer}")
    if found is None:
        raise RejectedTokenError(f"No OpenIDConnect provider found in your account for {claims.get('iss')}")
    return found


def _check_signature(cloud: LocalCloud, issuer: str, token: str) -> None:
    keys = cloud.issuer_keys.get(issuer)
    if keys is None:
        raise RejectedTokenError(
            "Couldn't retrieve verification key from your identity provider,  please reference "
            "AssumeRoleWithWebIdentity documentation for requirements"
        )
    try:
        jwt.decode(token, KeySet.import_key_set(dict(keys)), ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError) as error:
        raise RejectedTokenError("The web identity token that was passed could not be validated.") from error


def _check_time(claims: Mapping[str, Any]) -> None:
    """In real time, as the issuer's clock and the client's have it."""
    now = int(time.time())
    end = claims.get("exp")
    if not isinstance(end, int):
        raise RejectedTokenError("Missing a required claim: exp")
    if end <= now:
        raise RejectedTokenError(
            f"Token expired: current date/time {now} must be before the expiration date/time {end}",
            "ExpiredTokenException",
        )


def _audience(provider: OpenIDConnectProvider, claims: Mapping[str, Any]) -> str:
    """The audience that the provider knows: `azp` where the token has one, else one of `aud`."""
    offered = _texts(claims["azp"]) if "azp" in claims else _texts(claims.get("aud", ()))
    if not offered:
        raise RejectedTokenError("Missing a required claim: aud")
    for audience in offered:
        if audience in provider.client_id_list:
            return audience
    raise RejectedTokenError("Incorrect token audience")


def _needed(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise RejectedTokenError(f"Missing a required claim: {name}")
    return value


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
