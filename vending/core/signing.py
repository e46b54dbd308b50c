"""Signatures that anybody can check with a public key alone; `vending.core.verification` does.

The key is an Ed25519 key of AWS KMS and never leaves it. What is signed is the SHA-256 digest of the content, so that
content of any size fits (KMS takes 4,096 bytes: its API reference, Sign, read 2026-11-25); with OpenSSL:

    openssl dgst -sha256 -binary CONTENT >digest
    openssl pkeyutl -verify -rawin -in digest -sigfile SIGNATURE -pubin -inkey KEY.pem
"""

import base64
import hashlib
import json
from functools import cached_property
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from vending.core.aws import Aws

KEY_SPEC = "ECC_NIST_EDWARDS25519"
ALGORITHM = "ED25519_SHA_512"
"""KMS's name of Ed25519 over a message that is not hashed before; it goes with `MessageType` RAW alone."""
SIGNING_KEY = "alias/freehold-signing"
"""The key's usual alias."""


class Signature(BaseModel):
    """Who vouches for some content: travels beside it, as JSON."""

    model_config = ConfigDict(frozen=True)

    algorithm: Literal["ed25519-sha256"] = "ed25519-sha256"
    """Ed25519 over the 32 bytes of the content's SHA-256."""
    key_id: str
    """ARN of the key in KMS."""
    public_key: str
    """PEM of the key's public half. It proves nothing by itself: compare it with the one published."""
    digest: str
    """SHA-256 of the content, in hexadecimal."""
    value: str
    """The 64 bytes of the signature, in base64."""


class Signer(Protocol):
    """Signs with the one key of this Freehold."""

    @property
    def public_key(self) -> str:
        """The key's public half, as PEM.

        Raises:
            AwsFailed: when KMS does not give it.
        """
        ...

    def sign(self, content: bytes) -> Signature:
        """The signature of `content`, of any size.

        Raises:
            AwsFailed: when KMS does not sign.
        """
        ...


class KmsSigner:
    """Signs in KMS: `key` is an id, ARN or alias of an `ECC_NIST_EDWARDS25519` key for SIGN_VERIFY."""

    def __init__(self, aws: Aws, key: str = SIGNING_KEY) -> None:
        self._aws = aws
        self._key = key

    @cached_property
    def public_key(self) -> str:
        """Read once: KMS does not rotate asymmetric keys."""
        return to_pem(self._aws.client("kms").get_public_key(KeyId=self._key)["PublicKey"])

    def sign(self, content: bytes) -> Signature:
        """One call to KMS, and one more the first time."""
        digest = hashlib.sha256(content)
        signed = self._aws.client("kms").sign(
            KeyId=self._key, Message=digest.digest(), MessageType="RAW", SigningAlgorithm=ALGORITHM
        )
        value = base64.b64encode(signed["Signature"]).decode()
        found = {"key_id": signed["KeyId"], "public_key": self.public_key}
        return Signature(**found, digest=digest.hexdigest(), value=value)


def canonical(content: Any) -> bytes:
    """JSON as it is signed: keys sorted, no white space, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def to_pem(der: bytes) -> str:
    """A public key as PEM (RFC 7468) of its DER."""
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))
