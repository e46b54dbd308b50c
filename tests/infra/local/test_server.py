import boto3
import httpx2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cloud import Cloud, Credentials


def test_any_static_credentials_are_the_management_accounts(cloud: Cloud) -> None:
    someone = Credentials("AKIAWHOEVERTHISMAYBE", "anything")

    caller = cloud.client("sts", credentials=someone).get_caller_identity()

    assert caller["Account"] == "123456789012"
    assert caller["Arn"] == "arn:aws:iam::123456789012:user/administrator"


def test_every_call_is_counted_by_service_and_operation(cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(Bucket="ours", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    cloud.client("s3control").put_public_access_block(
        AccountId="123456789012", PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    cloud.client("dynamodb").list_tables()
    cloud.client("ec2").describe_vpcs()

    counted = httpx2.get(f"{cloud.url}/_cloud/calls").json()

    assert counted == {
        "dynamodb.ListTables": 1,
        "ec2.DescribeVpcs": 1,
        "s3.CreateBucket": 1,
        "s3control.PutPublicAccessBlock": 1,
    }


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("ec2", "describe_host_reservations"),
        ("chime", "list_accounts"),
        ("neptune-graph", "list_graphs"),
        ("sns", "get_sms_sandbox_account_status"),
        ("cloudfront", "list_anycast_ip_lists"),
    ],
)
def test_what_is_not_modelled_is_refused_loudly(cloud: Cloud, service: str, operation: str) -> None:
    client = cloud.client(service)

    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()

    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_client_that_puts_the_account_before_the_host_gets_here_by_naming_the_cloud_as_its_proxy(
    cloud: Cloud,
) -> None:
    config = Config(proxies={"http": cloud.url})
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "eu-west-1"}
    client = boto3.client("s3control", endpoint_url=cloud.url, config=config, **keys)

    client.put_public_access_block(AccountId="123456789012", PublicAccessBlockConfiguration={"BlockPublicAcls": True})

    answer = cloud.client("s3control").get_public_access_block(AccountId="123456789012")
    assert answer["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True


def test_s3_control_is_found_with_the_account_before_the_host_too(cloud: Cloud) -> None:
    cloud.client("s3control").put_public_access_block(
        AccountId="123456789012", PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    signed = "AWS4-HMAC-SHA256 Credential=test/20260105/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0"

    answer = httpx2.get(
        f"{cloud.url}/v20180820/configuration/publicAccessBlock",
        headers={"Host": "123456789012.localhost:8081", "x-amz-account-id": "123456789012", "Authorization": signed},
    )

    assert answer.status_code == 200
    assert "<BlockPublicAcls>true</BlockPublicAcls>" in answer.text.replace("True", "true")
