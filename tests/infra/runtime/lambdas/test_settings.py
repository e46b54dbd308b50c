import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from infra.runtime.lambdas import settings
from tests.cloud import Cloud
from tests.infra.runtime.lambdas.conftest import CONTEXT
from vending.core.table import Table
from vending.core.trust import POLICY_TYPES, TRUSTED


@pytest.fixture
def cloudformation() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where CloudFormation waits for answers, and the answers that came."""
    answers: list[dict[str, Any]] = []

    class Waiting(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Waiting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/answer", answers
    server.shutdown()
    server.server_close()


def test_what_is_missing_is_made_and_told_and_making_it_again_changes_nothing(
    cloud: Cloud, table: Table, cloudformation: tuple[str, list[dict[str, Any]]]
) -> None:
    url, answers = cloudformation
    platform = _audit_account(cloud)

    settings.handler(_event(url, platform), CONTEXT)
    settings.handler(_event(url, platform), CONTEXT)

    assert [answer["Status"] for answer in answers] == ["SUCCESS", "SUCCESS"]
    assert f"sso.amazonaws.com to {platform}" in answers[0]["Reason"]
    assert answers[1]["Reason"] == "Everything was there."
    delegated = cloud.client("organizations").list_delegated_services_for_account(AccountId=platform)
    assert {one["ServicePrincipal"] for one in delegated["DelegatedServices"]} == set(TRUSTED)


def test_what_aws_refuses_is_told_to_cloudformation_in_words(
    cloud: Cloud, table: Table, cloudformation: tuple[str, list[dict[str, Any]]]
) -> None:
    url, answers = cloudformation

    settings.handler(_event(url, "999999999999"), CONTEXT)

    assert answers[0]["Status"] == "FAILED"
    assert "register_delegated_administrator" in answers[0]["Reason"] or "RegisterDelegated" in answers[0]["Reason"]


def test_nothing_is_taken_away_when_the_stack_goes(
    cloud: Cloud, table: Table, cloudformation: tuple[str, list[dict[str, Any]]]
) -> None:
    url, answers = cloudformation

    settings.handler({**_event(url, "999999999999"), "RequestType": "Delete"}, CONTEXT)

    assert answers[0]["Status"] == "SUCCESS"
    trusted = cloud.client("organizations").list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert "sso.amazonaws.com" in {one["ServicePrincipal"] for one in trusted}


def _event(url: str, platform: str) -> dict[str, Any]:
    """As CloudFormation sends it."""
    settings.settings.cache_clear()
    return {
        "RequestType": "Create",
        "ResponseURL": url,
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/FreeholdOrganization/1",
        "RequestId": "1",
        "LogicalResourceId": "Made",
        "ResourceProperties": {
            "Trusted": list(TRUSTED),
            "Delegated": list(TRUSTED),
            "PolicyTypes": list(POLICY_TYPES),
            "PlatformAccount": platform,
        },
    }


def _audit_account(cloud: Cloud) -> str:
    accounts = cloud.client("organizations").list_accounts()["Accounts"]
    return str(next(account["Id"] for account in accounts if account["Name"] == "Audit"))
