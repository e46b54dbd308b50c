"""The pages of guardrails: the catalogue, a page each, the state of the organisation, and why a call is denied."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from guardrails import api
from guardrails.api import WHO_GOVERNS, ExplanationView, Question, explain
from guardrails.guardrail import Guardrail
from guardrails.service import Guardrails
from guardrails.trial import try_guardrail
from vending.core.errors import BadInput
from vending.core.identity import Caller
from vending.core.shell import caller_of, render
from vending.ports import Account, Contribution, MenuEntry, Panel

TEMPLATES = Path(__file__).parent / "templates"

Who = Annotated[Caller, Depends(caller_of)]


def contribution(service: Guardrails) -> Contribution:
    """The API, the pages, the menu entry and the account's panel."""

    def load(account: Account, caller: Caller) -> Mapping[str, Any]:  # noqa: ARG001 - who sees the account sees these
        return {"guardrails": service.holding(account)}

    return Contribution(
        api=api.routes(service),
        pages=routes(service),
        menu=(MenuEntry("Guardrails", "/guardrails", 40),),
        account_panels=(Panel("Guardrails that hold this account", "guardrails_panel.html", 30, load),),
        templates=TEMPLATES,
    )


def routes(service: Guardrails) -> APIRouter:
    """Every page under `/guardrails`."""
    router = APIRouter()
    for part in (_enforcement(service), _explanation(service), _catalogue(service)):
        router.include_router(part, prefix="/guardrails")
    return router


def _enforcement(service: Guardrails) -> APIRouter:
    router = APIRouter()

    @router.get("/plan")
    def plan(request: Request, caller: Who) -> Response:
        return render(
            request,
            "guardrails_plan.html",
            plan=api.view_plan(service.plan()),
            drift=service.drift(),
            may_apply=caller.may_govern,
            who_governs=WHO_GOVERNS,
        )

    @router.post("/apply")
    def apply(caller: Who) -> Response:
        caller.require(caller.may_govern, "apply guardrails", WHO_GOVERNS)
        service.apply()
        return RedirectResponse("/guardrails/plan", status_code=303)

    return router


def _explanation(service: Guardrails) -> APIRouter:
    router = APIRouter()

    @router.get("/why")
    def why(
        request: Request,
        caller: Who,
        account: str = "",
        principal: str = "",
        action: str = "",
        resource: str = "",
        context: str = "",
    ) -> Response:
        asked = {"account": account, "principal": principal, "action": action, "resource": resource, "context": context}
        answer, complaint = _answer(service, caller, asked) if action else (None, "")
        status = 422 if complaint else 200
        return render(request, "guardrails_why.html", status, asked=asked, answer=answer, complaint=complaint)

    return router


def _answer(service: Guardrails, caller: Caller, asked: Mapping[str, str]) -> tuple[ExplanationView | None, str]:
    """The explanation, or what is wrong with the question."""
    try:
        filled = {**asked, "resource": asked["resource"] or "*", "context": dict(_pairs(asked["context"]))}
        return explain(service, caller, Question.model_validate(filled)), ""
    except ValidationError as error:
        first = error.errors()[0]
        return None, f"{first['loc'][0]}: {first['msg']}"
    except BadInput as error:
        return None, f"{error.sentence}. {error.remedy}"


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        key, equals, value = line.partition("=")
        if not (key and equals):
            raise BadInput(f"{line!r} is no pair", "Write KEY=VALUE, one a line.")
        yield key.strip(), value.strip()


def _catalogue(service: Guardrails) -> APIRouter:
    router = APIRouter()

    @router.get("")
    def list_guardrails(request: Request, caller: Who) -> Response:
        policies = [guardrail for guardrail in service.catalogue if guardrail.is_policy]
        watched = [guardrail for guardrail in service.catalogue if guardrail.rules or guardrail.control]
        settings = [guardrail for guardrail in service.catalogue if guardrail.setting]
        return render(
            request,
            "guardrails.html",
            policies=policies,
            watched=watched,
            tower=service.company.landing_zone.control_tower,
            settings=settings,
            exemptions=api.view_exemptions(service, caller),
        )

    @router.get("/{guardrail_id}")
    def show(request: Request, caller: Who, guardrail_id: str) -> Response:
        guardrail = service.get(guardrail_id)
        return render(
            request,
            "guardrail.html",
            guardrail=guardrail,
            cases=_cases(guardrail),
            exemptions=api.view_exemptions(service, caller, guardrail.id),
            units=[service.company.ou_classes[c] for c in guardrail.ou_classes if c in service.company.ou_classes],
            parameters={name: _told(value) for name, value in guardrail.parameters.items()},
            carriers=_carriers(service, guardrail.id),
        )

    return router


def _carriers(service: Guardrails, guardrail_id: str) -> list[str]:
    """Names of the documents and conformance packs that hold a part of the guardrail."""
    documents = {each.name for each in service.documents if guardrail_id in each.guardrails}
    return sorted(documents | {each.name for each in service.conformance if guardrail_id in each.guardrails})


def _told(value: Any) -> str:
    """A parameter in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_told(each)}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _cases(guardrail: Guardrail) -> list[tuple[Any, Any]]:
    """Each case with what the evaluator makes of it now."""
    return list(zip(guardrail.allows + guardrail.denies, try_guardrail(guardrail), strict=True))
