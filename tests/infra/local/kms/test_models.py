import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud

EDWARDS = "ECC_NIST_EDWARDS25519"


def test_an_ed25519_key_signs_and_verifies(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = kms.create_key(KeySpec=EDWARDS, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    how = {"KeyId": key["KeyId"], "SigningAlgorithm": "ED25519_SHA_512", "MessageType": "RAW"}

    signed = kms.sign(Message=b"said", **how)

    assert (key["KeySpec"], key["SigningAlgorithms"]) == (EDWARDS, ["ED25519_SHA_512"])
    assert len(signed["Signature"]) == 64
    assert kms.verify(Message=b"said", Signature=signed["Signature"], **how)["SignatureValid"]
    assert not kms.verify(Message=b"denied", Signature=signed["Signature"], **how)["SignatureValid"]


@pytest.mark.parametrize(
    ("message", "algorithm"), [(bytes(4097), "ED25519_SHA_512"), (b"said", "ECDSA_SHA_256")], ids=["too long", "other"]
)
def test_it_signs_up_to_4096_bytes_and_with_its_own_algorithm_alone(
    cloud: Cloud, message: bytes, algorithm: str
) -> None:
    kms = cloud.client("kms")
    key = kms.create_key(KeySpec=EDWARDS, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]

    with pytest.raises(ClientError, match="ValidationException"):
        kms.sign(KeyId=key, Message=message, MessageType="RAW", SigningAlgorithm=algorithm)


def test_it_is_for_signing_alone(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="not compatible"):
        cloud.client("kms").create_key(KeySpec=EDWARDS, KeyUsage="ENCRYPT_DECRYPT")


def test_other_keys_are_as_they_were(cloud: Cloud) -> None:
    assert cloud.client("kms").create_key()["KeyMetadata"]["KeySpec"] == "SYMMETRIC_DEFAULT"
