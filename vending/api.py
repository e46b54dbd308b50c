"""The REST API of account requests and accounts; the shell mounts it under `/api/v1`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Response
from fastapi import Request as Call
from pydantic import BaseModel, ConfigDict, Field

from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.shell import caller_of
from vending.lifecycle.accounts import Accounts
from vending.ports import Account
from vending.requests.desk import RequestDesk
from vending.requests.model import AccountRequest, BreakGlass, Page, Plan, Request, State
from vending.requests.view import MAX_LIMIT
from vending.web.bodies import json_object
from vending.workflow.evidence import Evidence

REQUESTS = "/account-requests"
ACCOUNTS = "/accounts"

Who = Annotated[Caller, Depends(caller_of)]
Json = Annotated[dict[str, Any], Depends(json_object)]
RequestId = Annotated[str, Path(max_length=64, description="As it stands in the Location of the answer to POST.")]
AccountId = Annotated[str, Path(max_length=64, description="The twelve digits of AWS.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]
Team = Annotated[str | None, Query(max_length=64)]
States = Annotated[
    tuple[str, ...],
    Query(
        alias="state",
        description="May be repeated: requests in any of these states.",
        json_schema_extra={"items": {"type": "string", "enum": [state.value for state in State]}},
    ),
]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Drawn by the caller: the same key with the same body gives the same request again.",
    ),
]
DryRun = Annotated[
    bool, Query(description="Judge rights and state, and answer what the request would be; nothing is written.")
]
IfMatch = Annotated[
    str, Header(alias="If-Match", max_length=255, description="The ETag of the request as you read it.")
]


class RequestList(BaseModel):
    """A page of requests, newest first, without their timelines."""

    items: tuple[Request, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class AccountList(BaseModel):
    """A page of accounts."""

    items: tuple[Account, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class Decision(BaseModel):
    """What is decided on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash: str | None = Field(default=None, max_length=128, description="Of the request as you read it.")


class Agreement(Decision):
    """A yes."""

    break_glass: bool = Field(
        default=False, description="Whether it stands alone, in an emergency; for those with the role `break_glass`."
    )
    reason: str = Field(default="", max_length=500, description="Why the glass is broken; everybody reads it.")


class Rejection(Decision):
    """A no, with its reason."""

    reason: str = Field(min_length=1, max_length=500, description="What the requester reads.")


class BreakGlassList(BaseModel):
    """A page of emergency approvals, newest first."""

    items: tuple[BreakGlass, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


def routes(desk: RequestDesk, accounts: Accounts) -> APIRouter:
    """Every route of account requests and accounts that exists."""
    router = APIRouter()
    router.include_router(_asking(desk), prefix=REQUESTS, tags=["account requests"])
    router.include_router(_deciding(desk), prefix=REQUESTS, tags=["account requests"])
    router.include_router(_emergencies(desk), tags=["account requests"])
    router.include_router(_accounts(accounts), prefix=ACCOUNTS, tags=["accounts"])
    return router


def _asking(desk: RequestDesk) -> APIRouter:
    router = APIRouter()

    @router.post("", status_code=202, summary="Ask for an account", openapi_extra=_body(AccountRequest))
    def submit(caller: Who, key: Key, body: Json, response: Response) -> Request:
        asked = desk.submit(caller, body, key)
        response.headers["Location"] = f"/api/v1{REQUESTS}/{asked.id}"
        return _tagged(response, asked)

    @router.post("/plan", summary="What a request would do, without doing it", openapi_extra=_body(AccountRequest))
    def plan(caller: Who, body: Json) -> Plan:
        return desk.plan(caller, body)

    @router.get("", summary="The requests you may see", dependencies=[_only("team", "state", "limit", "cursor")])
    def list_requests(
        caller: Who, states: States = (), team: Team = None, limit: Limit = 50, cursor: Cursor = None
    ) -> RequestList:
        page: Page = desk.list(caller, team=team, states=states, limit=limit, cursor=cursor)
        return RequestList(items=page.items, next=page.next, limit=page.limit)

    @router.get("/{request_id}", summary="One request with its timeline")
    def show(caller: Who, request_id: RequestId, response: Response) -> Request:
        return _tagged(response, desk.get(caller, request_id))

    @router.patch(
        "/{request_id}",
        summary="Change what was asked by a merge patch (RFC 7396); a parked request goes on",
        openapi_extra=_body(AccountRequest, "application/merge-patch+json", required=()),
    )
    def edit(
        caller: Who,
        request_id: RequestId,
        if_match: IfMatch,
        patch: Json,
        response: Response,
        dry_run: DryRun = False,
    ) -> Request:
        seen = if_match.removeprefix("W/").strip('"')
        return _tagged(response, desk.edit(caller, request_id, patch, seen, dry_run=dry_run))

    return router


def _deciding(desk: RequestDesk) -> APIRouter:
    router = APIRouter(strict_content_type=False)

    @router.post("/{request_id}/approve", summary="Agree to exactly what was asked")
    def approve(
        caller: Who,
        request_id: RequestId,
        response: Response,
        decision: Agreement | None = None,
        dry_run: DryRun = False,
    ) -> Request:
        said = decision or Agreement()
        asked = desk.approve(
            caller, request_id, said.hash, break_glass=said.break_glass, reason=said.reason, dry_run=dry_run
        )
        return _tagged(response, asked)

    @router.post("/{request_id}/reject", summary="Say no, with a reason")
    def reject(
        caller: Who,
        request_id: RequestId,
        decision: Annotated[Rejection, Body()],
        response: Response,
        dry_run: DryRun = False,
    ) -> Request:
        return _tagged(response, desk.reject(caller, request_id, decision.reason, decision.hash, dry_run=dry_run))

    @router.post("/{request_id}/cancel", summary="End it; if the account exists already, park that in quarantine")
    def cancel(caller: Who, request_id: RequestId, response: Response, dry_run: DryRun = False) -> Request:
        return _tagged(response, desk.cancel(caller, request_id, dry_run=dry_run))

    @router.post("/{request_id}/resume", summary="Go on with a parked request that needs no edit")
    def resume(caller: Who, request_id: RequestId, response: Response, dry_run: DryRun = False) -> Request:
        return _tagged(response, desk.resume(caller, request_id, dry_run=dry_run))

    return router


def _emergencies(desk: RequestDesk) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/break-glass",
        summary="Requests that somebody approved alone in an emergency",
        dependencies=[_only("limit", "cursor")],
    )
    def list_uses(caller: Who, limit: Limit = 50, cursor: Cursor = None) -> BreakGlassList:
        page: Page = desk.break_glass_uses(caller, limit=limit, cursor=cursor)
        return BreakGlassList(items=page.items, next=page.next, limit=page.limit)

    return router


def _accounts(accounts: Accounts) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="The accounts you may see", dependencies=[_only("team", "limit", "cursor")])
    def list_accounts(caller: Who, team: Team = None, limit: Limit = 50, cursor: Cursor = None) -> AccountList:
        page: Page = accounts.list(caller, team=team, limit=limit, cursor=cursor)
        return AccountList(items=page.items, next=page.next, limit=page.limit)

    @router.get("/{account_id}", summary="One account")
    def show(caller: Who, account_id: AccountId) -> Account:
        return accounts.show(caller, account_id)

    @router.get("/{account_id}/evidence", summary="What was last read back from it, item by item, dated and signed")
    def evidence(caller: Who, account_id: AccountId) -> Evidence:
        return accounts.evidence(caller, account_id)

    @router.post("/{account_id}/verify", summary="Read everything promised back now")
    def verify(caller: Who, account_id: AccountId, dry_run: DryRun = False) -> Evidence:
        return accounts.verify(caller, account_id, dry_run=dry_run)

    return router


def _only(*known: str) -> Any:
    """A dependency that refuses query parameters which nobody would read: a filter with a slip filters nothing."""

    def check(call: Call) -> None:
        remedy = f"Known parameters: {', '.join(known)}."
        unknown = [FieldError(n, "there is no such parameter", remedy) for n in call.query_params if n not in known]
        if unknown:
            raise BadInput.of(*unknown)

    return Depends(check)


def _tagged(response: Response, request: Request) -> Request:
    response.headers["ETag"] = f'"{request.etag}"'
    return request


def _body(
    model: type[BaseModel], media_type: str = "application/json", required: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """The body of a route that reads it itself, for the API's description; the desk explains what is wrong with one."""
    schema = model.model_json_schema()
    if required is not None:
        schema["required"] = list(required)
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}
