from fastapi import APIRouter, Request
from fastapi.responses import Response

from tests.vending.web.shell import RunningIssuer, shell, sign_in
from vending.ports import Contribution


def contribution() -> Contribution:
    """A page and an API route of another package that take a post."""
    api, pages = APIRouter(), APIRouter()

    async def take(request: Request) -> Response:
        return Response(str((await request.form()).get("word")) if "/api/" not in request.url.path else "taken")

    pages.add_api_route("/take", take, methods=["POST"])
    api.add_api_route("/take", take, methods=["POST"])
    return Contribution(api=api, pages=pages)


def test_a_post_to_anybodys_page_needs_the_sessions_secret(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url, [contribution()])
    sign_in(browser, "ada")
    secret = browser.get("/nothing-here").text.split('name="csrf" value="')[1].split('"')[0]

    assert browser.post("/take", data={"word": "x"}).status_code == 403
    assert browser.post("/take", data={"word": "x", "csrf": "é" + secret}).status_code == 403
    assert browser.post("/take", content=b"\xff", headers={"Content-Type": "text/plain"}).status_code == 403
    assert browser.post("/take", data={"word": "x", "csrf": secret}).text == "x"


def test_a_visitor_has_no_secret_to_guess() -> None:
    browser = shell("http://127.0.0.1:1", [contribution()])

    assert browser.post("/take", data={"csrf": ""}).status_code == 403
    assert browser.post("/take", files={"csrf": b""}).status_code == 400


def test_the_api_goes_by_tokens_instead() -> None:
    assert shell("http://127.0.0.1:1", [contribution()]).post("/api/v1/take").text == "taken"
