"""The issuer as a browser, a command line and a machine see it, over its own HTTP interface."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import Client, TestResponse

from infra.local.issuer import Issuer, mount
from infra.local.issuer.clients import API_SCOPE, AS_GRANT, MACHINE_SECRET
from infra.local.issuer.tokens import InvalidTokenError
from vending.core.company import Person

BASE = "http://127.0.0.1:8081"
URL = f"{BASE}/_oidc"
VERIFIER = "a-verifier-that-is-long-enough-for-rfc-7636-to-like-it"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:8080/auth/callback"
PEOPLE = {
    "ada": Person(name="Ada Okafor", email="ada@acme.example", groups=("team-payments",)),
    "sam": Person(name="Sam Novak", email="sam@acme.example", groups=("security-auditors", "readers")),
}


class Watch:
    """A clock the test turns by hand."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def issuer(watch: Watch) -> Issuer:
    return Issuer(URL, PEOPLE, now=watch)


@pytest.fixture
def browser(issuer: Issuer) -> Client:
    def cloud(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("418 The cloud behind it", [])
        return [b"cloud"]

    return Client(mount(cloud, issuer))


def asked(**changes: str | None) -> dict[str, str]:
    """A good authorisation request of the portal, with changes; None takes a parameter away."""
    request = {
        "response_type": "code",
        "client_id": "freehold-portal",
        "redirect_uri": CALLBACK,
        "scope": "openid email profile",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return {key: value for key, value in request.items() if value is not None}


def sign_in(browser: Client, username: str = "ada", **changes: str | None) -> dict[str, str]:
    answer = browser.post(
        "/_oidc/oauth2/authorize", base_url=BASE, query_string=asked(**changes), data={"username": username}
    )
    assert answer.status_code == 302, answer.text
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def redeem(browser: Client, **form: str) -> TestResponse:
    data = {
        "grant_type": "authorization_code",
        "client_id": "freehold-portal",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **form,
    }
    return browser.post("/_oidc/oauth2/token", base_url=BASE, data=data)


def claims(browser: Client, token: str) -> dict[str, Any]:
    """Verifies with the published keys, as a resource server does."""
    keys = browser.get("/_oidc/.well-known/jwks.json", base_url=BASE).json
    return dict(jwt.decode(token, KeySet.import_key_set(keys), ["RS256"]).claims)  # type: ignore[arg-type]


def test_discovery_names_addresses_under_the_issuers_own(browser: Client) -> None:
    document = browser.get("/_oidc/.well-known/openid-configuration", base_url=BASE).json

    assert document is not None
    assert document["issuer"] == URL
    assert document["code_challenge_methods_supported"] == ["S256"]
    for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        assert document[endpoint].startswith(URL + "/")


def test_published_keys_have_no_private_part(browser: Client) -> None:
    keys = browser.get("/_oidc/.well-known/jwks.json", base_url=BASE).json

    assert keys is not None
    assert [sorted(key) for key in keys["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]]


def test_other_paths_go_on_to_the_cloud(browser: Client) -> None:
    assert browser.get("/anything", base_url=BASE).text == "cloud"


def test_sign_in_page_lists_people_with_groups_and_says_there_is_no_password(browser: Client) -> None:
    page = browser.get("/_oidc/oauth2/authorize", base_url=BASE, query_string=asked())

    assert page.status_code == 200
    assert '<button type="submit" name="username" value="ada">' in page.text
    assert "security-auditors, readers" in page.text
    assert "no password" in page.text


def test_code_is_changed_into_tokens_shaped_like_cognitos(browser: Client) -> None:
    back = sign_in(browser, "sam")

    tokens = redeem(browser, code=back["code"]).json
    assert tokens is not None
    access, identity = claims(browser, tokens["access_token"]), claims(browser, tokens["id_token"])

    assert back["state"] == "the-state"
    assert tokens["token_type"] == "Bearer"
    assert access["token_use"] == "access"
    assert access["iss"] == URL
    assert access["client_id"] == "freehold-portal"
    assert access["username"] == "sam"
    assert access["cognito:groups"] == ["security-auditors", "readers"]
    assert access["scope"] == "openid email profile"
    assert access["exp"] - access["iat"] == 3600
    assert "aud" not in access
    assert identity["aud"] == "freehold-portal"
    assert identity["nonce"] == "the-nonce"
    assert identity["email"] == "sam@acme.example"
    assert identity["cognito:username"] == "sam"
    assert identity["sub"] == access["sub"]


def test_code_works_once(browser: Client) -> None:
    code = sign_in(browser)["code"]

    first, second = redeem(browser, code=code), redeem(browser, code=code)

    assert first.status_code == 200
    assert second.status_code == 400
    assert second.json == {"error": "invalid_grant", "error_description": "Invalid 'code' in request."}


def test_code_is_good_for_a_minute(browser: Client, watch: Watch) -> None:
    code = sign_in(browser)["code"]
    watch.seconds += 60

    answer = redeem(browser, code=code)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        {"code_verifier": "another-verifier-that-is-long-enough-for-rfc-7636"},
        {"redirect_uri": "http://127.0.0.1:9999/auth/callback"},
        {"client_id": "freehold-cli"},
    ],
)
def test_stolen_code_is_refused_and_spent(browser: Client, form: dict[str, str]) -> None:
    code = sign_in(browser)["code"]

    theft, rightful = redeem(browser, code=code, **form), redeem(browser, code=code)

    assert theft.status_code == 400
    assert rightful.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_unsafe_request_is_sent_back_with_an_error_and_its_state(
    browser: Client, changes: dict[str, str | None], error: str
) -> None:
    answer = browser.get("/_oidc/oauth2/authorize", base_url=BASE, query_string=asked(**changes))

    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.status_code == 302
    assert query["error"] == [error]
    assert query["state"] == ["the-state"]


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/auth/callback"},
        {"redirect_uri": "http://127.0.0.1:8080/elsewhere"},
        {"redirect_uri": "http://127.0.0.1.evil.example/auth/callback"},
        {"redirect_uri": "http://evil@127.0.0.1/auth/callback"},
        {"redirect_uri": "http://127.0.0.1:port/auth/callback"},
        {"redirect_uri": "https://127.0.0.1:8080/auth/callback"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "freehold-machine"},
        {"response_type": 'quo"te', "redirect_uri": None},
    ],
)
def test_request_that_cannot_be_answered_safely_gets_a_page_and_no_redirect(
    browser: Client, changes: dict[str, str | None]
) -> None:
    answer = browser.get("/_oidc/oauth2/authorize", base_url=BASE, query_string=asked(**changes))

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "cannot go on" in answer.text


def test_unknown_name_is_asked_again(browser: Client) -> None:
    answer = browser.post("/_oidc/oauth2/authorize", base_url=BASE, query_string=asked(), data={"username": "mallory"})

    assert answer.status_code == 200
    assert "Who are you?" in answer.text


def test_command_line_may_listen_on_any_port(browser: Client) -> None:
    redirect = "http://localhost:51234/callback"

    code = sign_in(browser, client_id="freehold-cli", redirect_uri=redirect)["code"]
    answer = redeem(browser, code=code, client_id="freehold-cli", redirect_uri=redirect)

    assert answer.status_code == 200


def test_refresh_token_gives_new_tokens_until_it_is_too_old(browser: Client, watch: Watch) -> None:
    tokens = redeem(browser, code=sign_in(browser)["code"]).json
    assert tokens is not None
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    again = redeem(browser, **form)
    stolen = redeem(browser, client_id="freehold-cli", **form)
    watch.seconds += 12 * 3600
    late = redeem(browser, **form)

    assert again.json is not None
    assert claims(browser, again.json["access_token"])["username"] == "ada"
    assert claims(browser, again.json["id_token"])["aud"] == "freehold-portal"
    assert stolen.status_code == 400
    assert late.status_code == 400


def test_refresh_token_that_was_given_back_serves_no_longer(browser: Client) -> None:
    tokens = redeem(browser, code=sign_in(browser)["code"]).json
    assert tokens is not None
    given, client = {"token": tokens["refresh_token"]}, {"client_id": "freehold-portal"}
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    foreign = browser.post("/_oidc/oauth2/revoke", base_url=BASE, data={**given, "client_id": "freehold-cli"})
    before = redeem(browser, **form)
    revoked = browser.post("/_oidc/oauth2/revoke", base_url=BASE, data={**given, **client})
    after = redeem(browser, **form)
    unknown = browser.post("/_oidc/oauth2/revoke", base_url=BASE, data={"token": "guess", **client})
    nothing = browser.post("/_oidc/oauth2/revoke", base_url=BASE, data=client)

    assert [one.status_code for one in (foreign, before, revoked, after)] == [400, 200, 200, 400]
    assert [one.status_code for one in (unknown, nothing)] == [200, 400]


def test_machine_gets_a_token_for_itself_with_its_secret(browser: Client) -> None:
    data = {"grant_type": "client_credentials"}

    answer = browser.post("/_oidc/oauth2/token", base_url=BASE, data=data, auth=("freehold-machine", MACHINE_SECRET))
    wrong = browser.post("/_oidc/oauth2/token", base_url=BASE, data=data, auth=("freehold-machine", "guess"))

    assert answer.json is not None
    token = claims(browser, answer.json["access_token"])
    assert token["sub"] == token["client_id"] == "freehold-machine"
    assert token["scope"] == API_SCOPE
    assert "username" not in token
    assert wrong.status_code == 401


def test_command_line_gets_a_token_as_a_person(browser: Client) -> None:
    data = {"grant_type": AS_GRANT, "client_id": "freehold-cli", "username": "ada"}

    answer = browser.post("/_oidc/oauth2/token", base_url=BASE, data=data)

    assert answer.json is not None
    assert claims(browser, answer.json["access_token"])["cognito:groups"] == ["team-payments"]
    assert "refresh_token" not in answer.json


@pytest.mark.parametrize("form", [{"username": "mallory"}, {"username": ""}, {"client_id": "freehold-portal"}])
def test_nobody_else_is_impersonated(browser: Client, form: dict[str, str]) -> None:
    data = {"grant_type": AS_GRANT, "client_id": "freehold-cli", "username": "ada", **form}

    answer = browser.post("/_oidc/oauth2/token", base_url=BASE, data=data)

    assert answer.status_code == 400


@pytest.mark.parametrize("grant_type", ["password", "", 'quo"te'])
def test_other_grant_is_refused_without_a_traceback(browser: Client, grant_type: str) -> None:
    answer = browser.post("/_oidc/oauth2/token", base_url=BASE, data={"grant_type": grant_type})

    assert answer.status_code == 400


def test_userinfo_needs_a_token_and_tells_who_it_is(browser: Client, issuer: Issuer) -> None:
    header = {"Authorization": f"Bearer {issuer.mint('ada')}"}

    known = browser.get("/_oidc/oauth2/userInfo", base_url=BASE, headers=header)
    unknown = browser.get("/_oidc/oauth2/userInfo", base_url=BASE)

    assert known.json is not None
    assert known.json["email"] == "ada@acme.example"
    assert unknown.status_code == 401


def test_sign_out_goes_back_only_to_a_registered_place(browser: Client) -> None:
    query = {"client_id": "freehold-portal", "post_logout_redirect_uri": "http://127.0.0.1:8080/", "state": "s"}

    home = browser.get("/_oidc/logout", base_url=BASE, query_string=query)
    query["post_logout_redirect_uri"] = "https://evil.example/"
    elsewhere = browser.get("/_oidc/logout", base_url=BASE, query_string=query)

    assert home.headers["Location"] == "http://127.0.0.1:8080/?state=s"
    assert elsewhere.status_code == 200
    assert "You are signed out" in elsewhere.text


def test_token_of_another_issuer_or_use_is_not_verified(issuer: Issuer, browser: Client) -> None:
    foreign = Issuer("http://127.0.0.1:9/_oidc", PEOPLE).mint("ada")
    tokens = redeem(browser, code=sign_in(browser)["code"]).json
    assert tokens is not None

    assert issuer.verify(issuer.mint("ada"))["username"] == "ada"
    for token in (foreign, tokens["id_token"], "nonsense", ""):
        with pytest.raises(InvalidTokenError):
            issuer.verify(token)
