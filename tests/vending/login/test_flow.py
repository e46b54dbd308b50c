"""Signing the command line in, against a portal and an issuer that listen."""

import socket
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from fastapi import FastAPI

from infra.local.laptop import _served
from tests.port import free_port
from tests.vending.login.ground import answered, said, signed_in, signs_in
from tests.vending.web.ground import Portal
from tests.vending.web.shell import acme
from vending.core.clock import SystemClock
from vending.core.errors import BadInput, IssuerUnanswered, NotSignedIn
from vending.core.rest import PortalFailed, Rest
from vending.login.callback import ADDRESSES, PORTS
from vending.login.flow import sign_in
from vending.web.app import create_app
from vending.web.resource import PATH


@pytest.fixture
def url(listening: Portal, unused_port: int) -> str:
    """The portal's address."""
    return f"http://127.0.0.1:{unused_port}"


def test_whoever_signs_in_with_the_browser_may_call(url: str) -> None:
    session = signed_in(url, signs_in("ada"))

    answer = Rest.to(url, session.access_token).get("/account-requests", limit=1)
    assert (session.portal, session.username, session.name) == (url, "ada", "Ada Okafor")
    assert answer["limit"] == 1


def test_the_issuer_is_asked_for_a_code_with_pkce_state_and_nonce(url: str) -> None:
    shown: list[str] = []

    def person(address: str) -> None:
        shown.append(address)
        signs_in()(address)

    signed_in(url, person)

    assert said(shown[0], "response_type") == "code"
    assert said(shown[0], "code_challenge_method") == "S256"
    assert said(shown[0], "state") != said(shown[0], "nonce")
    assert said(shown[0], "redirect_uri").startswith("http://127.0.0.1:")


def test_the_browser_is_told_to_go_back_to_the_terminal(url: str) -> None:
    pages: list[httpx2.Response] = []

    signed_in(url, lambda address: pages.append(httpx2.get(answered(address))))

    assert "Go back to the terminal" in pages[0].text
    assert pages[0].headers["Cache-Control"] == "no-store"


def test_what_does_not_belong_to_the_question_is_turned_away_and_the_rest_still_counts(url: str) -> None:
    turned_away: list[int] = []

    def person(address: str) -> None:
        back = said(address, "redirect_uri")
        elsewhere = back.replace("/callback", "/favicon.ico")
        for other in (f"{back}?code=c&state=another", f"{back}?code=c", back, elsewhere):
            turned_away.append(httpx2.get(other).status_code)
        signs_in("tom")(address)

    session = signed_in(url, person)

    assert turned_away == [400, 400, 400, 404]
    assert session.username == "tom"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nonce": "of another question"}, "not to the question"),
        ({"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "did not sign you in"),
        ({"client_id": "freehold-portal", "redirect_uri": "http://127.0.0.1/auth/callback"}, "within 0.3 seconds"),
    ],
    ids=["nonce", "verifier", "client"],
)
def test_an_answer_to_a_question_that_somebody_changed_signs_nobody_in(
    url: str, changes: dict[str, str], sentence: str
) -> None:
    def person(address: str) -> None:
        back = answered(address, "ada", **changes)
        if urlsplit(back).path == "/callback":
            httpx2.get(back)

    with pytest.raises(NotSignedIn, match=sentence):
        signed_in(url, person, seconds=0.3)


def test_a_code_that_was_given_for_another_sign_in_signs_nobody_in(url: str) -> None:
    def attacker(address: str) -> None:
        stolen = said(answered(address, "sam", code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), "code")
        httpx2.get(said(address, "redirect_uri"), params={"code": stolen, "state": said(address, "state")})

    with pytest.raises(NotSignedIn, match="did not sign you in"):
        signed_in(url, attacker)


def test_a_place_that_is_not_registered_is_not_gone_back_to(url: str) -> None:
    def person(address: str) -> None:
        asked = {**dict(parse_qsl(urlsplit(address).query)), "redirect_uri": "http://evil.example/callback"}
        assert httpx2.get(address.partition("?")[0], params=asked).status_code == 400

    with pytest.raises(NotSignedIn, match="Nobody signed in"):
        signed_in(url, person, seconds=0.2)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("error=access_denied", "access_denied"),
        ("error=access_denied&error_description=Not+today", "Not today"),
        ("iss=https%3A%2F%2Fevil.example&code=c", "not from the issuer"),
        ("nothing=", "not from the issuer"),
    ],
    ids=["error", "described", "issuer", "empty"],
)
def test_a_refusal_is_told_in_the_issuer_s_words(url: str, answer: str, sentence: str) -> None:
    def person(address: str) -> None:
        httpx2.get(f"{said(address, 'redirect_uri')}?state={said(address, 'state')}&{answer}")

    with pytest.raises(NotSignedIn, match=sentence):
        signed_in(url, person)


def test_nobody_who_comes_is_told_with_the_way_to_bring_the_port_along(url: str) -> None:
    with pytest.raises(NotSignedIn, match=r"within 0\.1 seconds") as raised:
        signed_in(url, lambda _: None, seconds=0.1)

    assert "ssh -L" in raised.value.remedy


def test_the_next_port_is_taken_and_without_one_it_is_told(url: str) -> None:
    with socket.socket() as other:
        taken = free_port()
        other.bind(("127.0.0.1", taken))
        other.listen()

        session = sign_in(url, (taken, free_port()), 5.0, signs_in("ada"), SystemClock())
        with pytest.raises(BadInput, match=f"other programs listen on {taken}"):
            sign_in(url, (taken,), 5.0, signs_in("ada"), SystemClock())

    assert session.username == "ada"


def test_an_issuer_that_is_not_there_is_told() -> None:
    port = free_port()
    app = create_app(company=acme(), issuer="http://127.0.0.1:1/_oidc", session_key="a key", contributions=())

    with _served(app, port), pytest.raises(IssuerUnanswered, match="1/_oidc did not answer"):
        signed_in(f"http://127.0.0.1:{port}", signs_in())


def test_what_is_no_portal_is_told(listening: Portal) -> None:
    with pytest.raises(PortalFailed, match="does not say who signs people in"):
        signed_in(listening.cloud.url, signs_in())
    with pytest.raises(PortalFailed, match="No portal answers"):
        signed_in("http://127.0.0.1:1", signs_in())


def test_a_portal_is_known_by_the_name_that_it_was_called(url: str) -> None:
    other = url.replace("127.0.0.1", "localhost")

    assert signed_in(other, signs_in()).portal == other


def test_a_portal_that_calls_itself_something_else_is_not_believed(url: str) -> None:
    told, port, app = httpx2.get(f"{url}{PATH}").json(), free_port(), FastAPI()
    app.get(PATH)(lambda: told)

    with _served(app, port, PATH), pytest.raises(PortalFailed, match=f"says that it is {url}"):
        signed_in(f"http://127.0.0.1:{port}", signs_in())


@pytest.mark.parametrize("address", ["http://accounts.acme.example", "ftp://127.0.0.1", "http://[", "portal"])
def test_no_token_travels_in_the_open(address: str) -> None:
    with pytest.raises(BadInput, match="FREEHOLD_URL") as raised:
        signed_in(address, signs_in())

    assert "https" in raised.value.remedy


def test_the_ports_are_few_and_below_those_from_which_clients_are_served() -> None:
    assert len(PORTS) == len(ADDRESSES) > 1
    assert all(1024 < port < 32768 for port in PORTS)
