"""What a call must be like for AWS to read it, by plain HTTP: moto's services and ours, in every protocol."""

import json
from xml.etree import ElementTree

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from moto.core.utils import get_service_model

from tests.cloud import Cloud

JSON, FORM = "application/x-amz-json-1.1", "application/x-www-form-urlencoded"
DEEP = "[" * 2000
TARGETS = {
    "organizations": "AWSOrganizationsV20161128",
    "config": "StarlingDoveService",
    "dynamodb": "DynamoDB_20120810",
    "sso-admin": "SWBExternalService",
    "events": "AWSEvents",
    "kms": "TrentService",
    "ssm": "AmazonSSM",
}
SIGNS = {"sso-admin": "sso"}
QUERIES = ["cloudformation", "ec2", "iam", "sns", "sts"]


def signature(service: str) -> dict[str, str]:
    scope = f"test/20260105/us-east-1/{SIGNS.get(service, service)}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def call_json(cloud: Cloud, service: str, operation: str, body: str | bytes) -> httpx2.Response:
    headers = {**signature(service), "X-Amz-Target": f"{TARGETS[service]}.{operation}", "Content-Type": JSON}
    return httpx2.post(cloud.url, headers=headers, content=body)


def call_query(cloud: Cloud, service: str, body: str | bytes) -> httpx2.Response:
    return httpx2.post(cloud.url, headers={**signature(service), "Content-Type": FORM}, content=body)


def call_rest(cloud: Cloud, service: str, method: str, path: str, body: str | bytes = b"") -> httpx2.Response:
    return httpx2.request(method, f"{cloud.url}{path}", headers=signature(service), content=body)


def code_of(answer: httpx2.Response) -> str:
    """The code in the body of an error, in JSON or XML."""
    if answer.text.lstrip().startswith("<"):
        found = ElementTree.fromstring(answer.text.encode()).find(".//{*}Code")
        assert found is not None
        return found.text or ""
    told = answer.json()
    return str(told.get("__type") or told.get("code") or answer.headers["x-amzn-errortype"]).rpartition("#")[2]


@pytest.mark.parametrize("service", ["dynamodb", "events", "kms", "organizations", "config"])
@pytest.mark.parametrize(
    "body", ["{", "[]", '"text"', "null", "\x00", DEEP, b"\xff\x00", '{"Limit": NaN}', '{"a": "\\ud800"}']
)
def test_a_body_that_is_no_json_cannot_be_read(cloud: Cloud, service: str, body: str | bytes) -> None:
    operation = {"dynamodb": "ListTables", "events": "ListRules", "kms": "ListKeys", "organizations": "ListRoots"}

    answer = call_json(cloud, service, operation.get(service, "DescribeConfigRules"), body)

    assert (answer.status_code, code_of(answer)) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("service", "operation", "body", "code"),
    [
        ("dynamodb", "ListTables", {"Limit": "many"}, "SerializationException"),
        ("dynamodb", "ListTables", {"Limit": True}, "SerializationException"),
        ("dynamodb", "ListTables", {"Limit": 1000}, "ValidationException"),
        ("dynamodb", "DescribeTable", {}, "ValidationException"),
        ("dynamodb", "GetItem", {"TableName": "t", "Key": "abc"}, "SerializationException"),
        ("events", "ListRules", {"Limit": 0}, "ValidationException"),
        ("kms", "DescribeKey", {"KeyId": ["a"]}, "SerializationException"),
        ("organizations", "ListAccounts", {"MaxResults": 0}, "InvalidInputException"),
        ("organizations", "ListAccounts", {"MaxResults": 10**40}, "SerializationException"),
    ],
)
def test_a_value_that_breaks_its_shape_is_refused_in_the_words_of_the_service(
    cloud: Cloud, service: str, operation: str, body: dict[str, object], code: str
) -> None:
    answer = call_json(cloud, service, operation, json.dumps(body))

    assert (answer.status_code, code_of(answer)) == (400, code)


@pytest.mark.parametrize(
    ("service", "body", "code"),
    [
        ("iam", "Action=GetRole", "ValidationError"),
        ("iam", "Action=ListRoles&MaxItems=many", "MalformedQueryString"),
        ("iam", "Action=GetRole&RoleName=%00", "MalformedQueryString"),
        ("ec2", f"Action=RunInstances&MinCount=1&MaxCount={2**31}", "MalformedQueryString"),
        ("iam", "Action=BeKind", "InvalidAction"),
        ("iam", "", "MissingAction"),
        ("sts", "Action=AssumeRole&RoleSessionName=me", "ValidationError"),
        ("ec2", "Action=ModifyVpcAttribute", "MissingParameter"),
        ("ec2", "Action=BeKind", "InvalidAction"),
        ("cloudformation", b"Action=\xff\xfe", "InvalidAction"),
    ],
)
def test_a_query_that_aws_would_not_read_is_refused(cloud: Cloud, service: str, body: str | bytes, code: str) -> None:
    answer = call_query(cloud, service, body)

    assert (answer.status_code, code_of(answer)) == (400, code)


@pytest.mark.parametrize(
    ("service", "method", "path", "body", "status", "code"),
    [
        ("s3", "PUT", "/bucket?tagging", "<Tagging>", 400, "MalformedXML"),
        ("s3", "PUT", "/bucket?versioning", "not xml", 400, "MalformedXML"),
        ("s3", "PUT", "/bucket?encryption", "<Tagging/>", 400, "MalformedXML"),
        ("s3", "PUT", "/bucket?versioning", "", 400, "MissingRequestBodyError"),
        ("s3", "PUT", "/bucket?lifecycle", "", 400, "MissingRequestBodyError"),
        ("s3", "PATCH", "/bucket", "", 405, "MethodNotAllowed"),
        ("lambda", "POST", "/2015-03-31/functions", "{", 400, "SerializationException"),
        ("lambda", "POST", "/2015-03-31/functions", DEEP, 400, "SerializationException"),
        ("lambda", "GET", "/2015-03-31/nothing", "", 404, "UnknownOperationException"),
        ("controltower", "POST", "/list-enabled-controls", "[", 400, "SerializationException"),
        ("controltower", "POST", "/be-kind", "{}", 404, "UnknownOperationException"),
        ("account", "POST", "/listRegions", '{"MaxResults": "x"}', 400, "SerializationException"),
    ],
)
def test_a_rest_call_that_aws_would_not_read_is_refused(
    cloud: Cloud, service: str, method: str, path: str, body: str, status: int, code: str
) -> None:
    answer = call_rest(cloud, service, method, path, body)

    assert (answer.status_code, code_of(answer)) == (status, code)


@pytest.mark.parametrize("service", ["dynamodb", "organizations"])
def test_an_operation_of_another_service_is_unknown(cloud: Cloud, service: str) -> None:
    headers = {**signature(service), "X-Amz-Target": "AmazonSSM.ListTables", "Content-Type": JSON}

    answer = httpx2.post(cloud.url, headers=headers, content="{}")

    assert (answer.status_code, code_of(answer)) == (400, "UnknownOperationException")


def test_a_call_without_a_signature_hears_of_that_first(cloud: Cloud) -> None:
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": JSON}

    answer = httpx2.post(cloud.url, headers=headers, content="{")

    assert answer.status_code in (400, 403)
    assert "MissingAuthenticationToken" in answer.text


def test_a_policy_nested_without_end_is_refused(cloud: Cloud) -> None:
    answer = call_query(cloud, "iam", f"Action=CreatePolicy&PolicyName=p&PolicyDocument={DEEP}")

    assert answer.status_code == 400


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def members(service: str, operation: str) -> list[str]:
    shape = get_service_model(service).operation_model(operation).input_shape
    return list(shape.members) if shape is not None else []


@some.composite
def json_calls(draw: some.DrawFn) -> tuple[str, str, str | bytes]:
    """A service, one of its operations or none, and a body that is something or nothing."""
    service = draw(some.sampled_from(sorted(TARGETS)))
    operation = draw(some.sampled_from(sorted(READS[service])) | some.just("BeKind"))
    names = some.sampled_from(members(service, operation) or ["a"]) if operation in READS[service] else some.just("a")
    body = draw(some.binary(max_size=20) | some.dictionaries(names, ANYTHING, max_size=3).map(json.dumps))
    return service, operation, body


READS = {
    "organizations": {"DescribeAccount", "ListAccounts", "ListPolicies", "CreateAccount", "MoveAccount"},
    "config": {"DescribeConfigRules", "SelectAggregateResourceConfig", "PutConfigRule"},
    "dynamodb": {"ListTables", "GetItem", "Query", "PutItem", "BatchWriteItem", "CreateTable"},
    "sso-admin": {"ListInstances", "CreateAccountAssignment"},
    "events": {"ListRules", "PutRule", "PutEvents"},
    "kms": {"ListKeys", "Encrypt", "CreateKey"},
    "ssm": {"GetParameters", "PutParameter", "DescribeParameters"},
}


def is_refused_or_answered(answer: httpx2.Response) -> bool:
    """Never an error of the cloud's, and every error has a code in the protocol's own place."""
    return answer.status_code < 400 or (answer.status_code < 500 and bool(code_of(answer)))


BOUNDED = settings(max_examples=12, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])


@BOUNDED
@given(json_calls())
@example(("dynamodb", "PutItem", DEEP))
def test_no_body_brings_a_service_of_json_down(cloud: Cloud, call: tuple[str, str, str | bytes]) -> None:
    cloud.limits.enforced = False

    answer = call_json(cloud, *call)

    assert is_refused_or_answered(answer), answer.text


ACTIONS = ("GetRole", "CreateRole", "ListUsers", "AssumeRole", "CreateTopic", "DescribeVpcs", "CreateStack", "BeKind")
NAMES = ("RoleName", "AssumeRolePolicyDocument", "RoleArn", "Name", "MaxItems", "Tags.member.1.Key", "Filter.1.Name")


@BOUNDED
@given(
    service=some.sampled_from(QUERIES),
    action=some.sampled_from(ACTIONS),
    values=some.dictionaries(some.sampled_from(NAMES), some.text(max_size=8), max_size=4),
    rest=some.binary(max_size=8),
)
def test_no_query_brings_a_service_down(
    cloud: Cloud, service: str, action: str, values: dict[str, str], rest: bytes
) -> None:
    cloud.limits.enforced = False
    text = str(httpx2.QueryParams({"Action": action, **values}))

    answer = call_query(cloud, service, text.encode() + b"&" + rest)

    assert is_refused_or_answered(answer), answer.text


@BOUNDED
@given(
    service=some.sampled_from(["s3", "lambda", "controltower", "account", "accessanalyzer"]),
    method=some.sampled_from(["GET", "PUT", "DELETE", "PATCH"]),
    path=some.text(alphabet="ab/?=&%.-~", max_size=12),
    body=some.binary(max_size=12) | some.sampled_from([b"<a>", b"{}", b"[]", b"<a><b/></a>"]),
)
def test_no_path_and_no_body_bring_a_rest_service_down(
    cloud: Cloud, service: str, method: str, path: str, body: bytes
) -> None:
    cloud.limits.enforced = False

    answer = call_rest(cloud, service, method, f"/{path}", body)

    assert is_refused_or_answered(answer), answer.text
