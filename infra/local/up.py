"""`freehold up` and `freehold token`: everything on a laptop, and a token for one of its people."""

import os
from typing import Annotated

import typer

from vending.core.errors import FreeholdError
from vending.core.output import say


class IssuerFailed(FreeholdError):
    """The local issuer does not answer."""

    code = "issuer-failed"
    exit_code = 5


def up() -> None:
    """The portal, the worker and, unless AWS_ENDPOINT_URL is set, a local cloud, until Ctrl-C."""
    from infra.local.commands import stop_signals
    from infra.local.laptop import running
    from vending.core.company import load_company
    from vending.core.settings import Settings

    settings = Settings()
    company = load_company(settings.config)
    stop = stop_signals()
    say("Starting the local cloud and the portal ...")
    with running(settings, company) as laptop:
        say(f"\nPortal  {laptop.url}")
        say(f"Cloud   {laptop.endpoint}   (AWS_ENDPOINT_URL; any static credentials are the management account's)")
        say(f"        S3 Control puts the account id before the host: HTTP_PROXY={laptop.endpoint} aws s3control ...")
        say(f"Speed   {settings.speed:g} seconds of AWS time pass each second\n")
        say("Sign in as")
        for username, person in company.people.items():
            say(f"  {username:6} {person.name:15} {', '.join(person.groups)}")
        say("\nIn a shell: freehold login, or export FREEHOLD_TOKEN=$(freehold token --as ada)")
        say("Ctrl-C stops everything and forgets it.")
        stop.wait()
    say("Stopped.")


def token(
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Whose token: ada, tom, grace, rosa, omar or sam.")],
) -> None:
    """Print an access token of the local issuer."""
    from vending.core.settings import Settings

    typer.echo(mint(os.environ.get("AWS_ENDPOINT_URL") or f"http://127.0.0.1:{Settings().cloud_port}", name))


def mint(endpoint: str, name: str) -> str:
    """An access token of the local issuer for one of the company file's people.

    Raises:
        NotFound: when the company file has no such person.
        IssuerFailed: when no issuer answers.
    """
    import httpx2

    from infra.local.issuer.clients import AS_GRANT
    from vending.core.errors import NotFound

    asked = {"grant_type": AS_GRANT, "client_id": "freehold-cli", "username": name}
    try:
        answer = httpx2.post(f"{endpoint}/_oidc/oauth2/token", trust_env=False, data=asked)
    except httpx2.TransportError as error:
        sentence = f"No local issuer answers at {endpoint}."
        raise IssuerFailed(sentence, "Start it with `make run` or `freehold up`.") from error
    if not answer.is_success:
        raise NotFound(f"The local issuer knows nobody called {name}.", "`people` in the company file names everybody.")
    return str(answer.json()["access_token"])
