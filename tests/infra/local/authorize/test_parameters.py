"""What a request asks for, in the protocols of AWS."""

import io
from typing import Any

import pytest

from infra.local.authorize.parameters import Mentions, read_parameters
from infra.local.call import Call


def environ(method: str, path: str, body: bytes, **headers: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8081",
        "HTTP_HOST": "127.0.0.1:8081",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        **headers,
    }


def call(service: str, operation: str) -> Call:
    return Call(service, operation, "eu-west-1", "test")


FORM, JSON = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, {"CONTENT_TYPE": "application/x-amz-json-1.1"}


@pytest.mark.parametrize(
    ("service", "operation", "request_environ", "expected"),
    [
        (
            "iam",
            "GetRole",
            environ("POST", "/", b"Action=GetRole&RoleName=r", **FORM),
            {"RoleName": "r"},
        ),
        (
            "ec2",
            "TerminateInstances",
            environ("POST", "/", b"Action=TerminateInstances&InstanceId.1=i-1&InstanceId.2=i-2", **FORM),
            {"InstanceIds": ["i-1", "i-2"]},
        ),
        (
            "organizations",
            "DescribeAccount",
            environ("POST", "/", b'{"AccountId":"1"}', **JSON),
            {"AccountId": "1"},
        ),
        ("s3", "HeadObject", environ("HEAD", "/bucket/a/b", b""), {"Bucket": "bucket", "Key": "a/b"}),
        (
            "lambda",
            "GetFunction",
            environ("GET", "/2015-03-31/functions/f", b""),
            {"FunctionName": "f"},
        ),
    ],
)
def test_parameters_are_read_and_the_body_stays(
    service: str, operation: str, request_environ: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = read_parameters(request_environ, call(service, operation))

    assert {name: found[name] for name in expected} == expected
    assert len(request_environ["wsgi.input"].read()) == int(request_environ["CONTENT_LENGTH"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"AccountId":{"a":[1]}}'])
def test_body_that_does_not_fit_is_left_to_the_service(body: bytes) -> None:
    found = read_parameters(environ("POST", "/", body, **JSON), call("organizations", "DescribeAccount"))

    assert isinstance(found, dict)


def test_unknown_service_and_operation_have_no_parameters() -> None:
    assert read_parameters(environ("POST", "/", b"{}", **JSON), call("unknown", "unknown")) == {}
    assert read_parameters(environ("POST", "/", b"{}", **JSON), call("organizations", "Nothing")) == {}


def test_mentions_are_found_at_any_depth_under_any_case() -> None:
    mentions = Mentions({"A": {"roleArn": "arn:aws:iam::1:role/r"}, "B": [{"Name": "x"}, {"name": "y"}], "C": True})

    assert mentions.of("Name") == ["x", "y"]
    assert mentions.of("c", "none") == ["true"]
    assert mentions.arns() == ["arn:aws:iam::1:role/r"]
