from contextlib import suppress
from typing import Any

import boto3
import httpx2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local import signing
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
        ("sesv2", "list_email_identities", {}, "sesv2.ListEmailIdentities"),
        ("ses", "list_identities", {}, "ses.ListIdentities"),
        ("bedrock", "list_foundation_models", {}, "bedrock.ListFoundationModels"),
        ("bedrock-agent", "list_agents", {}, "bedrock-agent.ListAgents"),
        ("bedrock-runtime", "invoke_model", {"modelId": "m", "body": b"{}"}, "bedrock-runtime.InvokeModel"),
        ("apigatewayv2", "get_apis", {}, "apigatewayv2.GetApis"),
        ("opensearch", "list_domain_names", {}, "opensearch.ListDomainNames"),
        ("elb", "describe_load_balancers", {}, "elb.DescribeLoadBalancers"),
        ("elbv2", "describe_load_balancers", {}, "elbv2.DescribeLoadBalancers"),
        ("rds", "describe_db_instances", {}, "rds.DescribeDBInstances"),
        ("dynamodbstreams", "list_streams", {}, "dynamodbstreams.ListStreams"),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "e"}, "sagemaker-runtime.InvokeEndpoint"),
        ("lexv2-models", "list_bots", {}, "lexv2-models.ListBots"),
        ("service-quotas", "list_services", {}, "service-quotas.ListServices"),
        ("resourcegroupstaggingapi", "get_resources", {}, "resourcegroupstaggingapi.GetResources"),
    ],
)
def test_a_call_has_botocores_name_whatever_its_protocol(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, Any], name: str
) -> None:
    with suppress(ClientError):
        getattr(cloud.client(service), operation)(**parameters)

    assert list(httpx2.get(f"{cloud.url}/_cloud/calls").json()) == [name]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("bedrock-data-automation", "list_blueprints", {}),
        (
            "sagemaker-featurestore-runtime",
            "get_record",
            {"FeatureGroupName": "f", "RecordIdentifierValueAsString": "x"},
        ),
        ("greengrassv2", "list_components", {}),
        ("chime-sdk-voice", "list_voice_connectors", {}),
    ],
)
def test_a_service_that_signs_with_anothers_name_and_is_not_modelled_says_so(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=rf"NotImplemented.*does not model {service}\."):
        getattr(cloud.client(service), operation)(**parameters)


def test_every_service_of_botocore_is_found_by_the_name_it_signs_with() -> None:
    known = {signer.service: name for name, signers in signing._signers().items() for signer in signers}

    assert set(known) == set(boto3.Session().get_available_services())
    assert {"s3control": "s3", "sesv2": "ses", "sso-admin": "sso", "stepfunctions": "states"}.items() <= known.items()


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
