"""Who can sign in."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from vending.core.company import Person


@dataclass(frozen=True)
class User:
    """One person of the company file under their username."""

    username: str
    person: Person

    @property
    def subject(self) -> str:
        """The ``sub`` claim: a UUID as Cognito's is, and the same after a restart of the cloud."""
        return str(uuid5(NAMESPACE_URL, f"freehold:person:{self.username}"))

    def get_user_id(self) -> str:
        """The subject, under the name the OAuth library asks for."""
        return self.subject


def users_of(people: Mapping[str, Person]) -> dict[str, User]:
    """The people of a company file by username."""
    return {username: User(username, person) for username, person in people.items()}
