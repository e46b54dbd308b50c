import time
from contextlib import nullcontext
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from infra.local.issuer import Issuer
from tests.vending.web.shell import RunningIssuer
from vending.core.errors import IssuerUnanswered, NotSignedIn
from vending.web.tokens import REFETCH_SECONDS, TokenVerifier

CLIENTS = frozenset({"freehold-cli", "freehold-portal"})


class Ticks:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def claims_of(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    """The claims of a good access token, but for the changes; a claim of None is left out."""
    good = {
        "iss": issuer.url,
        "exp": int(time.time()) + 600,
        "token_use": "access",
        "client_id": "freehold-cli",
        "username": "ada",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def sign(issuer: Issuer, claims: dict[str, Any], key: RSAKey | None = None) -> str:
    return jwt.encode(issuer.signer.header, claims, key or issuer.signer.key, ["RS256"])


def test_a_token_of_the_issuer_is_believed(issuer: RunningIssuer) -> None:
    claims = TokenVerifier(issuer.issuer.url, CLIENTS).verify(issuer.issuer.mint("ada"))

    assert claims["username"] == "ada"
    assert claims["cognito:groups"] == ["team-payments"]


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"token_use": "id"},
        {"token_use": None},
        {"client_id": "somebody-else"},
        {"client_id": None},
        {"nbf": 4_000_000_000},
    ],
)
def test_a_token_with_a_wrong_claim_is_not(issuer: RunningIssuer, changes: dict[str, Any]) -> None:
    token = sign(issuer.issuer, claims_of(issuer.issuer, **changes))

    with pytest.raises(NotSignedIn):
        TokenVerifier(issuer.issuer.url, CLIENTS).verify(token)


@pytest.mark.parametrize(
    ("kind", "use", "believed"), [("at+jwt", None, True), ("JWT", None, False), ("at+jwt", "id", False)]
)
def test_an_access_token_as_rfc_9068_has_it_is_believed(
    issuer: RunningIssuer, kind: str, use: str | None, believed: bool
) -> None:
    header = {**issuer.issuer.signer.header, "typ": kind}
    token = jwt.encode(header, claims_of(issuer.issuer, token_use=use), issuer.issuer.signer.key, ["RS256"])
    verifier = TokenVerifier(issuer.issuer.url, CLIENTS)

    with nullcontext() if believed else pytest.raises(NotSignedIn):
        assert verifier.verify(token)["username"] == "ada"


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "\ud800.a.b", "." * 5000])
def test_what_is_no_token_is_not(issuer: RunningIssuer, token: str) -> None:
    with pytest.raises(NotSignedIn):
        TokenVerifier(issuer.issuer.url, CLIENTS).verify(token)


def test_a_token_signed_by_somebody_else_under_the_issuers_key_id_is_not(issuer: RunningIssuer) -> None:
    token = sign(issuer.issuer, claims_of(issuer.issuer), RSAKey.generate_key(2048))

    with pytest.raises(NotSignedIn):
        TokenVerifier(issuer.issuer.url, CLIENTS).verify(token)


def test_the_public_key_used_as_a_shared_secret_does_not_sign(issuer: RunningIssuer) -> None:
    header = {**issuer.issuer.signer.header, "alg": "HS256"}
    public = OctKey.import_key(issuer.issuer.signer.key.as_pem(private=False).replace(b"-----", b""))
    token = jwt.encode(header, claims_of(issuer.issuer), public, ["HS256"])

    with pytest.raises(NotSignedIn):
        TokenVerifier(issuer.issuer.url, CLIENTS).verify(token)


def test_new_keys_are_fetched_but_not_at_every_callers_whim(issuer: RunningIssuer) -> None:
    ticks = Ticks()
    verifier = TokenVerifier(issuer.issuer.url, CLIENTS, ticks)
    verifier.verify(issuer.issuer.mint("ada"))
    renewed = issuer.make_new()

    with pytest.raises(NotSignedIn):
        verifier.verify(renewed.mint("ada"))
    ticks.seconds = REFETCH_SECONDS

    assert verifier.verify(renewed.mint("ada"))["username"] == "ada"


def test_without_the_issuers_keys_nothing_can_be_said() -> None:
    with pytest.raises(IssuerUnanswered, match="did not tell its keys"):
        TokenVerifier("http://127.0.0.1:1/_oidc", CLIENTS).verify("a.b.c")
