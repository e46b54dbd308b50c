"""No form is accepted that another site made the browser send: each carries a secret of the session."""

import secrets

from fastapi import Request
from markupsafe import Markup

from vending.core.errors import NotAllowed

FIELD = "csrf"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_field(request: Request) -> Markup:
    """The hidden field that every form with method post has to hold."""
    token = request.session.get(FIELD)
    if token is None:
        token = request.session[FIELD] = secrets.token_urlsafe(24)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)


async def check_csrf(request: Request) -> None:
    """A dependency of every page: refuses a post whose hidden field is not this session's, and uploads altogether.

    Raises:
        NotAllowed: when the field is missing or not the session's.
    """
    if request.method in _SAFE:
        return
    sent = (await request.form(max_files=0)).get(FIELD)
    expected = request.session.get(FIELD)
    if not isinstance(sent, str) or expected is None or not secrets.compare_digest(sent.encode(), expected.encode()):
        raise NotAllowed(
            "This form does not belong to your session, which may have ended.", "Open the page again and repeat."
        )
