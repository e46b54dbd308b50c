"""The REST API of findings, audit runs and reports; the shell mounts it under `/api/v1`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from audit.evidence.manifest import Sealed
from audit.finding import Severity
from audit.query.filters import MAX_LIMIT, Filters, Status
from audit.query.sandbox import Answer
from audit.query.statement import LONGEST, VIEWS
from audit.reports.formats import FORMATS
from audit.reports.html import MEDIA_TYPE as HTML
from audit.reports.html import POLICY, write_html
from audit.reports.report import Report
from audit.run import Run, RunKind
from audit.runner import Runner
from audit.service import Audit
from audit.waivers import api as waivers
from audit.why import Explanation
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.shell import caller_of

RUNS = "/audit/runs"

Who = Annotated[Caller, Depends(caller_of)]
Words = Annotated[list[str], Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]
AsOf = Annotated[datetime | None, Query(description="As they were known at this moment, to their owners then.")]
RunId = Annotated[str, Path(max_length=64, description="As it stands in the Location of the answer to POST.")]

FindingId = Annotated[str, Path(max_length=64, description="The `finding_id` of a list.")]


class ExportFormat(StrEnum):
    """A format of `/findings/export`."""

    CSV = "csv"
    JSON = "json"
    OCSF = "ocsf"
    PARQUET = "parquet"


class Finding(BaseModel):
    """One resource under one control, as it is now."""

    finding_id: str
    source: str
    control_id: str
    title: str
    severity: Severity
    status: Status
    reason: str
    account_id: str
    team: str | None
    ou: str | None
    region: str
    resource_id: str
    resource_type: str
    first_seen: str
    last_seen: str | None = Field(description="When its source last answered for it; null if it never did.")
    changed_at: str
    frameworks: list[str]
    waiver_id: str | None


class Reference(BaseModel):
    """Another rule that wants the same, and what it says of the resource."""

    finding_id: str
    control_id: str
    status: Status


class FindingInFull(Finding):
    """A finding with what a list leaves out."""

    reopened: int = Field(description="How often it began to fail again.")
    intent: str | None = Field(description="The same for controls that want the same, under whatever names.")
    references: list[Reference] = Field(description="What the others of its intent say of the resource.")


class FindingList(BaseModel):
    """A page of findings, the worst first. All pages of one listing show the same state of the ledger."""

    items: tuple[Finding, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class FacetValue(BaseModel):
    """A value of a field, and how many findings have it."""

    value: str
    count: int


class Facets(BaseModel):
    """For each field its most frequent values; its own filter does not narrow them. Team `-` is no team."""

    status: tuple[FacetValue, ...]
    severity: tuple[FacetValue, ...]
    team: tuple[FacetValue, ...]
    ou: tuple[FacetValue, ...]
    region: tuple[FacetValue, ...]
    source: tuple[FacetValue, ...]


class RunList(BaseModel):
    """A page of runs, the latest first."""

    items: tuple[Run, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class Question(BaseModel):
    """A statement over the views."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sql: str = Field(max_length=LONGEST, description=f"One SELECT over {', '.join(VIEWS)}, in DuckDB's SQL.")


def read_filters(
    account: Words = [],  # noqa: B006 - FastAPI copies defaults
    team: Words = [],  # noqa: B006
    control: Words = [],  # noqa: B006
    ou: Words = [],  # noqa: B006
    status: Annotated[list[Status], Query()] = [],  # noqa: B006
    severity: Annotated[list[Severity], Query()] = [],  # noqa: B006
    source: Words = [],  # noqa: B006
    region: Words = [],  # noqa: B006
    framework: Annotated[list[str], Query(description="Its name, or one of its items.")] = [],  # noqa: B006
    waiver: Words = [],  # noqa: B006
    q: Annotated[str, Query(max_length=200, description="Words that all stand somewhere in the finding.")] = "",
    since: Annotated[datetime | None, Query(description="Findings whose state changed at or after it.")] = None,
) -> Filters:
    """The filters of a query string; a name given twice means either."""
    return Filters(
        account=tuple(account),
        team=tuple(team),
        control=tuple(control),
        ou=tuple(ou),
        status=tuple(one.value for one in status),
        severity=tuple(one.value for one in severity),
        source=tuple(source),
        region=tuple(region),
        framework=tuple(framework),
        waiver=tuple(waiver),
        q=q,
        since=since,
    )


Asked = Annotated[Filters, Depends(read_filters)]


def refuse_unknown_parameters(caller: Who, request: Request) -> None:  # noqa: ARG001 - signing in comes first
    """A misspelt filter must not answer everything.

    Raises:
        BadInput: naming each query parameter that the route has not, and those it has.
    """
    route: APIRoute = request.scope["route"]
    fields = get_flat_params(route.dependant)
    known = [field.alias for field in fields if isinstance(field.field_info, QueryParameter)]
    remedy = f"Use {', '.join(known)}." if known else "Leave it out."
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        raise BadInput.of(*(FieldError(name, "there is no such parameter here", remedy) for name in unknown))


def routes(audit: Audit, runner: Runner) -> APIRouter:
    """Every route of the audit."""
    router = APIRouter(dependencies=[Depends(refuse_unknown_parameters)])
    router.include_router(_findings(audit), prefix="/findings", tags=["findings"])
    router.include_router(_runs(audit, runner), prefix=RUNS, tags=["audit runs"])
    router.include_router(_reports(audit), prefix="/reports", tags=["reports"])
    router.include_router(waivers.routes(audit.waivers))
    return router


def _findings(audit: Audit) -> APIRouter:
    router = APIRouter()

    @router.get("", summary="The findings you may see, the worst first")
    def list_findings(
        caller: Who, filters: Asked, limit: Limit = 50, cursor: Cursor = None, as_of: AsOf = None
    ) -> FindingList:
        page = audit.reader.findings(caller, filters, limit, cursor, as_utc(as_of))
        return FindingList.model_validate({"items": page.items, "next": page.next, "limit": page.limit})

    @router.get("/facets", summary="How many findings have which value, field by field")
    def facets(caller: Who, filters: Asked) -> Facets:
        found = audit.reader.facets(caller, filters)
        return Facets.model_validate({name: [vars(one) for one in values] for name, values in found.items()})

    @router.post("/query", summary="Ask in SQL, about what you may see")
    def query(caller: Who, question: Question) -> Answer:
        return audit.reader.sql(caller, question.sql)

    @router.get("/export", summary="All the findings you may see, as a file", response_class=Response)
    def export(
        caller: Who,
        filters: Asked,
        format: ExportFormat = ExportFormat.CSV,  # noqa: A002
        as_of: AsOf = None,
    ) -> Response:
        chosen = FORMATS[format.value]
        found = audit.reader.all_findings(caller, filters, as_utc(as_of))
        content = chosen.write(found, _report(audit, caller))
        disposition = {"Content-Disposition": f'attachment; filename="findings.{chosen.name}"'}
        return Response(content, media_type=chosen.media_type, headers=disposition)

    @router.get("/{finding_id}", summary="One finding")
    def show(caller: Who, finding_id: FindingId) -> FindingInFull:
        found = audit.reader.finding(caller, finding_id)
        return FindingInFull.model_validate(found | {"references": audit.reader.same(caller, found)})

    @router.get("/{finding_id}/why", summary="What is known to have happened near it")
    def why(caller: Who, finding_id: FindingId) -> Explanation:
        return audit.explainer.explain(caller, finding_id)

    return router


def _runs(audit: Audit, runner: Runner) -> APIRouter:
    router = APIRouter()

    @router.post("", status_code=202, summary="Start an audit run")
    def collect(
        caller: Who,
        response: Response,
        kind: Annotated[RunKind | None, Query(description="By default a full run once a week.")] = None,
    ) -> Run:
        run = audit.auditor.start(caller, kind)
        runner.start(run.id)
        response.headers["Location"] = f"/api/v1{RUNS}/{run.id}"
        return run

    @router.get("", summary="The audit runs, the latest first")
    def list_runs(caller: Who, limit: Limit = 50, cursor: Cursor = None) -> RunList:  # noqa: ARG001 - signed in is enough
        runs, more = audit.reader.runs_page(limit, cursor)
        return RunList(items=tuple(runs), next=more, limit=limit)

    @router.get("/{run_id}", summary="One audit run")
    def show(caller: Who, run_id: RunId) -> Run:  # noqa: ARG001 - signed in is enough
        return audit.ledger.run(run_id)

    @router.get("/{run_id}/manifest", summary="What a run was made of, signed: the hash of every page AWS answered")
    def manifest(caller: Who, run_id: RunId) -> Sealed:
        caller.require(caller.sees_everything, "see the evidence of a run", "an auditor")
        return audit.sealed(run_id)

    return router


def _reports(audit: Audit) -> APIRouter:
    router = APIRouter()
    both: dict[int | str, dict[str, Any]] = {200: {"model": Report, "content": {"text/html": {}}}}

    @router.get("/latest", summary="The report on the last run, as HTML or JSON", response_model=None, responses=both)
    def latest(caller: Who, request: Request) -> Response | Report:
        report = _report(audit, caller)
        if prefers_json(request.headers.get("accept", "")):
            return report
        return html_response(report, str(request.base_url))

    return router


def html_response(report: Report, portal: str = "") -> Response:
    """The report as a page of its own, under its own content security policy: its styles are inside it."""
    return Response(write_html(report, portal), media_type=HTML, headers={"Content-Security-Policy": POLICY})


def as_utc(moment: datetime | None) -> datetime | None:
    """A moment that names no zone is UTC."""
    return moment.replace(tzinfo=UTC) if moment and not moment.tzinfo else moment


def prefers_json(accept: str) -> bool:
    """Whether an Accept header names JSON and does not name HTML before it, or with more weight."""
    weights = {"text/html": 0.0, "application/json": 0.0}
    for place, part in enumerate(accept.lower().split(",")):
        kind, *options = (piece.strip() for piece in part.split(";"))
        if kind in weights:
            weights[kind] = max(weights[kind], _weight(options) - place * 1e-6)
    return weights["application/json"] > weights["text/html"]


def _weight(options: list[str]) -> float:
    named = next((option[2:] for option in options if option.startswith("q=")), "1")
    try:
        return float(named)
    except ValueError:
        return 0.0


def _report(audit: Audit, caller: Caller) -> Report:
    return audit.report(caller)
