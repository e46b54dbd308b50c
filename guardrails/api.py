"""The REST API of guardrails; the shell mounts it under `/api/v1`. Everybody who is signed in may read."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from guardrails.compiler.quota import LIMITS, PolicyKind
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.explanation import tell
from guardrails.enforcement.meaning import summarise
from guardrails.enforcement.step import Act, DeployedKind
from guardrails.evaluator import answer
from guardrails.exemptions import tell as tell_exemption
from guardrails.gates.objection import Gate
from guardrails.guardrail import Guardrail, describe
from guardrails.service import Guardrails, Prospect
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.shell import caller_of

MAX_LIMIT = 200
WHO_GOVERNS = "an approver of the platform or of security"

Who = Annotated[Caller, Depends(caller_of)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


class View(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(frozen=True)


class CaseView(View):
    """A call, or an observed setting, that must be allowed or denied."""

    expect: Literal["allow", "deny"]
    name: str
    rule: str | None = Field(default=None, description="The Config rule that judges it.")
    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    context: dict[str, Any] | None = None
    observed: dict[str, Any] | None = None


class ExemptionView(View):
    """Accounts, or roles in them, that a guardrail does not hold for a while."""

    guardrail: str
    owner: str
    reason: str
    ticket: str
    granted: date
    expires: date = Field(description="From 00:00 UTC of this day on AWS denies again.")
    accounts: tuple[str, ...]
    roles: tuple[str, ...] = Field(description="Without any, the whole account is exempt.")
    state: Literal["active", "ending", "ended"]
    days_left: int


class ExemptionList(View):
    """Every exemption of the company file; there is one page only."""

    items: tuple[ExemptionView, ...]
    next: str | None = None
    limit: int


class GuardrailView(View):
    """A guardrail or setting of the catalogue."""

    id: str
    title: str
    intent: str
    mechanism: str
    ou_classes: tuple[str, ...]
    frameworks: tuple[str, ...]
    parameters: dict[str, Any]
    seen_as: str = Field(description="How a person sees it fail.")
    exemption: str = Field(description="How to ask for an exemption, and whom.")
    statements: tuple[dict[str, Any], ...]
    content: dict[str, Any] | None = Field(description="Its part of a declarative, S3 or tag policy.")
    rules: tuple[str, ...] = Field(description="AWS's identifiers of its Config rules.")
    control: str | None = Field(description="Its name in the control catalogue.")
    expected: str | None = Field(description="What must be so, where it judges no calls.")
    cases: tuple[CaseView, ...]


class GuardrailList(View):
    """A page of guardrails, in the order of their ids."""

    items: tuple[GuardrailView, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class StepView(View):
    """One write to Organizations, Control Tower or Config."""

    act: Act
    policy: str
    kind: PolicyKind | DeployedKind
    target: str
    target_name: str
    reason: str


class ObjectionView(View):
    """Why the plan must not be applied."""

    gate: Gate
    sentence: str


class FlipView(View):
    """A call whose answer the plan changes."""

    ou: str
    guardrail: str = Field(description="Whose case or statement shows it; empty where no guardrail has it any more.")
    call: str
    who: str = Field(description="The kind of caller.")
    principal: str
    action: str
    region: str = Field(description="Empty where the statement does not look at it.")
    before: str
    after: str


class ChangeView(View):
    """Flips that say the same of several OUs and actions."""

    ous: tuple[str, ...]
    guardrail: str
    call: str
    who: str
    actions: tuple[str, ...]
    region: str
    before: str
    after: str


class RoomView(View):
    """How much of what AWS lets be attached to an OU is taken when the plan is done."""

    ou: str
    kind: PolicyKind
    ours: int
    others: int = Field(description="What Control Tower, AWS and other people attached, as it is now.")
    slots: int


class PlanView(View):
    """What applying does, in the order in which it is done."""

    steps: tuple[StepView, ...]
    objections: tuple[ObjectionView, ...]
    flips: tuple[FlipView, ...]
    changes: tuple[ChangeView, ...] = Field(description="The flips, summed up.")
    room: tuple[RoomView, ...]
    limits: str = Field(description="Where the slots and sizes come from.")


class DriftView(View):
    """One difference between what is compiled and what is attached."""

    kind: DriftKind
    policy: str
    target: str
    target_name: str
    detail: str
    remedy: str


class DriftList(View):
    """Every difference; there is one page only."""

    items: tuple[DriftView, ...]
    next: str | None = None
    limit: int


class CaseToJudge(View):
    """A line of `freehold guardrails evaluate`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | int = "-"
    levels: list[list[dict[str, Any]]] = Field(description="SCPs from the root to the account, level by level.")
    rcp_levels: list[list[dict[str, Any]]] | None = None
    principal: str
    action: str
    resource: str
    context: dict[str, Any] | None = None
    management_account: str | None = None
    unknown: list[str] | None = Field(default=None, description="Context keys that exist but are not known.")


class BecauseView(View):
    """The place of a denial, counted from 0; an implicit one names the level alone."""

    level: int | None
    policy: int | None
    statement: int | None


class DecisionView(View):
    """What the policies make of the call."""

    id: str | int
    decision: Literal["allow", "deny", "unknown"]
    because: BecauseView | None
    missing: tuple[str, ...]


class Question(View):
    """A call that was denied, or might be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field(pattern=r"^\d{12}$", description="The caller's; for one from outside, the resource's.")
    principal: str = Field(min_length=1, max_length=2048)
    action: str = Field(min_length=1, max_length=256)
    resource: str = Field(default="*", min_length=1, max_length=2048)
    context: dict[str, str | bool | int | float | list[str]] = Field(default_factory=dict)


class ExplanationView(View):
    """Who or what denies the call, and whom to ask."""

    decision: Literal["allow", "deny", "unknown"]
    sentence: str
    ask: str
    place: str
    policy: str
    statement: str
    guardrail: str
    missing: tuple[str, ...]


def routes(service: Guardrails) -> APIRouter:
    """Every route under `/guardrails`."""
    router = APIRouter()
    for part in (_enforcing(service), _judging(service), _reading(service)):
        router.include_router(part, prefix="/guardrails", tags=["guardrails"])
    return router


def _enforcing(service: Guardrails) -> APIRouter:
    router = APIRouter()

    @router.get("/plan", summary="What applying would do now")
    def plan(caller: Who) -> PlanView:  # noqa: ARG001 - signed in is enough
        return view_plan(service.plan())

    @router.get("/drift", summary="What is attached but should not be, what is missing, what somebody changed")
    def drift(caller: Who) -> DriftList:  # noqa: ARG001 - signed in is enough
        found = tuple(DriftView(**asdict(each)) for each in service.drift())
        return DriftList(items=found, limit=MAX_LIMIT)

    @router.post("/apply", summary="Attach what is compiled, new before old; answers what was done")
    def apply(caller: Who) -> PlanView:
        caller.require(caller.may_govern, "apply guardrails", WHO_GOVERNS)
        return view_plan(service.apply())

    return router


def _judging(service: Guardrails) -> APIRouter:
    router = APIRouter()

    @router.post("/evaluate", summary="Judge one case: policies and a call in, a decision and its reason out")
    def evaluate(caller: Who, case: CaseToJudge) -> DecisionView:  # noqa: ARG001 - signed in is enough
        return DecisionView.model_validate(answer(case.model_dump()))

    @router.post("/why", summary="Who or what denies a call in an account, and whom to ask")
    def why(caller: Who, question: Question) -> ExplanationView:
        return explain(service, caller, question)

    return router


def _reading(service: Guardrails) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="The catalogue")
    def list_guardrails(caller: Who, limit: Limit = 100, cursor: Cursor = None) -> GuardrailList:  # noqa: ARG001
        page, following = _page(service.catalogue, limit, cursor)
        return GuardrailList(items=tuple(view(guardrail) for guardrail in page), next=following, limit=limit)

    @router.get("/exemptions", summary="Who is exempt from what, why and until when")
    def list_exemptions(caller: Who) -> ExemptionList:
        return ExemptionList(items=view_exemptions(service, caller), limit=MAX_LIMIT)

    @router.get("/{guardrail_id}", summary="One guardrail with its cases")
    def show(
        caller: Who,  # noqa: ARG001
        guardrail_id: Annotated[str, Path(max_length=64)],
    ) -> GuardrailView:
        return view(service.get(guardrail_id))

    return router


def explain(service: Guardrails, caller: Caller, question: Question) -> ExplanationView:
    """The answer to a question about an account that the caller may see.

    Raises:
        NotFound: for an account that does not exist or is another team's.
        BadInput: for a call that is none.
    """
    caller.require_sight(service.accounts.get(question.account).team, f"account {question.account}")
    found = service.why(question.account, question.principal, question.action, question.resource, question.context)
    return ExplanationView(**tell(found))


def view_exemptions(service: Guardrails, caller: Caller, guardrail_id: str = "") -> tuple[ExemptionView, ...]:
    """The exemptions from one guardrail or from all that the caller may see, those that end first in front: of an
    account of their team, or every one for who sees everything."""
    wanted = [e for g in service.catalogue if guardrail_id in ("", g.id) for e in g.exemptions]
    if wanted and not caller.sees_everything:
        theirs = {account.account_id for account in service.accounts.all() if caller.may_see(account.team)}
        wanted = [exemption for exemption in wanted if theirs.intersection(exemption.accounts)]
    now = service.clock.now()
    return tuple(ExemptionView(**tell_exemption(each, now)) for each in sorted(wanted, key=lambda e: e.expires))


def view(guardrail: Guardrail) -> GuardrailView:
    """A guardrail as the API answers it."""
    return GuardrailView.model_validate(describe(guardrail))


def view_plan(prospect: Prospect) -> PlanView:
    """A plan as the API answers it."""
    steps = tuple(
        StepView(
            act=step.act,
            policy=step.policy,
            kind=step.kind,
            target=step.target,
            target_name=step.target_name,
            reason=step.reason,
        )
        for step in prospect.plan.steps
    )
    objections = tuple(ObjectionView(gate=o.gate, sentence=o.sentence) for o in prospect.plan.objections)
    return PlanView(
        steps=steps,
        objections=objections,
        flips=tuple(FlipView(**asdict(flip)) for flip in prospect.flips),
        changes=tuple(ChangeView(**asdict(change)) for change in summarise(prospect.flips)),
        room=tuple(RoomView(**asdict(room)) for room in prospect.room),
        limits=LIMITS,
    )


def _page(catalogue: Sequence[Guardrail], limit: int, cursor: str | None) -> tuple[Sequence[Guardrail], str | None]:
    """The guardrails after the one that the cursor names, and the cursor of what follows them."""
    after = _decoded(cursor) if cursor else ""
    rest = [guardrail for guardrail in catalogue if guardrail.id > after]
    page = rest[:limit]
    return page, base64.urlsafe_b64encode(page[-1].id.encode()).decode() if len(rest) > limit else None


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise BadInput.of(FieldError("cursor", "is not one that a list gave out", "Start without one.")) from error
