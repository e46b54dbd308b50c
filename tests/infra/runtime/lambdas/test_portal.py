import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.runtime.lambdas import portal
from infra.runtime.lambdas.portal import way_in
from tests.cloud import Cloud
from tests.infra.runtime.lambdas.conftest import CONTEXT
from tests.vending.web.ground import token
from vending.core.table import Table

HOST = "accounts.acme.example"


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """An event loop that is closed again, which Mangum leaves to the end of the process."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def test_the_portal_is_healthy_when_its_table_answers(table: Table) -> None:
    answer = portal.handler(_asked("/healthz"), CONTEXT)

    assert answer["statusCode"] == 200


def test_a_page_comes_as_it_is_with_links_from_the_root(table: Table) -> None:
    answer = portal.handler(_asked("/"), CONTEXT)

    page = _body(answer)
    assert answer["statusCode"] == 200
    assert "Freehold" in page
    assert "/live/" not in page


def test_the_api_turns_a_stranger_away_with_a_problem(table: Table) -> None:
    answer = portal.handler(_asked("/api/v1/accounts"), CONTEXT)

    problem = json.loads(_body(answer))
    assert (answer["statusCode"], problem["status"]) == (401, 401)
    assert problem["remedy"]


def test_a_program_is_told_who_signs_people_in_and_only_that_client_s_tokens_are_taken(
    table: Table, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREEHOLD_CLI_CLIENT", "1a2b3c")
    drawn = json.loads(_body(portal.handler(_asked("/.well-known/oauth-protected-resource"), CONTEXT)))
    of_the_file = token(cloud, "ada")
    refused = portal.handler(_asked("/api/v1/account-requests", of_the_file), CONTEXT)
    portal.portal.cache_clear()
    monkeypatch.delenv("FREEHOLD_CLI_CLIENT")
    taken = portal.handler(_asked("/api/v1/account-requests", of_the_file), CONTEXT)

    assert drawn["resource"] == f"https://{HOST}"
    assert drawn["authorization_servers"] == [f"{cloud.url}/_oidc"]
    assert drawn["freehold_cli_client_id"] == "1a2b3c"
    assert (refused["statusCode"], taken["statusCode"]) == (401, 200)


def test_a_shell_gets_its_credentials_with_the_token_of_the_aws_command_line() -> None:
    commands = way_in().commands("eu-west-1", "ada", "111122223333", "AdministratorAccess")

    assert "aws sso get-role-credentials" in commands
    assert "~/.aws/sso/cache/" in commands
    assert "freehold token" not in commands


def _body(answer: dict[str, Any]) -> str:
    """What API Gateway sends on."""
    body: str = answer["body"]
    return base64.b64decode(body).decode() if answer["isBase64Encoded"] else body


def _asked(path: str, bearer: str = "") -> dict[str, Any]:
    """A proxy event of API Gateway."""
    sent = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}
    if bearer:
        sent["Authorization"] = f"Bearer {bearer}"
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": "GET",
            "path": f"/live{path}",
            "stage": "live",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": None,
        "isBase64Encoded": False,
    }
