"""Which operation is called is said in one place: what is judged is what is done, by plain HTTP."""

import json

import httpx2
import pytest

from tests.cloud import Cloud

JSON, FORM = "application/x-amz-json-1.1", "application/x-www-form-urlencoded"


def signature(service: str) -> dict[str, str]:
    scope = f"test/20260105/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def post(cloud: Cloud, service: str, body: str | bytes, query: str = "", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{cloud.url}/{query}", headers={**signature(service), **named}, content=body)


def list_roots(cloud: Cloud, body: str = "{}", query: str = "", **more: str) -> httpx2.Response:
    target = "AWSOrganizationsV20161128.ListRoots"
    return post(cloud, "organizations", body, query, X_Amz_Target=target, Content_Type=JSON, **more)


@pytest.mark.parametrize(
    ("body", "query", "more"),
    [
        ("{}", "?Action=DescribeOrganization", {}),
        ("{}", "?Action=NoSuchOperation", {}),
        ("{}", "", {"Action": "DescribeOrganization"}),
        ("", "", {"Action": "DescribeOrganization"}),
        (json.dumps({"Comment": "x&Action=DescribeOrganization&y=z"}), "", {}),
    ],
)
def test_a_call_in_json_is_what_its_target_says(cloud: Cloud, body: str, query: str, more: dict[str, str]) -> None:
    answer = list_roots(cloud, body, query, **more)

    assert answer.status_code == 200
    assert set(answer.json()) == {"Roots"}


def test_an_ampersand_in_json_is_kept(cloud: Cloud) -> None:
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]

    made = cloud.client("organizations").create_organizational_unit(ParentId=root, Name="R&D&Action=ListRoots&")

    assert made["OrganizationalUnit"]["Name"] == "R&D&Action=ListRoots&"


@pytest.mark.parametrize(
    ("query", "more"),
    [("?Action=CreateUser&UserName=eve", {}), ("", {"X_Amz_Target": "x.CreateUser"}), ("", {"Action": "CreateUser"})],
)
def test_a_call_in_a_form_is_what_its_form_says(cloud: Cloud, query: str, more: dict[str, str]) -> None:
    answer = post(cloud, "iam", "Action=ListUsers&Version=2010-05-08", query, Content_Type=FORM, **more)

    assert answer.status_code == 200
    assert "<ListUsersResponse" in answer.text
    assert cloud.client("iam").list_users()["Users"] == []
    called = httpx2.get(f"{cloud.url}/_cloud/calls").json()
    assert "iam.CreateUser" not in str(called)


@pytest.mark.parametrize(
    ("query", "more"), [("?Action=CreateAnalyzer", {}), ("", {"X_Amz_Target": "x.CreateAnalyzer"})]
)
def test_a_call_by_its_path_is_what_its_path_says(cloud: Cloud, query: str, more: dict[str, str]) -> None:
    named = {name.replace("_", "-"): value for name, value in more.items()}

    answer = httpx2.get(f"{cloud.url}/analyzer{query}", headers={**signature("access-analyzer"), **named})

    assert answer.status_code == 200
    assert answer.json() == {"analyzers": []}


@pytest.mark.parametrize(("method", "path"), [("POST", "/moto-api/reset"), ("GET", "/moto-api/data.json")])
@pytest.mark.parametrize("service", ["", "iam", "s3"])
def test_motos_own_way_to_reset_everything_is_shut(cloud: Cloud, method: str, path: str, service: str) -> None:
    cloud.client("iam").create_user(UserName="ada")

    answer = httpx2.request(method, f"{cloud.url}{path}", headers=signature(service) if service else {})

    assert answer.status_code == 404
    assert [user["UserName"] for user in cloud.client("iam").list_users()["Users"]] == ["ada"]


def test_what_a_machine_asks_itself_is_no_way_to_credentials(cloud: Cloud) -> None:
    path = "/latest/meta-data/iam/security-credentials/default-role"

    assert httpx2.get(f"{cloud.url}{path}", headers=signature("iam")).status_code == 404
    assert "AccessKeyId" not in httpx2.get(f"{cloud.url}{path}").text


@pytest.mark.parametrize("content_type", ["application/cbor", "text/plain", "", "x/y; charset=utf-99"])
def test_a_body_that_is_no_text_is_refused_whatever_it_is_called(cloud: Cloud, content_type: str) -> None:
    target = "StarlingDoveService.DescribeConfigRules"

    answer = post(cloud, "config", b"\x80\xff", X_Amz_Target=target, Content_Type=content_type)

    assert answer.status_code == 400
    assert answer.json()["__type"] == "SerializationException"


def test_what_is_called_compressed_and_is_not_is_read_as_it_is(cloud: Cloud) -> None:
    assert list_roots(cloud, Content_Encoding="gzip").status_code == 200


def test_a_service_that_speaks_only_cbor_by_name_is_answered_in_json(cloud: Cloud) -> None:
    answer = post(cloud, "transcribe", "Action=Nothing", Content_Type=FORM)

    assert 400 <= answer.status_code < 500
    assert answer.json()["__type"] == "UnknownOperationException"
