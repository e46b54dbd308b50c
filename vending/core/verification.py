"""Checks signatures offline: with the content, the signature and a public key, and nothing else.

Apart from signing, which has to start fast and needs no cryptography of its own.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from vending.core.errors import BadInput, FieldError, FreeholdError
from vending.core.signing import Signature


class NotGenuine(FreeholdError):
    """The content is not what was signed, or another key signed it."""

    code = "not-genuine"
    http_status = 409


def check(content: bytes, signature: Signature, public_key: str) -> None:
    """Check offline that the holder of `public_key` (PEM) signed exactly `content`.

    Raises:
        NotGenuine: saying what does not fit.
        BadInput: when `public_key` is no Ed25519 key in PEM.
    """
    digest = hashlib.sha256(content)
    if digest.hexdigest() != signature.digest:
        remedy = "Trust nothing in it; get the original from where it was made."
        raise NotGenuine("The content was changed after it was signed: its SHA-256 is another.", remedy)
    try:
        _load(public_key).verify(base64.b64decode(signature.value, validate=True), digest.digest())
    except (InvalidSignature, ValueError) as error:
        remedy = "Check that this is the key that Freehold publishes; if it is, trust nothing in the content."
        raise NotGenuine("The signature is not of this key.", remedy) from error


def _load(pem: str) -> Ed25519PublicKey:
    remedy = "Give the key that Freehold publishes under /api/v1/signing-key."
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput.of(FieldError("key", "it is no public key in PEM", remedy)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput.of(FieldError("key", "it is no Ed25519 key", remedy))
    return key
