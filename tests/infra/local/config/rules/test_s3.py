"""The rules about buckets, judged on buckets that plain boto3 made."""

import json
from typing import Any

import pytest

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge

OPEN = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
CLOSED = dict.fromkeys(OPEN, True)


@pytest.fixture
def account(cloud: Cloud) -> str:
    return enrol(cloud, "eu-west-1")


@pytest.fixture
def s3(cloud: Cloud, account: str) -> Any:
    return cloud.session(account).client("s3")


def make_bucket(s3: Any, name: str, **more: Any) -> str:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, **more)
    return name


def allow_everybody(bucket: str, action: str, **more: Any) -> str:
    resource = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def test_a_new_bucket_is_closed(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-new")

    assert judge(cloud, account, "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED") == {bucket: "COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_PUBLIC_READ_PROHIBITED") == {bucket: "COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_ACL_PROHIBITED") == {bucket: "COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED") == {bucket: "COMPLIANT"}


def test_a_bucket_without_its_block_fails_unless_it_is_excused(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-open")

    s3.delete_public_access_block(Bucket=bucket)

    rule = "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"
    assert judge(cloud, account, rule) == {bucket: "NON_COMPLIANT"}
    assert judge(cloud, account, rule, excludedPublicBuckets="other, ada-open") == {bucket: "COMPLIANT"}


def test_a_policy_that_lets_everybody_read_is_found(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-read")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=OPEN)

    s3.put_bucket_policy(Bucket=bucket, Policy=allow_everybody(bucket, "s3:GetObject"))

    assert judge(cloud, account, "S3_BUCKET_PUBLIC_READ_PROHIBITED") == {bucket: "NON_COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_PUBLIC_WRITE_PROHIBITED") == {bucket: "COMPLIANT"}


def test_a_policy_that_lets_everybody_write_is_found(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-write")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=OPEN)

    s3.put_bucket_policy(Bucket=bucket, Policy=allow_everybody(bucket, "s3:PutObject"))

    assert judge(cloud, account, "S3_BUCKET_PUBLIC_WRITE_PROHIBITED") == {bucket: "NON_COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_PUBLIC_READ_PROHIBITED") == {bucket: "COMPLIANT"}


def test_the_accounts_block_takes_a_public_policy_back(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-taken-back")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=OPEN)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow_everybody(bucket, "s3:GetObject"))

    control = cloud.session(account).client("s3control")
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=CLOSED)

    assert judge(cloud, account, "S3_BUCKET_PUBLIC_READ_PROHIBITED") == {bucket: "COMPLIANT"}


def test_a_public_list_is_found(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-listed", ObjectOwnership="BucketOwnerPreferred")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=OPEN)

    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")

    assert judge(cloud, account, "S3_BUCKET_PUBLIC_READ_PROHIBITED") == {bucket: "NON_COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_ACL_PROHIBITED") == {bucket: "NON_COMPLIANT"}


def test_an_account_without_its_block_fails_until_all_four_switches_are_on(cloud: Cloud, account: str) -> None:
    rule = "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC"
    before = judge(cloud, account, rule)
    control = cloud.session(account).client("s3control")

    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=CLOSED)

    assert before == {account: "NON_COMPLIANT"}
    assert judge(cloud, account, rule) == {account: "COMPLIANT"}


def test_requests_without_tls_are_denied_or_the_bucket_fails(cloud: Cloud, account: str, s3: Any) -> None:
    bucket = make_bucket(s3, "ada-tls")
    before = judge(cloud, account, "S3_BUCKET_SSL_REQUESTS_ONLY")

    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = allow_everybody(bucket, "s3:*", Effect="Deny", Condition=condition)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)

    assert before == {bucket: "NON_COMPLIANT"}
    assert judge(cloud, account, "S3_BUCKET_SSL_REQUESTS_ONLY") == {bucket: "COMPLIANT"}


def test_versioning_is_seen(cloud: Cloud, account: str, s3: Any) -> None:
    versioned, plain = make_bucket(s3, "ada-versioned"), make_bucket(s3, "ada-plain")

    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})

    assert judge(cloud, account, "S3_BUCKET_VERSIONING_ENABLED") == {versioned: "COMPLIANT", plain: "NON_COMPLIANT"}


def test_a_bucket_is_judged_in_its_own_region_only(cloud: Cloud, account: str, s3: Any) -> None:
    make_bucket(s3, "ada-far")
    s3.delete_public_access_block(Bucket="ada-far")

    other = enrol(cloud, "us-east-1", name="search-dev")

    assert judge(cloud, other, "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", "us-east-1") == {}
