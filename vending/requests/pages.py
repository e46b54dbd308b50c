"""The pages of account requests: ask, watch, decide, mend."""

import secrets
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from vending.core.company import Company
from vending.core.errors import BadInput, Stale
from vending.core.identity import Caller
from vending.core.shell import caller_of, render
from vending.requests.actions import Action, obstacle
from vending.requests.course import chart
from vending.requests.deciding import involved
from vending.requests.desk import RequestDesk
from vending.requests.form import LABELS, Fields, by_field
from vending.requests.model import ENDED, State
from vending.requests.model import Request as Asked
from vending.workflow.line import BASELINE

ON_A_PAGE = 50

Who = Annotated[Caller, Depends(caller_of)]


async def sent_form(request: Request) -> FormData:
    """The form that a browser posted."""
    return await request.form()


Sent = Annotated[FormData, Depends(sent_form)]


@dataclass(frozen=True)
class Powers:
    """What the caller may do with one request now: the buttons that its page shows."""

    decide: bool
    break_glass: bool
    edit: bool
    resume: bool
    cancel: bool

    @classmethod
    def over(cls, company: Company, asked: Asked, caller: Caller) -> "Powers":
        """As the desk would allow it."""
        owns = caller.may_ask_for(asked.team)
        emergency = asked.state is State.AWAITING_APPROVAL and caller.may_break_glass
        return cls(
            decide=may_decide(company, asked, caller),
            break_glass=emergency and involved(company, caller, asked, asked.team) is None,
            edit=owns and asked.state in (State.AWAITING_APPROVAL, State.PARKED),
            resume=owns and asked.state is State.PARKED,
            cancel=owns and _fits(Action.CANCEL, asked),
        )


def _fits(action: Action, asked: Asked) -> bool:
    asked_aws, by = asked.asked_aws_at is not None, asked.cancel_wanted_by
    return obstacle(action, asked.state, asked_aws=asked_aws, cancel_wanted_by=by) is None


def may_decide(company: Company, asked: Asked, caller: Caller) -> bool:
    """Whether the request waits for a decision that this caller may make."""
    waits = asked.state is State.AWAITING_APPROVAL and caller.may_decide
    approved = any(approval.by == caller.username for approval in asked.approvals)
    return waits and not approved and involved(company, caller, asked, asked.team) is None


def routes(company: Company, desk: RequestDesk) -> APIRouter:
    """Every page under `/requests`."""
    form = AskForm(company, desk)
    router = APIRouter()
    for part in (_asking(form, desk), _watching(company, desk), _mending(form, desk), _deciding(desk)):
        router.include_router(part, prefix="/requests")
    return router


@dataclass(frozen=True)
class AskForm:
    """The form, empty, filled in, or shown again with what is wrong."""

    company: Company
    desk: RequestDesk

    def show(self, request: Request, caller: Caller, fields: Fields, *, status: int = 200, **more: Any) -> Response:
        """The page. `more` may hold `plan`, `errors` by field, `stale`, and the request `before` an edit."""
        context: dict[str, Any] = {"plan": None, "errors": {}, "stale": None, "before": None, **more}
        return render(
            request,
            "ask.html",
            status,
            rules=self.company,
            choices=self.desk.choices(caller),
            fields=fields,
            labels=LABELS,
            key=secrets.token_urlsafe(16),
            **context,
        )

    def body(self, caller: Caller, fields: Fields) -> dict[str, Any]:
        """The body of a new request.

        Raises:
            BadInput: when the tags cannot be read, together with what is wrong with the other fields.
        """
        try:
            return fields.body()
        except BadInput as unread:
            try:
                self.desk.plan(caller, replace(fields, tags="").body())
            except BadInput as more:
                raise BadInput.of(*unread.errors, *more.errors) from unread
            raise

    def again(self, request: Request, caller: Caller, fields: Fields, error: BadInput, **more: Any) -> Response:
        """The page with what is wrong beside each field."""
        return self.show(request, caller, fields, status=error.http_status, errors=by_field(error.errors), **more)


def _asking(form: AskForm, desk: RequestDesk) -> APIRouter:
    router = APIRouter()

    @router.get("/new")
    def new(request: Request, caller: Who) -> Response:
        return form.show(request, caller, Fields.first(desk.choices(caller)))

    @router.post("/plan")
    def preview(request: Request, caller: Who, sent: Sent) -> Response:
        fields = Fields.sent(sent)
        try:
            return form.show(request, caller, fields, plan=desk.plan(caller, form.body(caller, fields)))
        except BadInput as error:
            return form.again(request, caller, fields, error)

    @router.post("")
    def submit(request: Request, caller: Who, sent: Sent) -> Response:
        fields = Fields.sent(sent)
        try:
            asked = desk.submit(caller, form.body(caller, fields), str(sent.get("key") or secrets.token_urlsafe(16)))
        except BadInput as error:
            return form.again(request, caller, fields, error)
        return _to(asked.id)

    return router


def _watching(company: Company, desk: RequestDesk) -> APIRouter:
    router = APIRouter()

    @router.get("")
    def list_requests(
        request: Request, caller: Who, team: str = "", state: str = "", cursor: str | None = None
    ) -> Response:
        page = desk.list(caller, team=team or None, states=(state,) if state else (), limit=ON_A_PAGE, cursor=cursor)
        teams = [name for name in company.teams if caller.may_see(name)]
        chosen = {"team": team, "state": state}
        return render(request, "requests.html", page=page, chosen=chosen, teams=teams, states=list(State))

    @router.get("/break-glass")
    def emergencies(request: Request, caller: Who, cursor: str | None = None) -> Response:
        page = desk.break_glass_uses(caller, limit=ON_A_PAGE, cursor=cursor)
        return render(request, "break_glass.html", page=page)

    @router.get("/{request_id}")
    def show(request: Request, caller: Who, request_id: str, live: str = "on") -> Response:
        asked = desk.get(caller, request_id)
        changing = asked.state not in (*ENDED, State.PARKED)
        return render(
            request,
            "request.html",
            asked=asked,
            course=chart(asked.timeline, [call.step for call in desk.line], BASELINE.step),
            powers=Powers.over(company, asked, caller),
            changing=changing,
            live=changing and live != "off",
        )

    return router


def _mending(form: AskForm, desk: RequestDesk) -> APIRouter:
    router = APIRouter()

    @router.get("/{request_id}/edit")
    def edit(request: Request, caller: Who, request_id: str) -> Response:
        before = desk.get(caller, request_id)
        return form.show(request, caller, Fields.of(before), before=before)

    @router.post("/{request_id}/edit")
    def change(request: Request, caller: Who, request_id: str, sent: Sent) -> Response:
        before, fields = desk.get(caller, request_id), Fields.sent(sent)
        try:
            desk.edit(caller, request_id, fields.patch(before), str(sent.get("etag", "")))
        except BadInput as error:
            return form.again(request, caller, fields, error, before=before)
        except Stale as error:
            return form.show(request, caller, fields, status=error.http_status, stale=error, before=before)
        return _to(request_id)

    @router.post("/{request_id}/resume")
    def resume(caller: Who, request_id: str) -> Response:
        return _to(desk.resume(caller, request_id).id)

    @router.post("/{request_id}/cancel")
    def cancel(caller: Who, request_id: str) -> Response:
        return _to(desk.cancel(caller, request_id).id)

    return router


def _deciding(desk: RequestDesk) -> APIRouter:
    router = APIRouter()

    @router.post("/{request_id}/approve")
    def approve(caller: Who, request_id: str, sent: Sent) -> Response:
        return _to(desk.approve(caller, request_id, str(sent.get("hash", ""))).id)

    @router.post("/{request_id}/break-glass")
    def break_glass(caller: Who, request_id: str, sent: Sent) -> Response:
        reason, seen = str(sent.get("reason", "")), str(sent.get("hash", ""))
        return _to(desk.approve(caller, request_id, seen, break_glass=True, reason=reason).id)

    @router.post("/{request_id}/reject")
    def reject(caller: Who, request_id: str, sent: Sent) -> Response:
        reason, seen = str(sent.get("reason", "")), str(sent.get("hash", ""))
        return _to(desk.reject(caller, request_id, reason, seen).id)

    return router


def _to(request_id: str) -> Response:
    return RedirectResponse(f"/requests/{request_id}", status_code=303)
