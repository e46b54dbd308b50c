"""Signing in with the browser, and out again."""

from collections.abc import Callable, Sequence

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError

from vending.core.clock import Clock
from vending.core.errors import NotSignedIn, Partial
from vending.core.session import Session, end_of, issuer_client, silent
from vending.login.issuer import Issuer
from vending.login.loopback import Answer, listening

VERIFIER_LENGTH = 64
"""RFC 7636, section 4.1: 43 to 128."""
SECRET_LENGTH = 43

Show = Callable[[str], None]
"""Brings a person to the address at which they sign in."""


def sign_in(portal: str, ports: Sequence[int], seconds: float, show: Show, clock: Clock) -> Session:
    """Somebody's new session at a portal; nothing of it is kept yet.

    Raises:
        NotSignedIn: when nobody signs in within so many seconds, the issuer refuses, or answers something else.
        PortalFailed: when no portal answers.
        IssuerUnanswered: when the issuer does not.
        BadInput: when no port is free, or tokens would travel in the open.
    """
    issuer = Issuer.of_portal(portal)
    state, nonce, verifier = (
        generate_token(SECRET_LENGTH),
        generate_token(SECRET_LENGTH),
        generate_token(VERIFIER_LENGTH),
    )
    with (
        listening(ports, state) as loopback,
        issuer_client(
            issuer.issuer,
            issuer.client_id,
            scope=issuer.scope,
            redirect_uri=loopback.address,
            code_challenge_method="S256",
        ) as client,
    ):
        asked = issuer.authorization_endpoint
        address, _ = client.create_authorization_url(asked, state=state, nonce=nonce, code_verifier=verifier)
        show(address)
        code = _code(loopback.wait(seconds), issuer)
        try:
            tokens = client.fetch_token(issuer.token_endpoint, code=code, code_verifier=verifier)
        except OAuthError as error:
            raise _refused(error.error, error.description) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise silent(issuer.issuer) from error
    person = issuer.read_identity(str(tokens.get("id_token", "")), nonce)
    return Session(
        portal=portal,
        issuer=issuer.issuer,
        client_id=issuer.client_id,
        token_endpoint=issuer.token_endpoint,
        revocation_endpoint=issuer.revocation_endpoint,
        username=person.username,
        name=person.name,
        access_token=tokens["access_token"],
        refresh_token=tokens.get("refresh_token"),
        ends_at=end_of(tokens, clock.now()),
    )


def give_back(session: Session) -> None:
    """Have the issuer take back what would renew the session (RFC 7009).

    Raises:
        Partial: when it does not: the session then ends by itself.
    """
    if session.revocation_endpoint is None or session.refresh_token is None:
        return
    with issuer_client(session.issuer, session.client_id) as client:
        try:
            client.revoke_token(session.revocation_endpoint, session.refresh_token).raise_for_status()
        except httpx2.HTTPError as error:
            sentence = f"Nothing is kept here any longer, but the issuer {session.issuer} took nothing back."
            raise Partial(sentence, "It ends by itself; an operator can end it at the issuer.") from error


def _code(answer: Answer, issuer: Issuer) -> str:
    """RFC 9207: an issuer that names itself must be the one that was asked."""
    if (error := answer.get("error")) is not None:
        raise _refused(error, answer.get("error_description"))
    if answer.get("iss", issuer.issuer) != issuer.issuer or not answer.get("code"):
        raise NotSignedIn("The answer is not from the issuer that was asked.", "Try again.")
    return answer["code"]


def _refused(error: str, description: str | None) -> NotSignedIn:
    return NotSignedIn(f"The issuer did not sign you in: {description or error}.", "Try again, or ask an operator.")
