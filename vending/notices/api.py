"""What people were told, for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from vending.core.identity import Caller
from vending.core.shell import caller_of
from vending.notices.book import MAX_LIMIT, NoticeBook
from vending.notices.letter import Letter

Who = Annotated[Caller, Depends(caller_of)]


class LetterList(BaseModel):
    """A page of notices, newest first."""

    items: tuple[Letter, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


def routes(book: NoticeBook) -> APIRouter:
    """`/notices`."""
    router = APIRouter(tags=["notices"])

    @router.get("/notices", summary="What people were told, and whether it reached them")
    def list_notices(
        caller: Who,
        failed: Annotated[bool, Query(description="Only those that did not reach somebody.")] = False,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
        cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    ) -> LetterList:
        page = book.page(caller, failed=failed, limit=limit, cursor=cursor)
        return LetterList(items=page.items, next=page.next, limit=page.limit)

    return router
