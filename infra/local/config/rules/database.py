"""Managed rules about RDS.

moto gives every instance the same DbiResourceId, so a DB instance is named here by its identifier.
"""

from collections.abc import Iterator
from typing import Any

from infra.local.config.place import Place
from infra.local.config.rule import ManagedRule, Setting, Trigger, Verdict, judge

INSTANCE = "AWS::RDS::DBInstance"
SNAPSHOT = "AWS::RDS::DBSnapshot"
CLUSTER_SNAPSHOT = "AWS::RDS::DBClusterSnapshot"


def databases(place: Place) -> list[Any]:
    """The DB instances of the region."""
    return list(place.rds.databases.values()) if place.rds else []


def judge_storage(place: Place, setting: Setting) -> Iterator[Verdict]:
    """Each DB instance encrypts its storage, with the wanted key where one is given."""
    wanted = setting.parameters.get("kmsKeyId", "")
    for database in databases(place):
        fine = bool(database.storage_encrypted) and wanted in ("", database.kms_key_id)
        yield judge(INSTANCE, database.db_instance_identifier, fine, "Storage is not encrypted.")


def judge_public_instances(place: Place, _: Setting) -> Iterator[Verdict]:
    """No DB instance is reachable from the internet."""
    for database in databases(place):
        fine = not database.publicly_accessible
        yield judge(INSTANCE, database.db_instance_identifier, fine, "The instance is publicly accessible.")


def judge_public_snapshots(place: Place, _: Setting) -> Iterator[Verdict]:
    """No snapshot can be restored by everybody."""
    for resource_type, snapshot_id, snapshot in _snapshots(place):
        fine = "all" not in snapshot.attributes.get("restore", [])
        yield judge(resource_type, snapshot_id, fine, "The snapshot is public.")


def judge_snapshot_encryption(place: Place, _: Setting) -> Iterator[Verdict]:
    """Each snapshot is encrypted."""
    for resource_type, snapshot_id, snapshot in _snapshots(place):
        yield judge(resource_type, snapshot_id, bool(snapshot.encrypted), "The snapshot is not encrypted.")


def _snapshots(place: Place) -> Iterator[tuple[str, str, Any]]:
    if place.rds is None:
        return
    for snapshot_id, snapshot in list(place.rds.database_snapshots.items()):
        yield SNAPSHOT, snapshot_id, snapshot
    for snapshot_id, cluster_snapshot in list(place.rds.cluster_snapshots.items()):
        yield CLUSTER_SNAPSHOT, snapshot_id, cluster_snapshot


RULES = (
    ManagedRule("RDS_STORAGE_ENCRYPTED", (INSTANCE,), Trigger.CHANGE, judge_storage),
    ManagedRule("RDS_INSTANCE_PUBLIC_ACCESS_CHECK", (INSTANCE,), Trigger.CHANGE, judge_public_instances),
    ManagedRule(
        "RDS_SNAPSHOTS_PUBLIC_PROHIBITED", (SNAPSHOT, CLUSTER_SNAPSHOT), Trigger.CHANGE, judge_public_snapshots
    ),
    ManagedRule("RDS_SNAPSHOT_ENCRYPTED", (SNAPSHOT, CLUSTER_SNAPSHOT), Trigger.CHANGE, judge_snapshot_encryption),
)
