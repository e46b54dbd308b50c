"""The doctor where a company has no Control Tower: its own trail and bucket, whole and in every broken state."""

import json
from collections.abc import Callable, Iterator

import pytest

from infra.doctor.aws import CHECKS
from infra.doctor.diagnosis import Diagnosis, Verdict, examine
from tests.cloud import Cloud, CloudSession
from tests.infra.doctor.ground import sight_of
from tests.vending.parts import connect, without_tower
from vending.core.deploying import TRAIL

BUCKET = str(without_tower().landing_zone.log_bucket)
RETENTION = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}


@pytest.fixture
def towerless(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    connect(cloud, monkeypatch)
    cloud.limits.enforced = False
    with cloud.of(without_tower()):
        yield cloud


def one(check: str) -> list[Diagnosis]:
    [chosen] = [each for each in CHECKS if each.id == check]
    return list(examine([chosen], sight_of(without_tower())))


def archive(cloud: Cloud) -> CloudSession:
    given = without_tower().aws
    assert given is not None, "the example says where it runs"
    return cloud.session(given.log_archive_account)


def _stop(cloud: Cloud) -> None:
    cloud.client("cloudtrail").stop_logging(Name=TRAIL)


def _delete(cloud: Cloud) -> None:
    cloud.client("cloudtrail").delete_trail(Name=TRAIL)


def _narrow(cloud: Cloud) -> None:
    _delete(cloud)
    cloud.client("cloudtrail").create_trail(Name="narrow", S3BucketName=BUCKET, IsOrganizationTrail=True)


def _empty(cloud: Cloud) -> None:
    archive(cloud).client("s3").delete_bucket_policy(Bucket=BUCKET)


def _let_cloudtrail_in_alone(cloud: Cloud) -> None:
    said = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject"}
    policy = {"Version": "2012-10-17", "Statement": [said | {"Resource": f"arn:aws:s3:::{BUCKET}/*"}]}
    archive(cloud).client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def _rebuild(cloud: Cloud, *, locked: bool = False) -> None:
    """The bucket away, and with `locked` one in its place that keeps everything."""
    s3 = archive(cloud).client("s3")
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    for version in s3.list_object_versions(Bucket=BUCKET).get("Versions", ()):
        s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)
    if locked:
        place = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
        s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration=RETENTION)
        s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)


def _lock(cloud: Cloud) -> None:
    _rebuild(cloud, locked=True)


BROKEN: tuple[tuple[str, Callable[[Cloud], None], str, str], ...] = (
    ("organization-trail", _stop, f"The trail {TRAIL} is stopped", "Start its logging"),
    ("organization-trail", _delete, "The organisation has no trail", "without-control-tower has the command"),
    ("organization-trail", _narrow, "The trail narrow is of one region alone", "all accounts and regions"),
    ("log-bucket", _empty, "has no policy, so Config cannot write", "without-control-tower"),
    ("log-bucket", _let_cloudtrail_in_alone, "does not let Config write", "Let config.amazonaws.com call"),
    ("log-bucket", _rebuild, f"no bucket {BUCKET}", "landing_zone.log_bucket"),
    ("log-bucket", _lock, "Object Lock keeps everything", "Take the default retention off"),
)


@pytest.mark.parametrize(
    ("check", "break_it", "what", "then"), BROKEN, ids=lambda g: g if isinstance(g, str) else g.__name__.strip("_")
)
def test_what_is_missing_is_told_with_the_way_out(
    towerless: Cloud, check: str, break_it: Callable[[Cloud], None], what: str, then: str
) -> None:
    before = [found.state for found in one(check)]

    break_it(towerless)
    [found] = one(check)

    assert before == [Verdict.OK]
    assert found.state is Verdict.MISSING
    assert what in found.what
    assert then in found.next


def test_an_ou_need_not_be_registered_with_anybody(towerless: Cloud) -> None:
    found = one("registered-ous")

    assert {one.state for one in found} == {Verdict.OK}
    assert [one.what for one in found] == [f"The OU {ou} is there." for ou in without_tower().ou_classes.values()]
