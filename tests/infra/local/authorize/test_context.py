"""The condition keys that a request answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from moto.core.request import Request

from infra.local.authorize.context import Context, facts_of_action, facts_of_request, requested_region
from infra.local.authorize.parameters import Mentions
from infra.local.call import Call

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
INSTANCE = "arn:aws:ec2:eu-west-1:111122223333:instance/*"
VOLUME = "arn:aws:ec2:eu-west-1:111122223333:volume/*"


def request(**headers: str) -> Request:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request.from_primitives("POST", "http://127.0.0.1:8081/", given)


def facts(action: str, resource: str, parameters: dict[str, Any], **headers: str) -> Context:
    return facts_of_action(action, resource, request(**headers).headers, Mentions(parameters))


@pytest.mark.parametrize(
    ("service", "region"),
    [
        ("iam", "us-east-1"),
        ("organizations", "us-east-1"),
        ("account", "us-east-1"),
        ("budgets", "us-east-1"),
        ("route53", "us-east-1"),
        ("sts", "eu-west-1"),
        ("s3", "eu-west-1"),
        ("controltower", "eu-west-1"),
    ],
)
def test_region_is_where_the_service_answers(service: str, region: str) -> None:
    assert requested_region(Call(service, "Any", "eu-west-1", "test")) == region


def test_facts_of_a_request() -> None:
    found = facts_of_request(request(User_Agent="aws-cli/2"), Call("ec2", "DescribeVpcs", "eu-west-1", "test"), NOW)

    assert found["aws:CurrentTime"] == "2026-01-05T09:00:00Z"
    assert found["aws:EpochTime"] == str(int(NOW.timestamp()))
    assert found["aws:SecureTransport"] == "true"
    assert found["aws:SourceIp"] == "127.0.0.1"
    assert found["aws:UserAgent"] == "aws-cli/2"


def test_keys_of_a_service_are_answered_by_parameters() -> None:
    launch = {"InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"}}

    found = facts("ec2:RunInstances", INSTANCE, launch)

    assert found["ec2:InstanceType"] == "t3.micro"
    assert found["ec2:MetadataHttpTokens"] == "required"
    assert "ec2:InstanceType" not in facts("ec2:RunInstances", VOLUME, launch)


@pytest.mark.parametrize(
    ("action", "resource", "parameters", "key", "value"),
    [
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/r", {"ExternalId": "x"}, "sts:ExternalId", "x"),
        (
            "iam:CreateRole",
            "arn:aws:iam::111122223333:role/r",
            {"PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"},
            "iam:PermissionsBoundary",
            "arn:aws:iam::111122223333:policy/b",
        ),
        ("s3:ListBucket", "arn:aws:s3:::b", {"Prefix": "home/"}, "s3:prefix", "home/"),
        (
            "kms:ScheduleKeyDeletion",
            "arn:aws:kms:eu-west-1:111122223333:key/k",
            {"PendingWindowInDays": 7},
            "kms:ScheduleKeyDeletionPendingWindowInDays",
            "7",
        ),
        ("account:EnableRegion", "*", {"RegionName": "af-south-1"}, "account:TargetRegion", "af-south-1"),
    ],
)
def test_key_of_another_name_is_found_too(
    action: str, resource: str, parameters: dict[str, Any], key: str, value: str
) -> None:
    assert facts(action, resource, parameters)[key] == value


def test_keys_of_s3_are_answered_by_headers() -> None:
    found = facts("s3:PutObject", "arn:aws:s3:::b/k", {"Bucket": "b"}, x_amz_acl="public-read")

    assert found["s3:x-amz-acl"] == "public-read"


@pytest.mark.parametrize(
    "parameters",
    [
        {"Tags": [{"Key": "team", "Value": "payments"}]},
        {"tags": {"team": "payments"}},
        {"Tags": [{"TagKey": "team", "TagValue": "payments"}]},
        {"Tagging": {"TagSet": [{"Key": "team", "Value": "payments"}]}},
        {"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "payments"}]}]},
    ],
)
def test_tags_of_a_request_are_found_in_every_form(parameters: dict[str, Any]) -> None:
    found = facts("ec2:RunInstances", INSTANCE, parameters)

    assert found["aws:RequestTag/team"] == "payments"
    assert found["aws:TagKeys"] == ["team"]


def test_tags_are_only_on_the_type_they_are_given_to() -> None:
    parameters = {"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "x"}]}]}

    assert "aws:RequestTag/team" not in facts("ec2:RunInstances", VOLUME, parameters)


def test_taking_tags_away_names_their_keys() -> None:
    found = facts("iam:UntagRole", "arn:aws:iam::111122223333:role/r", {"TagKeys": ["team"]})

    assert found["aws:TagKeys"] == ["team"]


def test_odd_tags_are_no_error() -> None:
    for tags in ("text", ["text"], [{"Value": "x"}], {"a": None}, None, 5):
        facts("ec2:RunInstances", INSTANCE, {"Tags": tags, "TagSpecifications": tags, "Tagging": tags})


def test_a_client_that_rehearses_plain_http_says_so() -> None:
    call = Call("s3", "GetObject", "eu-west-1", "test")

    assert facts_of_request(request(X_Forwarded_Proto="http"), call, NOW)["aws:SecureTransport"] == "false"
    assert facts_of_request(request(X_Forwarded_Proto="https"), call, NOW)["aws:SecureTransport"] == "true"
