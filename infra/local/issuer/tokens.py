"""Signed tokens with the claims that a Cognito user pool puts into its own.

Claims: *Understanding the access token* and *Understanding the identity token* in the Amazon Cognito developer
guide. Cognito's access tokens carry ``client_id`` and no ``aud``; so do these. A token's times are real time,
whatever the cloud's own clock does: browsers and libraries compare them with theirs.
"""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from infra.local.issuer.people import User

TOKEN_SECONDS = 3600
ALGORITHM = "RS256"


class InvalidTokenError(Exception):
    """The token is not one of this issuer's access tokens, or not any more."""


class Signer:
    """Signs and verifies with a key of its own, made when the process starts and never written down."""

    def __init__(self, issuer: str):
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)

    @property
    def header(self) -> dict[str, str]:
        """The header of every token."""
        return {"alg": ALGORITHM, "kid": str(self.key.kid)}

    def jwks(self) -> dict[str, Any]:
        """The public half of the key, as a JWK set."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def access_token(self, client_id: str, scope: str, user: User | None) -> str:
        """An access token for a person, or for the client itself where there is none."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "version": 2,
            "client_id": client_id,
            "token_use": "access",
            "scope": scope,
            "auth_time": now,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": str(uuid4()),
            **_holder(client_id, user),
        }
        return jwt.encode(self.header, claims, self.key, [ALGORITHM])

    def verify(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid access token; raises InvalidTokenError."""
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            token_use={"essential": True, "value": "access"},
            exp={"essential": True},
        )
        try:
            decoded = jwt.decode(token, self.key, [ALGORITHM])
            rules.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise InvalidTokenError(str(error)) from error
        return decoded.claims


def identity_claims(user: User) -> dict[str, Any]:
    """What an ID token and the userinfo endpoint say about a person."""
    return {
        "sub": user.subject,
        "email": user.person.email,
        "email_verified": True,
        "name": user.person.name,
        "cognito:username": user.username,
        "cognito:groups": list(user.person.groups),
    }


def _holder(client_id: str, user: User | None) -> dict[str, Any]:
    if user is None:
        return {"sub": client_id}
    return {"sub": user.subject, "username": user.username, "cognito:groups": list(user.person.groups)}
