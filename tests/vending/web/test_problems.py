from typing import Any

import pytest
from fastapi import APIRouter, Response
from starlette.testclient import TestClient

from tests.vending.web.shell import PORTAL, shell
from vending.core.errors import (
    AwsThrottled,
    BadInput,
    Conflict,
    FieldError,
    FreeholdError,
    Malformed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Stale,
)
from vending.ports import Contribution

ISSUER = "http://127.0.0.1:1"
ERRORS: tuple[FreeholdError, ...] = (
    Malformed("unreadable"),
    BadInput.of(FieldError("name", "is taken", "Choose another.")),
    NotSignedIn("who are you"),
    NotAllowed("not yours"),
    NotFound("no such thing"),
    Conflict("not now"),
    Stale("changed"),
    AwsThrottled("AWS is busy", "Wait."),
)


def raising(error: Exception) -> TestClient:
    """A portal whose `/page` and `/api/v1/thing` raise it."""

    def fail() -> Response:
        raise error

    api, pages = APIRouter(), APIRouter()
    api.add_api_route("/thing", fail, methods=["GET"])
    api.add_api_route("/thing", fail, methods=["POST"])
    pages.add_api_route("/page", fail, methods=["GET"])
    return shell(ISSUER, [Contribution(api=api, pages=pages)])


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_of_ours_is_a_problem_under_the_api(error: FreeholdError) -> None:
    answer = raising(error).get("/api/v1/thing")

    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == problem["status"] == error.http_status
    assert (problem["detail"], problem["remedy"]) == (error.sentence, error.remedy)
    assert problem["type"] == f"urn:freehold:problem:{error.code}"
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_a_problem_names_the_fields() -> None:
    answer = raising(ERRORS[1]).get("/api/v1/thing")

    assert answer.json()["errors"] == [{"field": "name", "reason": "is taken", "remedy": "Choose another."}]


def test_a_caller_without_a_token_is_told_which_kind_to_bring() -> None:
    told = raising(NotSignedIn("who are you")).get("/api/v1/thing").headers["www-authenticate"]
    assert told == f'Bearer resource_metadata="{PORTAL}/.well-known/oauth-protected-resource"'


def test_an_error_in_a_page_is_a_page() -> None:
    answer = raising(NotAllowed("<b>no</b>", "Ask grace.")).get("/page")

    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "<h1>&lt;b&gt;no&lt;/b&gt;</h1>" in answer.text
    assert "Ask grace." in answer.text
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize("path", ["/api/v1/thing", "/page"])
def test_a_surprise_tells_nothing_but_where_to_look(path: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = raising(RuntimeError("the password is swordfish")).get(path)

    assert answer.status_code == 500
    assert "swordfish" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "swordfish" in caplog.text
    assert answer.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/none", 404), ("DELETE", "/api/v1/thing", 405)])
def test_the_frameworks_own_refusals_are_problems_too(method: str, path: str, status: int) -> None:
    answer = raising(NotFound("x")).request(method, path)

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == status


def test_a_wrong_method_says_which_are_right() -> None:
    allowed = raising(NotFound("x")).delete("/api/v1/thing").headers["allow"]

    assert allowed == "GET, POST"


def test_a_page_that_is_not_there_says_so() -> None:
    answer = shell(ISSUER).get("/none")

    assert answer.status_code == 404
    assert "Not Found" in answer.text


def test_half_a_character_in_a_message_can_still_be_sent() -> None:
    answer: Any = raising(NotFound("no \ud800")).get("/api/v1/thing")

    assert answer.json()["detail"] == "no \ud800"
