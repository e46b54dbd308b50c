import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.local.provision import make_signing_key
from tests.cloud import Cloud
from tests.vending.web.ground import Session
from vending.core.aws import Aws
from vending.core.errors import AwsMissing, BadInput
from vending.core.signing import KmsSigner, canonical, to_pem
from vending.core.verification import NotGenuine, check

CONTENT = b"read back on Friday: " + bytes(5000)
"""More than KMS takes in one message."""


@pytest.fixture
def signer(cloud: Cloud) -> KmsSigner:
    aws = Aws(Session(cloud), "eu-west-1")
    make_signing_key(aws)
    return KmsSigner(aws)


def test_a_signature_is_checked_with_the_public_key_alone(signer: KmsSigner) -> None:
    signature = signer.sign(CONTENT)

    check(CONTENT, signature, signer.public_key)

    assert signature.key_id.startswith("arn:aws:kms:eu-west-1:123456789012:key/")
    assert signature.public_key == signer.public_key


def test_changed_content_is_not_genuine(signer: KmsSigner) -> None:
    signature = signer.sign(CONTENT)

    with pytest.raises(NotGenuine, match="changed after it was signed"):
        check(CONTENT + b".", signature, signer.public_key)


def test_a_digest_that_was_changed_with_the_content_is_not_genuine(signer: KmsSigner) -> None:
    forged = signer.sign(CONTENT).model_copy(update={"digest": signer.sign(b"other").digest})

    with pytest.raises(NotGenuine, match="not of this key"):
        check(b"other", forged, signer.public_key)


def test_the_key_that_travels_with_a_signature_is_not_believed(signer: KmsSigner) -> None:
    forger = Ed25519PrivateKey.generate()
    pem = to_pem(forger.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    true = signer.sign(CONTENT)
    value = base64.b64encode(forger.sign(bytes.fromhex(true.digest))).decode()
    forged = true.model_copy(update={"public_key": pem, "value": value})

    check(CONTENT, forged, pem)
    with pytest.raises(NotGenuine, match="not of this key"):
        check(CONTENT, forged, signer.public_key)


@pytest.mark.parametrize("key", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused(signer: KmsSigner, key: str) -> None:
    with pytest.raises(BadInput, match="key: it is no public key in PEM"):
        check(CONTENT, signer.sign(CONTENT), key)


def test_without_its_key_nothing_is_signed(cloud: Cloud) -> None:
    with pytest.raises(AwsMissing):
        KmsSigner(Aws(Session(cloud), "eu-west-1")).sign(CONTENT)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed")
def test_openssl_agrees(signer: KmsSigner, tmp_path: Path) -> None:
    signature = signer.sign(CONTENT)
    (tmp_path / "key.pem").write_text(signer.public_key)
    (tmp_path / "signature").write_bytes(base64.b64decode(signature.value))
    (tmp_path / "digest").write_bytes(bytes.fromhex(signature.digest))

    checking = "openssl pkeyutl -verify -rawin -in digest -sigfile signature -pubin -inkey key.pem"
    told = subprocess.run(checking.split(), cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "Signature Verified Successfully" in told.stdout


def test_json_is_signed_in_one_form_only() -> None:
    assert (
        canonical({"b": [1, None], "a": "é"})
        == canonical({"a": "é", "b": [1, None]})
        == '{"a":"é","b":[1,null]}'.encode()
    )
