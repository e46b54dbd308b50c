"""Who is calling: the bearer of a token, or somebody whose browser is signed in."""

from fastapi import Request

from vending.core.company import Company
from vending.core.errors import NotSignedIn
from vending.core.identity import Caller
from vending.web.claims import Person, read_person
from vending.web.problems import API
from vending.web.signin import signed_in
from vending.web.tokens import TokenVerifier

_READS = frozenset({"GET", "HEAD"})


class Callers:
    """Turns a request into its caller."""

    def __init__(self, company: Company, verifier: TokenVerifier) -> None:
        self._company = company
        self._verifier = verifier

    def identify(self, request: Request) -> Caller:
        """The caller. A session may read the API, for links on pages; to change something there takes a token.

        Raises:
            NotSignedIn: for a request with neither a valid token nor a session that will do.
            IssuerUnanswered: when a token cannot be checked.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._caller(read_person(self._verifier.verify(token.strip())))
        session_will_do = not request.url.path.startswith(API) or request.method in _READS
        if session_will_do and (person := signed_in(request)):
            return self._caller(person)
        raise NotSignedIn("Nobody is signed in.", "Send a bearer token, or sign in with the browser.")

    def visitor(self, request: Request) -> Caller | None:
        """Who looks at a page; None for somebody who is not signed in, or when no session was read."""
        person = signed_in(request) if "session" in request.scope else None
        return self._caller(person) if person else None

    def _caller(self, person: Person) -> Caller:
        return self._company.caller(person.username, person.groups)
