"""What the command line keeps of a session, and how it is renewed."""

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.vending.login.ground import signed_in, signs_in
from tests.vending.web.ground import Portal
from vending.core.clock import SystemClock
from vending.core.errors import BadInput, IssuerUnanswered, NotSignedIn
from vending.core.rest import Rest
from vending.core.session import RENEW_BEFORE, Session, Sessions
from vending.login.flow import give_back


class Later:
    """A clock that goes ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def sessions(tmp_path: Path, clock: Later) -> Sessions:
    return Sessions(tmp_path / "freehold" / "sessions", clock)


@pytest.fixture
def url(listening: Portal, unused_port: int) -> str:
    return f"http://127.0.0.1:{unused_port}"


@pytest.fixture
def session(url: str, sessions: Sessions) -> Session:
    """Ada's, as she signed in just now."""
    made = signed_in(url, signs_in("ada"))
    sessions.keep(made)
    return made


def test_it_is_kept_for_its_owner_alone_and_for_that_portal(
    session: Session, sessions: Sessions, tmp_path: Path
) -> None:
    [file] = (tmp_path / "freehold" / "sessions").iterdir()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sessions.find(session.portal) == session
    assert sessions.find("https://accounts.acme.example") is None


def test_printing_it_shows_no_token(session: Session) -> None:
    shown = repr(session) + str(session)

    assert "ada" in shown
    assert session.access_token not in shown
    assert str(session.refresh_token) not in shown


def test_a_token_that_holds_is_used_as_it_is(session: Session, sessions: Sessions) -> None:
    assert sessions.token(session.portal) == session.access_token


def test_a_token_that_ends_soon_is_renewed_and_kept(session: Session, sessions: Sessions, clock: Later) -> None:
    clock.ahead = timedelta(hours=1) - RENEW_BEFORE

    token = sessions.token(session.portal)
    again = sessions.find(session.portal)

    assert token not in (None, session.access_token)
    assert again is not None
    assert (again.access_token, again.refresh_token) == (token, session.refresh_token)
    assert again.ends_at > session.ends_at
    assert Rest.to(session.portal, str(token)).get("/account-requests", limit=1)["limit"] == 1


def test_a_session_that_was_given_back_is_over_when_its_token_ends(
    session: Session, sessions: Sessions, clock: Later
) -> None:
    give_back(session)

    clock.ahead = timedelta(hours=1) - RENEW_BEFORE
    still = sessions.token(session.portal)
    clock.ahead = timedelta(hours=2)
    with pytest.raises(NotSignedIn, match=r"The session of ada at .* is over") as raised:
        sessions.token(session.portal)

    assert still == session.access_token
    assert "freehold login" in raised.value.remedy


def test_an_issuer_without_refresh_tokens_has_people_sign_in_again(
    session: Session, sessions: Sessions, clock: Later
) -> None:
    sessions.keep(session.model_copy(update={"refresh_token": None}))
    clock.ahead = timedelta(hours=2)

    with pytest.raises(NotSignedIn, match="is over"):
        sessions.token(session.portal)


def test_an_issuer_that_does_not_answer_is_told_only_when_the_token_is_over(
    session: Session, sessions: Sessions, clock: Later
) -> None:
    sessions.keep(session.model_copy(update={"token_endpoint": "http://127.0.0.1:1/token"}))

    clock.ahead = timedelta(hours=1) - RENEW_BEFORE
    assert sessions.token(session.portal) == session.access_token
    clock.ahead = timedelta(hours=2)
    with pytest.raises(IssuerUnanswered):
        sessions.token(session.portal)


def test_what_cannot_be_read_is_told_with_its_file(session: Session, sessions: Sessions, tmp_path: Path) -> None:
    [file] = (tmp_path / "freehold" / "sessions").iterdir()
    file.write_text("{}")

    with pytest.raises(NotSignedIn, match=str(file)):
        sessions.token(session.portal)


def test_where_nothing_can_be_kept_it_is_told(session: Session, tmp_path: Path, clock: Later) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadInput, match="nothing can be kept in"):
        Sessions(tmp_path / "file" / "sessions", clock).keep(session)


def test_nothing_is_left_of_what_is_forgotten(session: Session, sessions: Sessions, tmp_path: Path) -> None:
    sessions.forget(session.portal)
    sessions.forget(session.portal)

    assert list((tmp_path / "freehold" / "sessions").iterdir()) == []
    assert sessions.token(session.portal) is None
