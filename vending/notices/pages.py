"""The mailbox: what people were told, and whether it reached them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from vending.core.identity import Caller
from vending.core.shell import caller_of, render
from vending.notices import api
from vending.notices.book import NoticeBook
from vending.ports import Contribution, MenuEntry

ON_A_PAGE = 20

Who = Annotated[Caller, Depends(caller_of)]


def contribution(book: NoticeBook) -> Contribution:
    """The mailbox and its API; the template is among vending's."""
    return Contribution(api=api.routes(book), pages=routes(book), menu=(MenuEntry("Mailbox", "/mailbox", 80),))


def routes(book: NoticeBook) -> APIRouter:
    """`/mailbox`."""
    router = APIRouter()

    @router.get("/mailbox")
    def mailbox(
        request: Request,
        caller: Who,
        failed: Annotated[bool, Query()] = False,
        cursor: Annotated[str | None, Query(max_length=1000)] = None,
    ) -> Response:
        page = book.page(caller, failed=failed, limit=ON_A_PAGE, cursor=cursor)
        return render(request, "mailbox.html", page=page, failed=failed)

    return router
