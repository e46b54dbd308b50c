from contextlib import suppress
from typing import Any

import boto3
import httpx2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cloud import Cloud


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "name"),
    [
        ("organizations", "list_roots", {}, "organizations.ListRoots"),
        ("account", "list_regions", {}, "account.ListRegions"),
        ("ec2", "describe_vpcs", {}, "ec2.DescribeVpcs"),
        ("iam", "list_roles", {}, "iam.ListRoles"),
        ("sts", "get_caller_identity", {}, "sts.GetCallerIdentity"),
        ("dynamodb", "list_tables", {}, "dynamodb.ListTables"),
        ("s3", "list_buckets", {}, "s3.ListBuckets"),
        ("s3", "put_object", {"Bucket": "none", "Key": "a/b c", "Body": b"x"}, "s3.PutObject"),
        ("s3control", "get_public_access_block", {"AccountId": "123456789012"}, "s3control.GetPublicAccessBlock"),
        ("sso-admin", "list_instances", {}, "sso-admin.ListInstances"),
        ("sso", "list_accounts", {"accessToken": "none"}, "sso.ListAccounts"),
        ("controltower", "list_landing_zones", {}, "controltower.ListLandingZones"),
        ("cloudwatch", "describe_alarms", {}, "cloudwatch.DescribeAlarms"),
        ("stepfunctions", "list_state_machines", {}, "stepfunctions.ListStateMachines"),
        ("accessanalyzer", "list_analyzers", {}, "accessanalyzer.ListAnalyzers"),
        ("budgets", "describe_budgets", {"AccountId": "123456789012"}, "budgets.DescribeBudgets"),
        ("lambda", "list_functions", {}, "lambda.ListFunctions"),
    ],
)
def test_a_call_has_botocores_name_whatever_its_protocol(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, Any], name: str
) -> None:
    with suppress(ClientError):
        getattr(cloud.client(service), operation)(**parameters)

    assert list(httpx2.get(f"{cloud.url}/_cloud/calls").json()) == [name]


def test_a_presigned_call_is_known_by_its_query(cloud: Cloud) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=cloud.url,
        region_name="eu-west-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(signature_version="s3v4"),
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "none", "Key": "k"})

    httpx2.get(url)

    assert httpx2.get(f"{cloud.url}/_cloud/calls").json() == {"s3.GetObject": 1}


@pytest.mark.parametrize("path", ["/", "/somewhere/else", "/latest/meta-data/"])
def test_an_unsigned_call_is_refused_without_a_crash(cloud: Cloud, path: str) -> None:
    assert 400 <= httpx2.get(f"{cloud.url}{path}").status_code < 500
    assert 400 <= httpx2.post(f"{cloud.url}{path}", content=b"\xff\x00").status_code <= 501
