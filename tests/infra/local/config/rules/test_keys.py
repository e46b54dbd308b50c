"""The rules about KMS keys."""

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


def test_a_key_rotates_or_is_found(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    kms = cloud.session(account).client("kms")
    turning, still = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))

    kms.enable_key_rotation(KeyId=turning)

    found = judge(cloud, account, "CMK_BACKING_KEY_ROTATION_ENABLED")
    assert found == {turning: "COMPLIANT", still: "NON_COMPLIANT"}


def test_a_key_that_will_be_deleted_is_found(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    kms = cloud.session(account).client("kms")
    kept, doomed = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))

    kms.schedule_key_deletion(KeyId=doomed)

    found = judge(cloud, account, "KMS_CMK_NOT_SCHEDULED_FOR_DELETION")
    assert found == {kept: "COMPLIANT", doomed: "NON_COMPLIANT"}
