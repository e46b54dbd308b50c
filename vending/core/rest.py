"""The REST API as the command line calls it: a token, a path, and errors in our words."""

import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from vending.core.address import is_loopback
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
from vending.core.session import Sessions
from vending.core.settings import Settings

KINDS: Mapping[int, type[FreeholdError]] = {
    400: Malformed,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: BadInput,
    428: Conflict,
}
PROBLEM = "application/problem+json"
TIMEOUT_SECONDS = 60.0
NOBODY = "Nobody is signed in, and FREEHOLD_TOKEN is not set."
HOW_TO_SIGN_IN = "Sign in: `freehold login`. Or, on a laptop: export FREEHOLD_TOKEN=$(freehold token --as ada)"
HOW_TO_FIND_IT = "Start it with `make run`, or set FREEHOLD_URL."


class PortalFailed(FreeholdError):
    """The portal did not answer, or not as a portal does."""

    code = "portal-failed"
    exit_code = 5


class Rest:
    """Calls under `/api/v1` of a portal, as the holder of a token; its connections close with it."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        weakref.finalize(self, http.close)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """To `FREEHOLD_URL` with `FREEHOLD_TOKEN`, or as whoever signed in there with `freehold login`.

        Raises:
            NotSignedIn: without either, or when the session is over.
            IssuerUnanswered: when the session has to be renewed and nobody answers.
        """
        portal = settings.portal_url
        _check(portal)
        if not (token := settings.token.get_secret_value() or Sessions.of_user().token(portal)):
            raise NotSignedIn(NOBODY, HOW_TO_SIGN_IN)
        return cls.to(portal, token)

    @classmethod
    def to(cls, portal: str, token: str) -> Self:
        """To one portal, with one token."""
        return cls(
            httpx2.Client(
                base_url=f"{portal}/api/v1",
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT_SECONDS,
                trust_env=not is_loopback(portal),
            )
        )

    def get(self, path: str, **params: Any) -> Any:
        """The JSON that GET answers; parameters that are None are left out."""
        return _content(self.answer("GET", path, params={k: v for k, v in params.items() if v is not None}))

    def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON that POST answers."""
        return _content(self.answer("POST", path, json=body or {}, headers=headers))

    def items(self, path: str, **params: Any) -> Iterator[Any]:
        """Every item of a list, page after page."""
        while True:
            page = self.get(path, **params)
            yield from page["items"]
            if not page.get("next"):
                return
            params["cursor"] = page["next"]

    def answer(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """The response of one call.

        Raises:
            FreeholdError: the kind that the problem document's status stands for; `PortalFailed` without a problem.
        """
        try:
            response = self._http.request(method, path, **options)
        except httpx2.TransportError as error:
            where = self._http.base_url.copy_with(path="/")
            raise PortalFailed(f"No portal answers at {where}: {error}.", HOW_TO_FIND_IT) from error
        if response.is_success:
            return response
        raise _problem(response)


def _check(url: str) -> None:
    """Raises BadInput when the address is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        error = FieldError("FREEHOLD_URL", f"{url!r} is no address of a portal", "Set it to http://127.0.0.1:8080.")
        raise BadInput.of(error)


def _content(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise PortalFailed(f"What answers at {response.url} is no portal.", HOW_TO_FIND_IT) from error


def _problem(response: httpx2.Response) -> FreeholdError:
    problem = _content(response) if PROBLEM in response.headers.get("content-type", "") else {}
    sentence = problem.get("detail") or f"{response.url} answered {response.status_code}."
    remedy = problem.get("remedy") or HOW_TO_FIND_IT
    kind = _kind(response.status_code, str(problem.get("type", "")))
    if issubclass(kind, BadInput):
        errors = (
            FieldError(e.get("field", "-"), e.get("reason", ""), e.get("remedy", "")) for e in problem.get("errors", [])
        )
        return kind(sentence, remedy, tuple(errors))
    return kind(sentence, remedy)


def _kind(status: int, type_: str) -> type[FreeholdError]:
    """502 stands for two kinds, which the problem's type tells apart."""
    if status == httpx2.codes.BAD_GATEWAY and type_:
        return Partial if type_.endswith(f":{Partial.code}") else AwsFailed
    return KINDS.get(status, PortalFailed)
