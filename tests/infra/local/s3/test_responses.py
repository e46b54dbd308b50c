"""S3 as plain boto3 finds it: buckets closed by birth, public access refused where it is blocked."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

REGION = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
CLOSED = dict.fromkeys(SWITCHES, True)


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return cloud.client("s3")


def public_policy(bucket: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@behaviour("s3.CreateBucket", "AmazonS3/latest/userguide/create-bucket-faq.html")
def test_a_new_bucket_is_closed(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", **REGION)

    assert s3.get_public_access_block(Bucket="ledger")["PublicAccessBlockConfiguration"] == CLOSED
    (rule,) = s3.get_bucket_ownership_controls(Bucket="ledger")["OwnershipControls"]["Rules"]
    assert rule == {"ObjectOwnership": "BucketOwnerEnforced"}


def test_the_first_bucket_of_us_east_1_is_closed_too(cloud: Cloud) -> None:
    s3 = cloud.client("s3", "us-east-1")

    s3.create_bucket(Bucket="ledger")

    assert s3.get_public_access_block(Bucket="ledger")["PublicAccessBlockConfiguration"] == CLOSED


@behaviour("s3.PutBucketPolicy", "AmazonS3/latest/userguide/access-control-block-public-access.html")
def test_a_public_policy_is_refused_while_the_bucket_blocks_it(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", **REGION)

    with pytest.raises(ClientError, match="BlockPublicPolicy") as refused:
        s3.put_bucket_policy(Bucket="ledger", Policy=public_policy("ledger"))

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@behaviour("s3.PutBucketPolicy", "AmazonS3/latest/userguide/access-control-block-public-access.html")
def test_a_public_policy_is_refused_while_the_account_blocks_it(cloud: Cloud, s3: Any) -> None:
    account = cloud.state.management_account_id
    s3.create_bucket(Bucket="ledger", **REGION)
    s3.delete_public_access_block(Bucket="ledger")
    control = cloud.client("s3control")
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=CLOSED)

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_bucket_policy(Bucket="ledger", Policy=public_policy("ledger"))

    control.delete_public_access_block(AccountId=account)
    s3.put_bucket_policy(Bucket="ledger", Policy=public_policy("ledger"))
    assert s3.get_bucket_policy(Bucket="ledger")["Policy"] == public_policy("ledger")


def test_a_policy_for_one_account_is_taken(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", **REGION)
    policy = public_policy("ledger").replace('"*"', '{"AWS": "arn:aws:iam::111122223333:root"}')

    s3.put_bucket_policy(Bucket="ledger", Policy=policy)

    assert s3.get_bucket_policy(Bucket="ledger")["Policy"] == policy


@behaviour("s3.PutBucketAcl", "AmazonS3/latest/userguide/about-object-ownership.html")
def test_lists_are_refused_where_the_owner_is_enforced(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", **REGION)

    with pytest.raises(ClientError, match="AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket="ledger", ACL="private")


def test_a_public_list_is_refused_while_it_is_blocked(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", ObjectOwnership="ObjectWriter", **REGION)

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_bucket_acl(Bucket="ledger", ACL="public-read")
    s3.delete_public_access_block(Bucket="ledger")
    s3.put_bucket_acl(Bucket="ledger", ACL="public-read")

    assert len(s3.get_bucket_acl(Bucket="ledger")["Grants"]) == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ACL": "private"}, "InvalidBucketAclWithObjectOwnership"),
        ({"ACL": "public-read", "ObjectOwnership": "ObjectWriter"}, "InvalidBucketAclWithBlockPublicAccessError"),
    ],
)
def test_a_bucket_is_not_made_with_a_list_that_cannot_be(s3: Any, more: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        s3.create_bucket(Bucket="ledger", **REGION, **more)

    assert "ledger" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_objects_go_in_and_out_as_ever(s3: Any) -> None:
    s3.create_bucket(Bucket="ledger", **REGION)

    s3.put_object(Bucket="ledger", Key="a/b.txt", Body=b"hello")

    assert s3.get_object(Bucket="ledger", Key="a/b.txt")["Body"].read() == b"hello"
