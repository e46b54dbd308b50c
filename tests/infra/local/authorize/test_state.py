"""Calls about what is nowhere, in regions that are none: who asks is answered, whatever the judge looks up for it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.authorize.ground import ADMINISTRATOR, as_role, make_account, make_role

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "get_item", {"TableName": "arn:aws:dynamodb:mars-1:{}:table/none", "Key": {"id": {"S": "1"}}}),
    ("kms", "describe_key", {"KeyId": "arn:aws:kms:mars-1:{}:alias/none"}),
    ("kms", "describe_key", {"KeyId": "arn:aws:kms:aws:{}:key/none"}),
    ("lambda", "get_function", {"FunctionName": "arn:aws:lambda::{}:function:none"}),
    ("secretsmanager", "describe_secret", {"SecretId": "arn:aws:secretsmanager:mars-1:{}:secret:none-abcdef"}),
    ("sns", "get_topic_attributes", {"TopicArn": "arn:aws:sns::{}:none"}),
    ("sns", "get_topic_attributes", {"TopicArn": "arn:aws:sns:mars-1:999999999999:none"}),
    ("sqs", "get_queue_attributes", {"QueueUrl": "none/"}),
    ("s3", "get_object", {"Bucket": "none", "Key": "a%2Fb/ü😀"}),
]


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=lambda each: each if str(each) else None)
def test_what_is_nowhere_is_answered_as_not_there(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    account = make_account(cloud)
    member = as_role(cloud, make_role(cloud, account, "admin", managed=ADMINISTRATOR))
    given = {name: each.format(account) if isinstance(each, str) else each for name, each in parameters.items()}

    with pytest.raises(ClientError) as refused:
        getattr(member.client(service), operation)(**given)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500


@pytest.mark.parametrize("service", ["cloudformation", "secretsmanager", "sesv2", "sqs"])
def test_a_service_in_a_region_that_is_none_is_refused_and_breaks_nothing(cloud: Cloud, service: str) -> None:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "cloudformation": ("describe_stacks", {"StackName": "none"}),
        "secretsmanager": ("describe_secret", {"SecretId": "none"}),
        "sesv2": ("send_email", {"FromEmailAddress": "a@acme.example", "Content": {}}),
        "sqs": ("get_queue_url", {"QueueName": "none"}),
    }
    operation, parameters = calls[service]

    with pytest.raises(ClientError) as refused:
        getattr(cloud.client(service, "mars-1"), operation)(**parameters)

    assert refused.value.response["Error"]["Code"] != "InternalFailure"
