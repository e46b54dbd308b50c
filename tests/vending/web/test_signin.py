import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.vending.web.shell import PORTAL, RunningIssuer, shell, sign_in

NOBODY = "http://127.0.0.1:1/_oidc"


def session_of(browser: TestClient) -> dict[str, Any]:
    """What the session cookie says, which is signed and not secret."""
    content: dict[str, Any] = json.loads(base64.b64decode(browser.cookies["freehold"].split(".")[0]))
    return content


def test_somebody_signs_in_and_comes_back_to_the_page_they_wanted(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url)

    answer = sign_in(browser, "ada", "/requests?state=ready")

    assert (answer.status_code, answer.headers["location"]) == (303, "/requests?state=ready")
    assert "Ada Okafor" in browser.get("/nothing-here").text


def test_the_issuer_is_asked_with_pkce_state_and_nonce(issuer: RunningIssuer) -> None:
    asked = parse_qs(urlsplit(shell(issuer.issuer.url).get("/auth/login").headers["location"]).query)

    assert asked["redirect_uri"] == [f"{PORTAL}/auth/callback"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"]
    assert asked["nonce"]


def test_the_session_is_closed_to_scripts_and_other_sites(issuer: RunningIssuer) -> None:
    plain, secure = shell(issuer.issuer.url), shell(issuer.issuer.url, secure_cookies=True)

    cookies = [browser.get("/auth/login").headers["set-cookie"].lower() for browser in (plain, secure)]

    assert all("httponly" in cookie and "samesite=lax" in cookie for cookie in cookies)
    assert ["secure" in cookie for cookie in cookies] == [False, True]


def test_two_portals_on_one_host_keep_sessions_of_their_own(issuer: RunningIssuer) -> None:
    first, second = (shell(issuer.issuer.url, session_cookie=f"freehold-{port}") for port in (8080, 9090))
    sign_in(first, "ada")
    second.cookies.update(first.cookies)

    sign_in(second, "sam")
    first.cookies.update(second.cookies)

    assert "Ada Okafor" in first.get("/nothing-here").text
    assert "Sam Novak" in second.get("/nothing-here").text


def test_the_session_keeps_no_token_and_only_groups_that_mean_something(issuer: RunningIssuer) -> None:
    ada = issuer.issuer.users["ada"].person
    issuer.issuer.users["ada"].__dict__["person"] = ada.model_copy(update={"groups": (*ada.groups, "choir")})
    browser = shell(issuer.issuer.url)

    sign_in(browser, "ada")

    assert session_of(browser) == {"person": {"username": "ada", "name": "Ada Okafor", "groups": ["team-payments"]}}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "", "/%0d\n"])
def test_nobody_is_sent_elsewhere_after_signing_in(issuer: RunningIssuer, target: str) -> None:
    answer = sign_in(shell(issuer.issuer.url), "ada", target)

    assert urlsplit(answer.headers["location"]).netloc == ""
    assert answer.headers["location"].startswith("/")
    assert "evil" not in answer.headers["location"]


def test_an_answer_to_a_question_that_was_not_asked_signs_nobody_in(issuer: RunningIssuer) -> None:
    asking, other = shell(issuer.issuer.url), shell(issuer.issuer.url)
    to_issuer = asking.get("/auth/login").headers["location"]
    back = httpx2.post(to_issuer, data={"username": "ada"}).headers["location"]

    answer = other.get(back)

    assert answer.status_code == 401
    assert "Signing in did not work" in answer.text
    assert "Ada Okafor" not in other.get("/nothing-here").text


def test_a_code_is_good_once(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url)
    to_issuer = browser.get("/auth/login").headers["location"]
    back = httpx2.post(to_issuer, data={"username": "ada"}).headers["location"]
    browser.get(back)

    assert browser.get(back).status_code == 401


def test_the_issuers_refusal_is_told(issuer: RunningIssuer) -> None:
    answer = shell(issuer.issuer.url).get("/auth/callback?error=access_denied&error_description=No+%3Cb%3Eway%3C/b%3E")

    assert answer.status_code == 401
    assert "No &lt;b&gt;way&lt;/b&gt;" in answer.text


def test_new_keys_of_the_issuer_are_fetched(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url)
    sign_in(browser, "ada")

    issuer.make_new()
    sign_in(browser, "sam")

    assert "Sam Novak" in browser.get("/nothing-here").text


def test_signing_out_forgets_the_person_and_tells_the_issuer(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url)
    sign_in(browser, "ada")
    page = browser.get("/nothing-here").text
    secret = page.split('name="csrf" value="')[1].split('"')[0]

    answer = browser.post("/auth/logout", data={"csrf": secret})

    assert "You are signed out" in answer.text
    assert f"url={issuer.issuer.url}/logout?client_id=freehold-portal" in answer.text
    assert "Ada Okafor" not in browser.get("/nothing-here").text


def test_another_site_cannot_sign_somebody_out(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url)
    sign_in(browser, "ada")

    assert browser.post("/auth/logout").status_code == 403
    assert "Ada Okafor" in browser.get("/nothing-here").text


def test_an_issuer_that_does_not_answer_is_said_so() -> None:
    answer = shell(NOBODY).get("/auth/login")

    assert answer.status_code == 503
    assert "did not answer" in answer.text


def test_a_cookie_that_was_changed_signs_nobody_in(issuer: RunningIssuer) -> None:
    browser = shell(issuer.issuer.url)
    sign_in(browser, "ada")
    _, rest = browser.cookies["freehold"].split(".", 1)
    forged = base64.b64encode(
        json.dumps({"person": {"username": "eve", "name": "Eve", "groups": ["platform-approvers"]}}).encode()
    ).decode()
    browser.cookies.clear()
    browser.cookies.set("freehold", f"{forged}.{rest}")

    assert "Eve" not in browser.get("/nothing-here").text
