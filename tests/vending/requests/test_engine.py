import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from vending.core.aws import Aws
from vending.core.errors import AwsFailed, AwsMissing, AwsThrottled
from vending.requests.dispatcher import wake
from vending.requests.engine import LambdaEngine

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:freehold-vending:live"
CALLBACK = "Y2FsbGJhY2s="


@pytest.fixture(scope="module")
def aws() -> Aws:
    """Lambda's client, whose answers the stub gives after it has held the parameters against AWS's own model."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")
    return Aws(session, "eu-west-1")


@pytest.fixture
def answers(aws: Aws) -> Iterator[Stubber]:
    with Stubber(aws.client("lambda")._raw) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def invocation() -> dict[str, Any]:
    return {
        "FunctionName": FUNCTION,
        "InvocationType": "Event",
        "DurableExecutionName": "req-1",
        "Payload": json.dumps({"request_id": "req-1"}).encode(),
    }


def test_an_execution_is_started_under_the_request_s_name(aws: Aws, answers: Stubber) -> None:
    answers.add_response("invoke", {"StatusCode": 202}, invocation())

    LambdaEngine(aws, FUNCTION).start("req-1")


def test_an_execution_that_exists_is_not_started_again(aws: Aws, answers: Stubber) -> None:
    answers.add_client_error("invoke", "DurableExecutionAlreadyStartedException", http_status_code=409)

    LambdaEngine(aws, FUNCTION).start("req-1")


def test_a_start_that_is_throttled_is_told(aws: Aws, answers: Stubber) -> None:
    answers.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)

    with pytest.raises(AwsThrottled):
        LambdaEngine(aws, FUNCTION).start("req-1")


def test_a_sleeping_execution_is_woken_with_json(aws: Aws, answers: Stubber) -> None:
    sent = {"CallbackId": CALLBACK, "Result": b'"granted"'}
    answers.add_response("send_durable_execution_callback_success", {}, sent)

    assert wake(LambdaEngine(aws, FUNCTION), CALLBACK, "granted") == 1


@pytest.mark.parametrize("code", ["CallbackTimeoutException", "ResourceNotFoundException"])
def test_a_callback_that_is_closed_is_missing(aws: Aws, answers: Stubber, code: str) -> None:
    for _ in range(2):
        answers.add_client_error("send_durable_execution_callback_success", code, http_status_code=400)

    with pytest.raises(AwsMissing):
        LambdaEngine(aws, FUNCTION).complete(CALLBACK, "granted")

    assert wake(LambdaEngine(aws, FUNCTION), CALLBACK, "granted") == 0


def test_a_wake_up_that_fails_otherwise_is_told(aws: Aws, answers: Stubber) -> None:
    answers.add_client_error("send_durable_execution_callback_success", "KMSAccessDeniedException")

    with pytest.raises(AwsFailed) as failed:
        LambdaEngine(aws, FUNCTION).complete(CALLBACK, "granted")

    assert not isinstance(failed.value, AwsMissing)
