from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.authorize.ground import allow, document
from tests.infra.local.behaviour import behaviour

SPOKEN: dict[str, Any] = {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
NONE = ["nonsense", "{}", '{"Statement": 1}', '{"Statement": [{"Effect": "Allow"}]}']


def put(cloud: Cloud, service: str, policy: str) -> Any:
    """As the policy of a new resource of that service."""
    client = cloud.client(service)
    if service == "kms":
        return client.put_key_policy(
            KeyId=client.create_key()["KeyMetadata"]["KeyId"], PolicyName="default", Policy=policy
        )
    if service == "s3":
        client.create_bucket(Bucket="guarded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        return client.put_bucket_policy(Bucket="guarded", Policy=policy)
    if service == "secretsmanager":
        client.create_secret(Name="guarded", SecretString="x")
        return client.put_resource_policy(SecretId="guarded", ResourcePolicy=policy)
    if service == "sqs":
        url = client.create_queue(QueueName="guarded")["QueueUrl"]
        return client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    topic = client.create_topic(Name="guarded")["TopicArn"]
    return client.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


CODES = {
    "kms": "MalformedPolicyDocumentException",
    "s3": "MalformedPolicy",
    "secretsmanager": "MalformedPolicyDocumentException",
    "sns": "InvalidParameter",
    "sqs": "InvalidAttributeValue",
}


@behaviour("s3.PutBucketPolicy", "AmazonS3/latest/API/ErrorResponses.html")
@pytest.mark.parametrize("service", sorted(CODES))
def test_a_resource_takes_no_policy_that_cannot_be_read(cloud: Cloud, service: str) -> None:
    for policy in NONE:
        with pytest.raises(ClientError) as refused:
            put(cloud, service, policy)

        assert refused.value.response["Error"]["Code"] == CODES[service]
        cloud.reset()


@pytest.mark.parametrize("service", sorted(CODES))
def test_a_resource_takes_one_that_can(cloud: Cloud, service: str) -> None:
    answer = put(cloud, service, document(allow(f"{service}:*", **SPOKEN)))

    assert answer["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
