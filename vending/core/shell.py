"""What pages and APIs of every package ask of the portal's shell. Only they import it: functions without pages start
sooner without a web framework."""

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from vending.core.identity import Caller


def caller_of(request: Request) -> Caller:
    """Who is calling, as the shell's sign-in found it; usable as a FastAPI dependency.

    Raises:
        NotSignedIn: for a request that carries neither a session nor a valid token.
    """
    return request.app.state.identify(request)  # type: ignore[no-any-return]


def render(request: Request, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
    """A page of the portal: `template` extends `page.html` of the shell, which knows menu and caller."""
    return request.app.state.render(request, template, status_code, context)  # type: ignore[no-any-return]
