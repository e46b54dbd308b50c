"""Reading who somebody is out of a token's claims, the same for every issuer.

Cognito's names come first (*Understanding the identity token*, Amazon Cognito developer guide), then the ones that
OpenID Connect Core and common identity providers use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vending.core.errors import NotSignedIn

_USERNAMES = ("preferred_username", "cognito:username", "username")
"""Cognito's own names of federated people begin with the provider's name; `preferred_username` is as they know it."""
_GROUPS = ("cognito:groups", "groups")


@dataclass(frozen=True)
class Person:
    """Somebody who signed in."""

    username: str
    name: str
    groups: tuple[str, ...]


def read_person(claims: Mapping[str, Any]) -> Person:
    """The person that the claims name.

    Raises:
        NotSignedIn: when they name nobody.
    """
    username = next((claims[key] for key in _USERNAMES if claims.get(key)), None)
    if not isinstance(username, str):
        raise NotSignedIn(
            "The token does not say who you are.", "Sign in as a person: the token needs a username claim."
        )
    name = claims.get("name")
    return Person(username, name if isinstance(name, str) and name else username, _groups(claims))


def _groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    found = next((claims[key] for key in _GROUPS if key in claims), ())
    return tuple(group for group in found if isinstance(group, str)) if isinstance(found, list | tuple) else ()
