"""The pages of waivers: the list, one waiver with its decisions, and the form that proposes one."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from audit.waivers.desk import WaiverDesk
from audit.waivers.waiver import Proposal, Waiver, WaiverState
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.shell import caller_of, render

FIELDS = ("control_id", "account_id", "resource_id", "ou", "team", "reason", "ticket", "expires_at")

Who = Annotated[Caller, Depends(caller_of)]


async def sent_form(request: Request) -> FormData:
    """The form that a browser posted."""
    return await request.form()


Sent = Annotated[FormData, Depends(sent_form)]


def routes(desk: WaiverDesk, company: Company, clock: Clock) -> APIRouter:
    """Every page under `/waivers`."""
    router = APIRouter(prefix="/waivers")

    @router.get("")
    def list_waivers(request: Request, caller: Who, state: str = "") -> Response:
        states = (state,) if state in list(WaiverState) else ()
        shown: dict[str, Any] = {"waivers": desk.all(caller, states), "states": list(WaiverState), "chosen": state}
        return render(request, "waivers.html", may_propose=caller.may_propose_waivers, **shown, **_age(desk, clock))

    @router.get("/new")
    def new(request: Request, caller: Who) -> Response:
        caller.require(caller.may_propose_waivers, "propose waivers", "an auditor")
        fields = {name: request.query_params.get(name, "") for name in FIELDS}
        return _form(request, company, fields)

    @router.post("")
    def propose(request: Request, caller: Who, sent: Sent) -> Response:
        fields = {name: str(sent.get(name, "")).strip() for name in FIELDS}
        try:
            made = desk.propose(caller, _read(fields), str(sent.get("key", "")) or None)
        except BadInput as error:
            return _form(request, company, fields, error)
        return _to(made)

    @router.get("/{waiver_id}")
    def show(request: Request, caller: Who, waiver_id: str) -> Response:
        waiver = desk.get(caller, waiver_id)
        over = waiver.state in (WaiverState.EXPIRED, WaiverState.REVOKED)
        may_end = not over and (caller.may_decide or caller.username == waiver.owner)
        powers = {"may_approve": desk.may_approve(caller, waiver), "may_end": may_end}
        return render(request, "waiver.html", waiver=waiver, **powers, **_age(desk, clock))

    @router.post("/{waiver_id}/approve")
    def approve(caller: Who, waiver_id: str, sent: Sent) -> Response:
        return _to(desk.approve(caller, waiver_id, str(sent.get("hash", "")) or None))

    @router.post("/{waiver_id}/revoke")
    def revoke(caller: Who, waiver_id: str) -> Response:
        return _to(desk.revoke(caller, waiver_id))

    return router


def _age(desk: WaiverDesk, clock: Clock) -> dict[str, Any]:
    """What a page needs to tell how old its data is."""
    return {"run": desk.reader.ledger.latest(), "now": clock.now()}


def _form(request: Request, company: Company, fields: Mapping[str, str], error: BadInput | None = None) -> Response:
    """The form, empty, filled in, or shown again with what is wrong beside each field."""
    errors = {one.field: _words(one) for one in error.errors} if error else {}
    rules = {"teams": list(company.teams), "days": company.audit.waiver_max_days}
    context: dict[str, Any] = {"fields": fields, "errors": errors, "key": secrets.token_urlsafe(16), **rules}
    return render(request, "waiver_form.html", error.http_status if error else 200, **context)


def _words(error: FieldError) -> str:
    return f"{error.reason[:1].upper()}{error.reason[1:]}. {error.remedy}"


def _read(fields: Mapping[str, str]) -> Proposal:
    """What the form asks for; empty fields ask nothing.

    Raises:
        BadInput: naming each field that cannot be read.
    """
    try:
        return Proposal.model_validate({name: value for name, value in fields.items() if value})
    except ValidationError as error:
        raise BadInput.of(*(_explained(details) for details in error.errors())) from error


def _explained(details: Any) -> FieldError:
    name = ".".join(map(str, details["loc"])) or "-"
    if details["type"] == "missing":
        return FieldError(name, "it is missing", "Fill it in.")
    reason = str(details["msg"]).removeprefix("Value error, ")
    return FieldError(name, reason[:1].lower() + reason[1:], "Correct it.")


def _to(waiver: Waiver) -> Response:
    return RedirectResponse(f"/waivers/{waiver.id}", status_code=303)
