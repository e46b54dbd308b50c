"""Managed rules about volumes, snapshots and instances."""

from collections.abc import Iterable, Iterator

from moto.ec2.models.instances import Instance

from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, Compliance, ManagedRule, Setting, Trigger, Verdict, judge, judge_account

VOLUME = "AWS::EC2::Volume"
INSTANCE = "AWS::EC2::Instance"
TERMINATED = "terminated"


def judge_default_encryption(place: Place, _: Setting) -> Iterable[Verdict]:
    """New EBS volumes of the account in this region are encrypted by default."""
    fine = bool(place.ec2.ebs_encryption_by_default)
    return judge_account(place, fine, "EBS encryption by default is not enabled.")


def judge_volumes(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Attached volumes are encrypted, with the wanted key where one is given; loose ones are not looked at."""
    wanted = setting.parameters.get("kmsId", "")
    for volume in list(place.ec2.volumes.values()):
        if volume.attachment is None:
            yield Verdict(VOLUME, volume.id, Compliance.NOT_APPLICABLE)
            continue
        fine = bool(volume.encrypted) and (not wanted or wanted in str(volume.kms_key_id))
        yield judge(VOLUME, volume.id, fine, "The attached volume is not encrypted.")


def judge_snapshots(place: Place, _: Setting) -> Iterable[Verdict]:
    """No snapshot of the account in this region can be restored by everybody."""
    shared = [
        snapshot.id
        for snapshot in place.ec2.snapshots.values()
        if "all" in snapshot.create_volume_permission_groups and snapshot.owner_id == place.account_id
    ]
    return judge_account(place, not shared, f"Publicly restorable snapshots: {', '.join(shared)}.")


def judge_metadata_service(place: Place, _: Setting) -> Iterator[Verdict]:
    """Instances answer metadata requests with a session token only."""
    for instance in _running(place):
        options = instance.metadata_options
        fine = options.http_tokens == "required" or options.http_endpoint == "disabled"
        yield judge(INSTANCE, instance.id, fine, "IMDSv2 is not required.")


def judge_public_addresses(place: Place, _: Setting) -> Iterator[Verdict]:
    """No instance has a public address."""
    for instance in _running(place):
        yield judge(INSTANCE, instance.id, not instance.public_ip, "The instance has a public IP address.")


def judge_volume_use(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Each volume is attached to an instance.

    Raises:
        NotImplementedError: with the parameter deleteOnTermination, which moto keeps nothing for.
    """
    if setting.is_true("deleteOnTermination"):
        raise NotImplementedError("deletion on termination is not modelled")
    for volume in list(place.ec2.volumes.values()):
        yield judge(VOLUME, volume.id, volume.attachment is not None, "The volume is attached to no instance.")


def judge_optimization(place: Place, _: Setting) -> Iterator[Verdict]:
    """Instances whose type allows it are optimised for EBS."""
    for instance in _running(place):
        fine = str(instance.ebs_optimized).lower() == "true"
        yield judge(INSTANCE, instance.id, fine, "EBS optimization is not enabled.")


def _running(place: Place) -> Iterator[Instance]:
    for reservation in list(place.ec2.reservations.values()):
        yield from (one for one in reservation.instances if one.state != TERMINATED)


RULES = (
    ManagedRule("EC2_EBS_ENCRYPTION_BY_DEFAULT", (ACCOUNT,), Trigger.PERIODIC, judge_default_encryption),
    ManagedRule("ENCRYPTED_VOLUMES", (VOLUME,), Trigger.CHANGE, judge_volumes),
    ManagedRule("EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK", (ACCOUNT,), Trigger.PERIODIC, judge_snapshots),
    ManagedRule("EC2_VOLUME_INUSE_CHECK", (VOLUME,), Trigger.CHANGE, judge_volume_use),
    ManagedRule("EBS_OPTIMIZED_INSTANCE", (INSTANCE,), Trigger.CHANGE, judge_optimization),
    ManagedRule("EC2_IMDSV2_CHECK", (INSTANCE,), Trigger.CHANGE, judge_metadata_service),
    ManagedRule("EC2_INSTANCE_NO_PUBLIC_IP", (INSTANCE,), Trigger.CHANGE, judge_public_addresses),
)
