"""What a caller sees when something goes wrong: RFC 9457 problems for programs, a page for people.

Every error, whoever raised it, becomes one `Problem`; the path decides its clothes.
"""

import json
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from vending.core.errors import BadInput, FieldError, FreeholdError, NotSignedIn
from vending.web.resource import location
from vending.web.signin import AUTH, login_url

API = "/api/"
MEDIA_TYPE = "application/problem+json"
PRECONDITION = "if-match"

_REMEDIES = {
    404: "Check the address, or start again from the first page.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less.",
}


class ProblemField(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Dotted path of the field; `-` for the whole input.")
    reason: str
    remedy: str


class Problem(BaseModel):
    """An error as RFC 9457 writes it, with the way out."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Names the kind of problem; the same for every occurrence.")
    title: str
    status: int
    detail: str
    remedy: str
    errors: tuple[ProblemField, ...] = ()
    request_id: str = Field(description="Quote it when you ask for help: the log names it too.")


def install(app: FastAPI) -> None:
    """Let every error that a route raises leave as a problem or as an error page."""

    @app.exception_handler(FreeholdError)
    def known(request: Request, error: FreeholdError) -> Response:
        if isinstance(error, NotSignedIn) and _is_page(request):
            return RedirectResponse(login_url(request), status_code=303)
        return refuse(request, of_error(request, error))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return refuse(request, _of_validation(request, error))

    @app.exception_handler(HTTPException)
    def by_framework(request: Request, error: HTTPException) -> Response:
        response = refuse(request, _of_status(request, error.status_code))
        response.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and _is_api(request):
            response.headers["Allow"] = ", ".join(_methods(app, request.url.path))
        return response


def of_error(request: Request, error: FreeholdError) -> Problem:
    """The problem that says what the error says."""
    fields = error.errors if isinstance(error, BadInput) else ()
    return _problem(request, error.http_status, error.code, error.sentence, error.remedy, fields)


def of_surprise(request: Request) -> Problem:
    """The problem for an error that nobody foresaw: it tells nothing but where to look."""
    sentence = "Something went wrong that nobody foresaw. Nothing more is known here; the log has it under this id."
    return _problem(request, 500, "unexpected", sentence, "Try again; if it stays, give an operator the request id.")


def refuse(request: Request, problem: Problem) -> Response:
    """The problem as JSON under the API, as a page anywhere else."""
    return _as_json(request, problem) if _is_api(request) else _as_page(request, problem)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(API)


def _is_page(request: Request) -> bool:
    """Whether signing in and coming back would show it."""
    return request.method == "GET" and not request.url.path.startswith((API, AUTH))


def _methods(app: FastAPI, path: str) -> list[str]:
    """Every method that some route of this path takes; the framework names those of the first route alone."""
    described = app.openapi()["paths"].items()
    return sorted(
        {m.upper() for template, methods in described if compile_path(template)[0].match(path) for m in methods}
    )


def _as_json(request: Request, problem: Problem) -> Response:
    # ASCII only: what a caller sent and a message quotes may hold half of a surrogate pair.
    response = Response(json.dumps(problem.model_dump(mode="json")), problem.status, media_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = (
            f'Bearer resource_metadata="{location(request)}"'  # RFC 9728, section 5.1
        )
    return response


def _as_page(request: Request, problem: Problem) -> HTMLResponse:
    page: HTMLResponse = request.app.state.render(request, "error.html", problem.status, {"problem": problem})
    return page


def _of_status(request: Request, status: int) -> Problem:
    phrase = HTTPStatus(status).phrase
    detail = f"{phrase}: {request.method} {request.url.path}"
    return _problem(request, status, phrase.lower().replace(" ", "-"), detail, _REMEDIES.get(status, "Try again."))


def _of_validation(request: Request, error: RequestValidationError) -> Problem:
    fields = tuple(_field(details) for details in error.errors())
    known = BadInput.of(*fields)
    status = _status_of(error)
    code = {400: "malformed", 428: "precondition-required"}.get(status, BadInput.code)
    return _problem(request, status, code, known.sentence, known.remedy, fields)


def _status_of(error: RequestValidationError) -> int:
    """428 for a missing If-Match (RFC 6585), 400 for other headers and unreadable bodies, else 422."""
    for details in error.errors():
        if details["loc"][0] == "header":
            return 428 if str(details["loc"][-1]).lower() == PRECONDITION else 400
        if details["type"] == "json_invalid":
            return 400
    return 422


def _field(details: dict[str, Any]) -> FieldError:
    where, *path = details["loc"]
    if details["type"] == "json_invalid":
        return FieldError("-", "the body is no JSON", "Send one JSON object.")
    name = ".".join(map(str, path)) or "-"
    reason = str(details["msg"])
    return FieldError(name, reason[:1].lower() + reason[1:], f"Mend the {where} parameter; /openapi.json describes it.")


def _problem(
    request: Request, status: int, code: str, detail: str, remedy: str, fields: tuple[FieldError, ...] = ()
) -> Problem:
    return Problem(
        type=f"urn:freehold:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        remedy=remedy,
        errors=tuple(ProblemField(field=f.field, reason=f.reason, remedy=f.remedy) for f in fields),
        request_id=request.scope["state"]["request_id"],
    )
