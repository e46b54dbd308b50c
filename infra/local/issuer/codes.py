"""What the issuer has handed out and will take back once: authorisation codes and refresh tokens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from authlib.oidc.core import AuthorizationCodeMixin

from infra.local.issuer.clients import Client
from infra.local.issuer.people import User

CODE_SECONDS = 60
REFRESH_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorisation code and the request it answers."""

    client_id: str
    user: User
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    issued: float

    def get_redirect_uri(self) -> str:
        """Where the code was sent; the token request has to name the same place."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The scopes that were granted."""
        return self.scope

    def get_nonce(self) -> str | None:
        """The client's nonce, which goes into the ID token unchanged."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person chose their name, in seconds since 1970."""
        return int(self.issued)


@dataclass(frozen=True)
class Refresh:
    """A refresh token's holder and scopes."""

    client_id: str
    user: User
    scope: str
    issued: float

    def check_client(self, client: Client) -> bool:
        """Whether this client was given the token."""
        return client.client_id == self.client_id

    def get_scope(self) -> str:
        """The scopes that were granted."""
        return self.scope


@dataclass
class Outstanding:
    """Codes and refresh tokens not yet used, in memory: they end with the process, as the keys do."""

    now: Callable[[], float] = time.time
    _codes: dict[str, Code] = field(default_factory=dict)
    _refreshes: dict[str, Refresh] = field(default_factory=dict)

    def keep_code(self, value: str, code: Code) -> None:
        """Remember a code; forgets those nobody came back for."""
        self._codes = {key: one for key, one in self._codes.items() if self._fresh(one.issued, CODE_SECONDS)}
        self._codes[value] = code

    def take_code(self, value: str, client_id: str) -> Code | None:
        """The code, once: it is spent by asking, also when the answer is no."""
        code = self._codes.pop(value, None)
        if code is None or code.client_id != client_id or not self._fresh(code.issued, CODE_SECONDS):
            return None
        return code

    def keep_refresh(self, value: str, refresh: Refresh) -> None:
        """Remember a refresh token."""
        self._refreshes[value] = refresh

    def refresh(self, value: str) -> Refresh | None:
        """The refresh token, as often as it is asked for, until it is too old."""
        refresh = self._refreshes.get(value)
        return refresh if refresh and self._fresh(refresh.issued, REFRESH_SECONDS) else None

    def forget_refresh(self, value: str) -> None:
        """It serves no longer."""
        self._refreshes.pop(value, None)

    def _fresh(self, issued: float, seconds: float) -> bool:
        return self.now() - issued < seconds
