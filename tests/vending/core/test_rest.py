import socket
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from vending.core.errors import (
    AwsFailed,
    BadInput,
    Conflict,
    FieldError,
    FreeholdError,
    Malformed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Partial,
    Stale,
)
from vending.core.rest import PortalFailed, Rest
from vending.core.settings import Settings

BASE = "http://portal.test/api/v1"


def rest(answer: Callable[[httpx2.Request], httpx2.Response]) -> Rest:
    """A client whose calls `answer` answers."""
    return Rest(httpx2.Client(base_url=BASE, transport=httpx2.MockTransport(answer)))


def problem(status: int, code: str = "some", **more: Any) -> httpx2.Response:
    body = {"type": f"urn:freehold:problem:{code}", "detail": "It went wrong.", "remedy": "Do this.", **more}
    return httpx2.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def test_parameters_that_are_none_are_left_out() -> None:
    asked: list[httpx2.URL] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url)
        return httpx2.Response(200, json={"id": "a"})

    assert rest(answer).get("/accounts", team="payments", state=None) == {"id": "a"}
    assert str(asked[0]) == f"{BASE}/accounts?team=payments"


def test_a_list_is_read_page_after_page() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        cursor = request.url.params.get("cursor")
        return httpx2.Response(
            200, json={"items": [cursor], "next": None if cursor == "b" else {None: "a", "a": "b"}[cursor]}
        )

    assert list(rest(answer).items("/accounts")) == [None, "a", "b"]


@pytest.mark.parametrize(
    ("status", "code", "kind", "exit_code"),
    [
        (400, "malformed", Malformed, 2),
        (401, "not-signed-in", NotSignedIn, 3),
        (403, "not-allowed", NotAllowed, 3),
        (404, "not-found", NotFound, 4),
        (409, "conflict", Conflict, 2),
        (412, "stale", Stale, 2),
        (422, "bad-input", BadInput, 2),
        (428, "precondition-required", Conflict, 2),
        (502, "aws-denied", AwsFailed, 5),
        (502, "aws-throttled", AwsFailed, 5),
        (502, "partial", Partial, 6),
        (500, "unexpected", PortalFailed, 5),
    ],
)
def test_a_problem_is_raised_as_the_error_it_was(
    status: int, code: str, kind: type[FreeholdError], exit_code: int
) -> None:
    with pytest.raises(kind) as raised:
        rest(lambda _: problem(status, code)).get("/accounts")

    assert type(raised.value) is kind
    assert (raised.value.sentence, raised.value.remedy) == ("It went wrong.", "Do this.")
    assert raised.value.exit_code == exit_code


def test_the_wrong_fields_come_along() -> None:
    fields = [{"field": "team", "reason": "unknown", "remedy": "Choose another."}]

    with pytest.raises(BadInput) as raised:
        rest(lambda _: problem(422, errors=fields)).post("/account-requests", {})

    assert raised.value.errors == (FieldError("team", "unknown", "Choose another."),)


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, text="<h1>Hello</h1>"),
        httpx2.Response(502, text="Bad gateway"),
        httpx2.Response(307, headers={"Location": "/"}),
        httpx2.Response(500, headers={"Content-Type": "application/problem+json"}, text="{"),
    ],
)
def test_what_is_no_portal_is_told(answer: httpx2.Response) -> None:
    with pytest.raises(PortalFailed) as raised:
        rest(lambda _: answer).get("/accounts")

    assert BASE in raised.value.sentence
    assert "FREEHOLD_URL" in raised.value.remedy


def test_where_nobody_answers_the_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("FREEHOLD_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("FREEHOLD_TOKEN", "any")

        with pytest.raises(PortalFailed, match=f"No portal answers at http://127.0.0.1:{port}/") as raised:
            Rest.from_settings(Settings()).get("/accounts")

    assert "make run" in raised.value.remedy


def test_without_a_token_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREEHOLD_TOKEN", raising=False)

    with pytest.raises(NotSignedIn) as raised:
        Rest.from_settings(Settings())

    assert "freehold token --as ada" in raised.value.remedy
