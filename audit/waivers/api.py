"""The REST API of waivers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from audit.waivers.desk import ANY, WaiverDesk
from audit.waivers.waiver import Proposal, Waiver, WaiverState
from vending.core.cursor import from_cursor, to_cursor
from vending.core.identity import Caller
from vending.core.shell import caller_of

WAIVERS = "/waivers"
MAX_LIMIT = 200

Who = Annotated[Caller, Depends(caller_of)]
WaiverId = Annotated[str, Path(max_length=64, description="As it stands in the Location of the answer to POST.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Drawn by the caller: the same key with the same body gives the same waiver again.",
    ),
]
IfMatch = Annotated[
    str, Header(alias="If-Match", max_length=255, description="The waiver's ETag, to decide on just what you read.")
]


class WaiverList(BaseModel):
    """A page of waivers, the newest first."""

    items: tuple[Waiver, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class Agreement(BaseModel):
    """What is agreed to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash: str | None = Field(default=None, max_length=128, description="Of the waiver as you read it.")


def routes(desk: WaiverDesk) -> APIRouter:
    """Every route of waivers."""
    router = APIRouter(prefix=WAIVERS, tags=["waivers"], strict_content_type=False)
    states = Annotated[list[WaiverState], Query(alias="state", description="May be repeated: any of these states.")]

    @router.get("", summary="The waivers that can cover something of yours")
    def list_waivers(
        caller: Who,
        state: states = [],  # noqa: B006 - FastAPI copies defaults
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
        cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    ) -> WaiverList:
        after = from_cursor(cursor, 1)[0] if cursor else None
        found = [one for one in desk.all(caller, [s.value for s in state]) if after is None or one.id < after]
        more = to_cursor((found[limit - 1].id,)) if len(found) > limit else None
        return WaiverList(items=tuple(found[:limit]), next=more, limit=limit)

    @router.post("", status_code=201, summary="Propose a waiver, for another to approve")
    def propose(caller: Who, asked: Proposal, response: Response, key: Key = None) -> Waiver:
        made = desk.propose(caller, asked, key)
        response.headers["Location"] = f"/api/v1{WAIVERS}/{made.id}"
        return _tagged(response, made)

    @router.get("/{waiver_id}", summary="One waiver")
    def show(caller: Who, waiver_id: WaiverId, response: Response) -> Waiver:
        return _tagged(response, desk.get(caller, waiver_id))

    @router.post("/{waiver_id}/approve", summary="Agree to exactly what was proposed; never its owner")
    def approve(
        caller: Who, waiver_id: WaiverId, response: Response, agreed: Agreement | None = None, if_match: IfMatch = ANY
    ) -> Waiver:
        return _tagged(response, desk.approve(caller, waiver_id, agreed.hash if agreed else None, if_match))

    @router.delete("/{waiver_id}", summary="End it, refuse it or withdraw it: what it covered fails again")
    def revoke(caller: Who, waiver_id: WaiverId, response: Response, if_match: IfMatch = ANY) -> Waiver:
        return _tagged(response, desk.revoke(caller, waiver_id, if_match))

    return router


def _tagged(response: Response, waiver: Waiver) -> Waiver:
    response.headers["ETag"] = f'"{waiver.etag}"'
    return waiver
