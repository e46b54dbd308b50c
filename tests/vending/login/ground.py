"""Somebody in front of a browser that the command line opened."""

from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2

from tests.port import free_port
from vending.core.clock import SystemClock
from vending.core.session import Session
from vending.login.flow import sign_in

Person = Callable[[str], None]


def signs_in(username: str = "ada", **changes: str) -> Person:
    """Signs in at the address that is shown, with changes made to it on the way."""

    def act(address: str) -> None:
        httpx2.get(answered(address, username, **changes))

    return act


def answered(address: str, username: str = "ada", **changes: str) -> str:
    """Where the issuer sends the browser back to."""
    parts = urlsplit(address)
    asked = {**dict(parse_qsl(parts.query)), **changes}
    answer = httpx2.post(parts._replace(query=urlencode(asked)).geturl(), data={"username": username})
    return answer.headers["location"]


def said(address: str, name: str) -> str:
    """One parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


def signed_in(portal: str, person: Person, seconds: float = 5.0) -> Session:
    """The session of whoever answers."""
    return sign_in(portal, (free_port(),), seconds, person, SystemClock())
