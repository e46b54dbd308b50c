from typing import Any

import httpx2
import pytest
from botocore.exceptions import ClientError
from moto.iam.models import IAMBackend
from moto.s3.models import S3Backend

from infra.local.organizations.responses import OrganizationsResponse
from tests.cloud import Cloud


def crash(*_: Any, **__: Any) -> None:
    raise KeyError("somebody has a bug")


@pytest.mark.parametrize(
    ("service", "operation", "where", "what"),
    [("iam", "list_users", IAMBackend, "list_users"), ("s3", "list_buckets", S3Backend, "list_buckets")],
)
def test_where_moto_breaks_the_call_is_not_modelled_and_the_log_says_why(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    service: str,
    operation: str,
    where: Any,
    what: str,
) -> None:
    monkeypatch.setattr(where, what, crash)

    with pytest.raises(ClientError) as failed:
        getattr(cloud.client(service), operation)()

    assert failed.value.response["Error"]["Code"] == "NotImplemented"
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "somebody has a bug" in caplog.text


def test_a_body_that_is_no_text_is_refused_as_such(cloud: Cloud) -> None:
    headers = {
        "X-Amz-Target": "AWSOrganizationsV20161128.ListRoots",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/organizations/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }

    answer = httpx2.post(cloud.url, content=b"\xff\x00", headers=headers, trust_env=False)

    assert answer.status_code == 400
    assert answer.json()["__type"] == "SerializationException"


def test_where_the_cloud_itself_fails_the_answer_is_awss_own(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(OrganizationsResponse, "organization", property(crash))

    with pytest.raises(ClientError) as failed:
        cloud.client("organizations").list_roots()

    assert failed.value.response["Error"]["Code"] == "InternalFailure"
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "somebody has a bug" in caplog.text


def test_where_moto_takes_something_for_granted_the_call_is_not_modelled(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as failed:
        cloud.client("ec2").delete_transit_gateway(TransitGatewayId="tgw-none")

    assert failed.value.response["Error"]["Code"] == "NotImplemented"


def test_where_moto_itself_answers_that_it_broke_the_call_is_not_modelled(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as failed:
        cloud.client("xray").put_trace_segments(TraceSegmentDocuments=["5"])

    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
