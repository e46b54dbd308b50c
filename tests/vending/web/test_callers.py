from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.testclient import TestClient

from tests.vending.web.shell import RunningIssuer, shell, sign_in
from vending.core.identity import Caller
from vending.core.shell import caller_of
from vending.ports import Contribution


def portal(issuer: RunningIssuer) -> TestClient:
    """A portal whose `/api/v1/me` says who is calling."""
    api = APIRouter()

    def me(caller: Annotated[Caller, Depends(caller_of)]) -> dict[str, object]:
        return {"username": caller.username, "roles": sorted(caller.roles), "teams": sorted(caller.teams)}

    api.add_api_route("/me", me, methods=["GET", "POST"])
    return shell(issuer.issuer.url, [Contribution(api=api)])


def test_a_token_says_who_calls_and_the_company_file_what_they_may(issuer: RunningIssuer) -> None:
    browser = portal(issuer)

    answers = [
        browser.post("/api/v1/me", headers={"Authorization": f"bearer {issuer.issuer.mint(name)}"}).json()
        for name in ("ada", "grace")
    ]

    assert answers == [
        {"username": "ada", "roles": ["requester"], "teams": ["payments"]},
        {"username": "grace", "roles": ["approver"], "teams": []},
    ]


def test_a_session_reads_the_api_but_changes_nothing_there(issuer: RunningIssuer) -> None:
    browser = portal(issuer)
    sign_in(browser, "ada")

    assert browser.get("/api/v1/me").json()["username"] == "ada"
    assert browser.post("/api/v1/me").status_code == 401


def test_a_bad_token_is_not_made_good_by_a_session(issuer: RunningIssuer) -> None:
    browser = portal(issuer)
    sign_in(browser, "ada")

    assert browser.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_nobody_is_nobody(issuer: RunningIssuer) -> None:
    assert portal(issuer).get("/api/v1/me").status_code == 401
    assert portal(issuer).get("/api/v1/me", headers={"Authorization": "Basic YTpi"}).status_code == 401
