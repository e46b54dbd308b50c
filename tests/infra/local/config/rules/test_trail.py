"""The rules about CloudTrail, the organisation's trail included."""

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


def make_trail(cloud: Cloud, account: str | None, **more: object) -> None:
    session = cloud.session(account) if account else cloud
    session.client("s3").create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    session.client("cloudtrail").create_trail(Name="all-events", S3BucketName="trails", **more)


def test_the_trail_of_the_organisation_records_every_member(cloud: Cloud) -> None:
    account = enrol(cloud, "us-east-1")

    make_trail(cloud, None, IsMultiRegionTrail=True, IsOrganizationTrail=True, EnableLogFileValidation=True)

    assert judge(cloud, account, "MULTI_REGION_CLOUD_TRAIL_ENABLED", "us-east-1") == {account: "COMPLIANT"}
    validated = judge(cloud, account, "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", "us-east-1")
    assert validated["all-events"] == "COMPLIANT"


def test_a_trail_of_one_region_is_not_enough(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    make_trail(cloud, account)

    wanted = {"s3BucketName": "trails"}
    assert judge(cloud, account, "MULTI_REGION_CLOUD_TRAIL_ENABLED", **wanted) == {account: "NON_COMPLIANT"}
    assert judge(cloud, account, "CLOUD_TRAIL_ENCRYPTION_ENABLED")["all-events"] == "NON_COMPLIANT"


def test_a_trail_that_does_not_log_is_not_enabled(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    make_trail(cloud, account)
    wanted = {"s3BucketName": "trails"}
    before = judge(cloud, account, "CLOUD_TRAIL_ENABLED", **wanted)

    cloud.session(account).client("cloudtrail").start_logging(Name="all-events")

    assert before == {account: "NON_COMPLIANT"}
    assert judge(cloud, account, "CLOUD_TRAIL_ENABLED", **wanted) == {account: "COMPLIANT"}
