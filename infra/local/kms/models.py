"""State of KMS: moto's, with Ed25519 keys, which moto does not have.

An Ed25519 key signs a message of up to 4,096 bytes as it is (KMS API reference, Sign; read 2026-11-25).
"""

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.kms.exceptions import ValidationException
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.utils import AbstractPrivateKey
from moto.moto_api._internal import mock_random

EDWARDS = "ECC_NIST_EDWARDS25519"
ALGORITHM = "ED25519_SHA_512"
MOST_BYTES = 4096


class EdwardsPrivateKey(AbstractPrivateKey):
    """The private half of an Ed25519 key, drawn by seed: it guards nothing."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(mock_random.randbytes(32))

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:  # noqa: ARG002
        """64 bytes."""
        return self._key.sign(_short(message))

    def verify(self, message: bytes, signature: bytes, signing_algorithm: str) -> bool:  # noqa: ARG002
        """Whether this key signed that message."""
        try:
            self._key.public_key().verify(signature, _short(message))
        except InvalidSignature:
            return False
        return True

    def public_key(self) -> bytes:
        """DER of the public half."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class EdwardsKey(Key):
    """A key of KMS for Ed25519."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.private_key = EdwardsPrivateKey()

    @property
    def signing_algorithms(self) -> list[str]:
        """What it can sign with."""
        return [ALGORITHM]


class LocalKmsBackend(KmsBackend):
    """KMS of one account and region."""

    def create_key(
        self,
        policy: str | None,
        key_usage: str,
        key_spec: str,
        description: str,
        tags: list[dict[str, str]] | None,
        multi_region: bool = False,
        origin: str = "AWS_KMS",
    ) -> Key:
        """A key; one for Ed25519 must be for signing."""
        if key_spec != EDWARDS:
            return super().create_key(policy, key_usage, key_spec, description, tags, multi_region, origin)
        if key_usage != "SIGN_VERIFY":
            raise ValidationException(f"KeyUsage {key_usage} is not compatible with KeySpec {key_spec}")
        where = (self.account_id, self.region_name)
        key = EdwardsKey(policy, key_usage, key_spec, description, *where, multi_region, origin)  # type: ignore[abstract]
        self.keys[key.id] = key
        if tags:
            self.tagger.tag_resource(key.id, tags)
        return key


def _short(message: bytes) -> bytes:
    if len(message) > MOST_BYTES:
        raise ValidationException(
            "1 validation error detected: Value at 'message' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_BYTES}"
        )
    return message


__all__ = ["LocalKmsBackend", "kms_backends"]

kms_backends.backend = LocalKmsBackend
