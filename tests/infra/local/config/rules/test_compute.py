"""The rules about volumes, snapshots and instances."""

from typing import Any

import pytest

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


@pytest.fixture
def account(cloud: Cloud) -> str:
    return enrol(cloud, "eu-west-1", "us-east-1")


@pytest.fixture
def ec2(cloud: Cloud, account: str) -> Any:
    return cloud.session(account).client("ec2")


def start_instance(ec2: Any) -> str:
    image = ec2.register_image(Name="tiny", RootDeviceName="/dev/sda1")["ImageId"]
    started = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    made: str = started["Instances"][0]["InstanceId"]
    return made


def test_default_encryption_is_a_setting_of_each_region(cloud: Cloud, account: str, ec2: Any) -> None:
    ec2.enable_ebs_encryption_by_default()

    assert judge(cloud, account, "EC2_EBS_ENCRYPTION_BY_DEFAULT") == {account: "COMPLIANT"}
    assert judge(cloud, account, "EC2_EBS_ENCRYPTION_BY_DEFAULT", "us-east-1") == {account: "NON_COMPLIANT"}


def test_only_attached_volumes_have_to_be_encrypted(cloud: Cloud, account: str, ec2: Any) -> None:
    loose = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]
    attached = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]

    ec2.attach_volume(VolumeId=attached, InstanceId=start_instance(ec2), Device="/dev/sdf")

    found = judge(cloud, account, "ENCRYPTED_VOLUMES")
    assert (found[loose], found[attached]) == ("NOT_APPLICABLE", "NON_COMPLIANT")
    in_use = judge(cloud, account, "EC2_VOLUME_INUSE_CHECK")
    assert (in_use[loose], in_use[attached]) == ("NON_COMPLIANT", "COMPLIANT")


def test_a_snapshot_that_everybody_can_restore_is_found(cloud: Cloud, account: str, ec2: Any) -> None:
    volume = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    before = judge(cloud, account, "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK")

    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )

    assert before == {account: "COMPLIANT"}
    assert judge(cloud, account, "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK") == {account: "NON_COMPLIANT"}


def test_an_instance_is_judged_while_it_lives(cloud: Cloud, account: str, ec2: Any) -> None:
    instance = start_instance(ec2)
    rules = ("EC2_IMDSV2_CHECK", "EC2_INSTANCE_NO_PUBLIC_IP", "EBS_OPTIMIZED_INSTANCE")
    alive = {rule: judge(cloud, account, rule) for rule in rules}

    ec2.terminate_instances(InstanceIds=[instance])

    assert alive == {rule: {instance: "NON_COMPLIANT"} for rule in rules}
    assert {rule: judge(cloud, account, rule) for rule in rules} == {rule: {} for rule in rules}
