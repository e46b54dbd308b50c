"""`freehold login` and `freehold logout`."""

import webbrowser
from typing import Annotated

import typer

from vending.core.clock import SystemClock, to_text
from vending.core.output import Output, print_thing, say
from vending.core.rest import Rest
from vending.core.session import Session, Sessions
from vending.core.settings import Settings
from vending.login.callback import PORTS

OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")]
WAIT_SECONDS = 300.0


def login(
    browser: Annotated[bool, typer.Option(help="Open a browser; the address is shown either way.")] = True,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The port of 127.0.0.1 to come back to; it is to be known to the issuer."),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="How many seconds to wait for you.")] = WAIT_SECONDS,
    output: OutputOption = Output.TABLE,
) -> None:
    """Sign in with the browser at the portal of FREEHOLD_URL. FREEHOLD_TOKEN, where it is set, still goes first."""
    from vending.login.flow import sign_in

    settings = Settings()

    def show(address: str) -> None:
        say(f"Sign in at\n\n  {address}\n")
        if browser and not webbrowser.open(address):
            say("No browser could be opened: open the address yourself.")

    session = sign_in(settings.portal_url, (port,) if port else PORTS, timeout, show, SystemClock())
    Rest.to(session.portal, session.access_token).get("/account-requests", limit=1)
    Sessions.of_user().keep(session)
    say(f"Signed in as {session.username}.")
    if settings.token.get_secret_value():
        say("FREEHOLD_TOKEN is set, and goes first: unset it to call as this person.")
    print_thing(_shown(session), output)


def logout(output: OutputOption = Output.TABLE) -> None:
    """Sign out of the portal of FREEHOLD_URL: nothing is kept, and the issuer takes the session back."""
    from vending.login.flow import give_back

    portal, sessions = Settings().portal_url, Sessions.of_user()
    session = sessions.find(portal)
    sessions.forget(portal)
    if session is not None:
        give_back(session)
    said = f"Signed out of {portal}." if session else f"Nobody was signed in at {portal}."
    say(said)
    print_thing({"portal": portal, "username": session.username if session else None}, output)


def _shown(session: Session) -> dict[str, object]:
    return {
        "portal": session.portal,
        "username": session.username,
        "name": session.name,
        "ends_at": to_text(session.ends_at),
        "renewed": session.refresh_token is not None,
    }
