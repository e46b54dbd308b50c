import httpx2
import pytest

from infra.local.service import page
from tests.cloud import Cloud

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20260105/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0"
)


def post(cloud: Cloud, operation: str, body: str) -> httpx2.Response:
    headers = {
        "Authorization": SIGNED,
        "X-Amz-Target": f"AWSOrganizationsV20161128.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return httpx2.post(cloud.url, headers=headers, content=body)


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", "\x00", '{"AccountId": 5}', '{"AccountId": {"a": 1}}'])
def test_a_malformed_body_is_an_error_of_the_client(cloud: Cloud, body: str) -> None:
    answer = post(cloud, "DescribeAccount", body)

    assert answer.status_code == 400
    assert answer.json()["__type"] in {"SerializationException", "InvalidInputException"}


def test_an_operation_aws_does_not_have_is_unknown(cloud: Cloud) -> None:
    answer = post(cloud, "DescribeEverything", "{}")

    assert (answer.status_code, answer.json()["__type"]) == (400, "UnknownOperationException")


def test_pages_follow_each_other_to_the_end() -> None:
    first, token = page([1, 2, 3, 4, 5], None, None, 2)
    second, token = page([1, 2, 3, 4, 5], token, None, 2)
    third, end = page([1, 2, 3, 4, 5], token, 20, 2)

    assert (first, second, third, end) == ([1, 2], [3, 4], [5], None)


@pytest.mark.parametrize("token", ["mine", "page--1", "page-6", "page-99999999999999999999"])
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        page([1, 2, 3, 4, 5], token, None, 2)
