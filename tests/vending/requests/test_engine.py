import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from vending.core.aws import Aws
from vending.core.errors import AwsFailed, AwsMissing, AwsThrottled
from vending.requests.dispatcher import wake
from vending.requests.engine import Execution, LambdaEngine

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


FIRST, SECOND = Execution("req-1"), Execution("req-1", 2)


def invocation() -> dict[str, Any]:
    return {
        "FunctionName": FUNCTION,
        "InvocationType": "Event",
        "DurableExecutionName": "req-1",
        "Payload": json.dumps({"request_id": "req-1"}).encode(),
    }


def ended(name: str) -> dict[str, Any]:
    arn = f"{FUNCTION.removesuffix('live')}1"
    return {
        "DurableExecutionArn": f"{arn}/durable-execution/{name}/0",
        "DurableExecutionName": name,
        "FunctionArn": arn,
        "Status": "FAILED",
        "StartTimestamp": datetime(2026, 11, 25, tzinfo=UTC),
    }


def test_an_execution_is_started_under_the_request_s_name(aws: Aws, answers: Stubber) -> None:
    answers.add_response("invoke", {"StatusCode": 202}, invocation())

    LambdaEngine(aws, FUNCTION).start(FIRST)


def test_an_execution_that_exists_is_not_started_again(aws: Aws, answers: Stubber) -> None:
    answers.add_client_error("invoke", "DurableExecutionAlreadyStartedException", http_status_code=409)

    LambdaEngine(aws, FUNCTION).start(FIRST)


def test_what_takes_the_place_of_an_execution_that_broke_has_a_name_of_its_own(aws: Aws, answers: Stubber) -> None:
    answers.add_response("invoke", {"StatusCode": 202}, {**invocation(), "DurableExecutionName": "req-1_2"})

    LambdaEngine(aws, FUNCTION).start(SECOND)


def test_executions_that_broke_are_told_whatever_version_they_began_in(aws: Aws, answers: Stubber) -> None:
    asked = {"FunctionName": FUNCTION.removesuffix(":live"), "Statuses": ["FAILED", "TIMED_OUT", "STOPPED"]}
    operation = "list_durable_executions_by_function"
    answers.add_response(operation, {"DurableExecutions": [ended("req-1")], "NextMarker": "more"}, asked)
    answers.add_response(operation, {"NextMarker": "end"}, {**asked, "Marker": "more"})
    answers.add_response(operation, {"DurableExecutions": [ended("req-1_2")]}, {**asked, "Marker": "end"})

    assert LambdaEngine(aws, FUNCTION).broken() == {FIRST, SECOND}


def test_a_start_that_is_throttled_is_told(aws: Aws, answers: Stubber) -> None:
    answers.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)

    with pytest.raises(AwsThrottled):
        LambdaEngine(aws, FUNCTION).start(FIRST)


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
