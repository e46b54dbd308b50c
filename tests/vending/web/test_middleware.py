from fastapi import APIRouter
from fastapi.responses import Response
from starlette.testclient import TestClient

from tests.vending.web.shell import shell
from vending.ports import Contribution
from vending.web.middleware import HEADERS


def browser() -> TestClient:
    """A portal with a page that has a policy of its own."""
    pages = APIRouter()
    pages.add_api_route("/report", lambda: Response("x", headers={"Content-Security-Policy": "default-src 'none'"}))
    return shell("http://127.0.0.1:1", [Contribution(pages=pages)])


def test_every_answer_carries_the_safe_headers() -> None:
    for path in ("/healthz", "/nothing-here", "/static/freehold.css", "/openapi.json"):
        answer = browser().get(path)

        assert set(HEADERS) <= {name.title().replace("-Xss-", "-XSS-") for name in answer.headers}, path
        assert "unsafe-inline" not in answer.headers["content-security-policy"]


def test_a_page_may_have_a_policy_of_its_own() -> None:
    assert browser().get("/report").headers["content-security-policy"] == "default-src 'none'"


def test_no_two_requests_have_the_same_id() -> None:
    client = browser()

    ids = {client.get("/healthz").headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3
