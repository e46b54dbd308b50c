from typing import Any

import httpx2
import pytest
from botocore.exceptions import ClientError
from moto.iam.models import IAMBackend
from moto.s3.models import S3Backend

from tests.cloud import Cloud


def crash(*_: Any, **__: Any) -> None:
    raise KeyError("moto has a bug")


@pytest.mark.parametrize(
    ("service", "operation", "where", "what"),
    [("iam", "list_users", IAMBackend, "list_users"), ("s3", "list_buckets", S3Backend, "list_buckets")],
)
def test_where_moto_fails_the_answer_is_awss_own_and_the_log_says_why(
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

    assert failed.value.response["Error"]["Code"] == "InternalFailure"
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "moto has a bug" in caplog.text


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
