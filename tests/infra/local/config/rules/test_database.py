"""The rules about RDS."""

from typing import Any

import pytest

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


@pytest.fixture
def account(cloud: Cloud) -> str:
    return enrol(cloud, "eu-west-1")


@pytest.fixture
def rds(cloud: Cloud, account: str) -> Any:
    return cloud.session(account).client("rds")


def make_database(rds: Any, name: str, **more: Any) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="admin1",
        MasterUserPassword="not-a-real-one",
        **more,
    )


def test_storage_is_encrypted_or_found(cloud: Cloud, account: str, rds: Any) -> None:
    make_database(rds, "sealed", StorageEncrypted=True)
    make_database(rds, "plain")

    found = judge(cloud, account, "RDS_STORAGE_ENCRYPTED")

    assert found == {"sealed": "COMPLIANT", "plain": "NON_COMPLIANT"}


def test_a_database_on_the_internet_is_found(cloud: Cloud, account: str, rds: Any) -> None:
    make_database(rds, "open", PubliclyAccessible=True)
    make_database(rds, "inside", PubliclyAccessible=False)

    found = judge(cloud, account, "RDS_INSTANCE_PUBLIC_ACCESS_CHECK")

    assert found == {"open": "NON_COMPLIANT", "inside": "COMPLIANT"}


def test_a_snapshot_for_everybody_is_found(cloud: Cloud, account: str, rds: Any) -> None:
    make_database(rds, "source")
    rds.create_db_snapshot(DBSnapshotIdentifier="shared", DBInstanceIdentifier="source")

    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="shared", AttributeName="restore", ValuesToAdd=["all"])

    found = judge(cloud, account, "RDS_SNAPSHOTS_PUBLIC_PROHIBITED")
    assert [name for name, state in found.items() if state == "NON_COMPLIANT"] == ["shared"]
    assert judge(cloud, account, "RDS_SNAPSHOT_ENCRYPTED")["shared"] == "NON_COMPLIANT"
