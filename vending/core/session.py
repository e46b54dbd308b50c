"""Who the command line is signed in as: one file a portal, which only its owner reads, renewed before it ends."""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vending.core.address import is_loopback
from vending.core.clock import Clock, SystemClock
from vending.core.errors import BadInput, FieldError, IssuerUnanswered, NotSignedIn

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

RENEW_BEFORE = timedelta(minutes=2)
"""A token that ends sooner than this is renewed before it is used."""
DEFAULT_SECONDS = 300
"""How long a token is taken to last where the issuer does not say (RFC 6749, section 5.1, only recommends it)."""
ANSWER_SECONDS = 10.0
AGAIN = "Sign in again: `freehold login`."


class Session(BaseModel):
    """Somebody's tokens for one portal. Neither is shown when it is printed."""

    model_config = ConfigDict(frozen=True)

    portal: str
    issuer: str
    client_id: str
    token_endpoint: str
    """Where it is renewed: kept from signing in, so that no portal that answers later gets the refresh token."""
    revocation_endpoint: str | None
    """Where it is given back, if the issuer takes that."""
    username: str
    name: str
    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(repr=False)
    ends_at: datetime
    """When the access token ends."""

    def renewed(self, tokens: Mapping[str, Any], now: datetime) -> Self:
        """With what the issuer gave; it may keep the refresh token as it is."""
        return self.model_copy(
            update={
                "access_token": tokens["access_token"],
                "refresh_token": tokens.get("refresh_token") or self.refresh_token,
                "ends_at": end_of(tokens, now),
            }
        )


def end_of(tokens: Mapping[str, Any], now: datetime) -> datetime:
    """When the access token of an issuer's answer ends."""
    return now + timedelta(seconds=int(tokens.get("expires_in") or DEFAULT_SECONDS))


def issuer_client(issuer: str, client_id: str, **options: Any) -> "OAuth2Client":
    """Speaks to an issuer as a public client."""
    from authlib.integrations.httpx_client import OAuth2Client

    return OAuth2Client(
        client_id,
        token_endpoint_auth_method="none",  # noqa: S106 - the method of a client that has no secret
        timeout=ANSWER_SECONDS,
        trust_env=not is_loopback(issuer),
        **options,
    )


class Sessions:
    """The sessions of one person on one machine."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    @classmethod
    def of_user(cls) -> Self:
        """Where programs keep what they know of a user (`XDG_STATE_HOME`, or what the system has for it)."""
        from platformdirs import user_state_path

        return cls(user_state_path("freehold") / "sessions", SystemClock())

    def find(self, portal: str) -> Session | None:
        """Who is signed in at a portal.

        Raises:
            NotSignedIn: when what is kept cannot be read.
        """
        path = self._path(portal)
        try:
            return Session.model_validate_json(path.read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError, ValueError) as error:
            raise NotSignedIn(f"{path} cannot be read: who is signed in at {portal} is not known.", AGAIN) from error

    def token(self, portal: str) -> str | None:
        """The access token for a portal, a new one if the old one ends soon; None if nobody is signed in.

        Raises:
            NotSignedIn: when the session is over.
            IssuerUnanswered: when it has to be renewed and nobody answers.
            BadInput: when what was renewed cannot be kept.
        """
        if (session := self.find(portal)) is None:
            return None
        if session.ends_at - self._clock.now() < RENEW_BEFORE:
            session = self._renew(session)
            self.keep(session)
        return session.access_token

    def keep(self, session: Session) -> None:
        """Write it down, whole or not at all, where nobody else reads it.

        Raises:
            BadInput: when nothing can be written there.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder)  # of mode 0600
            with os.fdopen(handle, "w") as file:
                file.write(session.model_dump_json(indent=2))
            Path(name).replace(self._path(session.portal))
        except OSError as error:
            reason = f"nothing can be kept in {self._folder}: {error.strerror}"
            raise BadInput.of(FieldError("XDG_STATE_HOME", reason, "Set it to a folder of your own.")) from error

    def forget(self, portal: str) -> None:
        """Keep nothing of a portal any longer."""
        self._path(portal).unlink(missing_ok=True)

    def _renew(self, session: Session) -> Session:
        """As it is when it cannot be renewed but still holds for a while."""
        try:
            return session.renewed(_ask_again(session), self._clock.now())
        except (NotSignedIn, IssuerUnanswered):
            if session.ends_at > self._clock.now():
                return session
            raise

    def _path(self, portal: str) -> Path:
        return self._folder / f"{quote(portal, safe='')}.json"


def _ask_again(session: Session) -> Mapping[str, Any]:
    """What the issuer gives for the refresh token."""
    from authlib.integrations.base_client import OAuthError
    from httpx2 import HTTPError

    over = NotSignedIn(f"The session of {session.username} at {session.portal} is over.", AGAIN)
    if session.refresh_token is None:
        raise over
    with issuer_client(session.issuer, session.client_id) as client:
        try:
            given = client.refresh_token(session.token_endpoint, refresh_token=session.refresh_token)
        except OAuthError as error:
            raise over from error
        except (HTTPError, ValueError) as error:
            raise silent(session.issuer) from error
    if not given.get("access_token"):
        raise silent(session.issuer)
    return dict(given)


def silent(issuer: str) -> IssuerUnanswered:
    """The error for an issuer that does not answer, or talks nonsense."""
    return IssuerUnanswered(f"The issuer {issuer} did not answer.", "Try again; if it stays, tell an operator.")
