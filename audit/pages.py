"""The pages of the audit: findings, one finding with its history, SQL, waivers, runs, and a part of an account's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from audit import api
from audit.finding import STATUSES, Severity
from audit.query.facets import Facet
from audit.query.filters import MANY, NOBODY, Filters
from audit.query.statement import VIEWS
from audit.reports.links import asked, quoted
from audit.reports.links import of_run as link_of_run
from audit.run import Run
from audit.runner import Runner, ThreadRunner
from audit.service import Audit
from audit.waivers import pages as waivers
from vending.core.clock import to_text
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.shell import caller_of, render
from vending.ports import Account, Contribution, MenuEntry, Panel

TEMPLATES = Path(__file__).parent / "templates"
PAGE = 50
PANEL = 8
"""How many findings an account's page shows."""
EXAMPLES = (
    "SELECT team, status, count(*) AS findings FROM findings GROUP BY ALL ORDER BY ALL",
    "SELECT * FROM transitions WHERE observed_at > now() - INTERVAL 7 DAYS ORDER BY observed_at DESC",
    "SELECT account_id, region, reason FROM coverage WHERE observed < expected",
)
ORDERS = {"status": STATUSES, "severity": tuple(one.value for one in Severity)}
"""The order of a facet's values, where it is not by how many there are."""

Who = Annotated[Caller, Depends(caller_of)]


def contribution(audit: Audit, runner: Runner | None = None) -> Contribution:
    """The API, the pages, the menu entries and the account's panel; runs are carried out in threads by default."""
    runner = runner or ThreadRunner(audit.auditor.execute)

    def load(account: Account, caller: Caller) -> Mapping[str, Any]:
        asked = Filters(account=(account.account_id,), status=("fail", "unknown"))
        return {
            "counts": audit.reader.count(caller, Filters(account=(account.account_id,))),
            "findings": audit.reader.findings(caller, asked, PANEL).items,
            "run": audit.ledger.latest(),
        }

    return Contribution(
        api=api.routes(audit, runner),
        pages=routes(audit, runner),
        menu=(
            MenuEntry("Findings", "/findings", 50),
            MenuEntry("Waivers", "/waivers", 55),
            MenuEntry("Audit", "/audit", 60),
        ),
        account_panels=(Panel("Findings", "findings_panel.html", 20, load),),
        templates=TEMPLATES,
    )


def routes(audit: Audit, runner: Runner) -> APIRouter:
    """Every page under `/findings` and `/audit`."""
    router = APIRouter()
    router.include_router(_findings(audit), prefix="/findings")
    router.include_router(_runs(audit, runner), prefix="/audit")
    router.include_router(waivers.routes(audit.waivers, audit.company, audit.clock))
    return router


def _findings(audit: Audit) -> APIRouter:
    router = APIRouter()

    @router.get("")
    def list_findings(request: Request, caller: Who, cursor: str | None = None) -> Response:
        filters, chosen = read_form(request)
        facets = audit.reader.facets(caller, filters)
        fit = facets["status"] if not filters.status else [f for f in facets["status"] if f.value in filters.status]
        return render(
            request,
            "findings.html",
            page=audit.reader.findings(caller, filters, PAGE, cursor or None),
            total=sum(one.count for one in fit),
            facets={name: _ordered(name, values) for name, values in facets.items()},
            chosen=chosen,
            nobody=NOBODY,
            run=audit.ledger.latest(),
            now=audit.clock.now(),
        )

    @router.get("/query")
    def query(request: Request, caller: Who, sql: Annotated[str, Query()] = "") -> Response:
        answer, error = None, None
        if sql.strip():
            try:
                answer = audit.reader.sql(caller, sql)
            except BadInput as refused:
                error = refused
        shown = {
            "run": audit.ledger.latest(),
            "now": audit.clock.now(),
            "sql": sql,
            "answer": answer,
            "error": error,
            "views": VIEWS,
            "examples": EXAMPLES,
        }
        return render(request, "findings_query.html", status_code=422 if error else 200, **shown)

    @router.get("/{finding_id}")
    def show(request: Request, caller: Who, finding_id: str) -> Response:
        finding = audit.reader.finding(caller, finding_id)
        waiver = audit.waivers.get(caller, finding["waiver_id"]) if finding["waiver_id"] else None
        return render(
            request,
            "finding.html",
            finding=finding,
            history=audit.reader.history(caller, finding_id, finding),
            waiver=waiver,
            why=audit.explainer.explain(caller, finding_id),
            same=audit.reader.same(caller, finding),
            run=audit.ledger.latest(),
            now=audit.clock.now(),
            may_waive=caller.may_propose_waivers and finding["status"] == "fail" and finding["source"] != "waivers",
        )

    return router


def _runs(audit: Audit, runner: Runner) -> APIRouter:
    router = APIRouter()

    @router.get("")
    def list_runs(request: Request, caller: Who, cursor: str | None = None) -> Response:
        runs, more = audit.reader.runs_page(PAGE, cursor or None)
        threshold = audit.company.audit.coverage_threshold
        told = {
            "latest": audit.ledger.latest(),
            "now": audit.clock.now(),
            "links": {run.id: _links(run) for run in runs},
        }
        shown: dict[str, Any] = {
            "runs": runs,
            "more": more,
            "threshold": threshold,
            "may_start": caller.may_govern,
            **told,
        }
        return render(request, "audit.html", **shown)

    @router.post("/runs")
    def collect(caller: Who) -> Response:
        run: Run = audit.auditor.start(caller)
        runner.start(run.id)
        return RedirectResponse("/audit", status_code=303)

    @router.get("/report")
    def report(caller: Who) -> Response:
        return api.html_response(audit.report(caller))

    return router


def _links(run: Run) -> Mapping[str, str]:
    """Where the numbers of a run can be looked at."""
    of_run = f"run_id = {quoted(run.id)}"
    ended = {"status": "fail", "as_of": to_text(run.ended_at)} if run.ended_at else {}
    return {
        "run": link_of_run(run.id),
        "coverage": asked(f"SELECT sum(observed) AS seen, sum(expected) AS expected FROM coverage WHERE {of_run}"),  # noqa: S608
        "fail": f"/api/v1/findings?{urlencode(ended)}",
    }


def read_form(request: Request) -> tuple[Filters, dict[str, str]]:
    """The filters of a page's address, and what its form shows; empty fields ask nothing.

    Raises:
        BadInput: when `since` is no moment.
    """
    given = {name: tuple(v for v in request.query_params.getlist(name) if v) for name in MANY}
    since = request.query_params.get("since", "")
    words = request.query_params.get("q", "").strip()[:200]
    chosen = {name: values[0] for name, values in given.items() if values}
    chosen |= {name: value for name, value in (("q", words), ("since", since)) if value}
    return Filters(**given, q=words, since=_moment(since) if since else None), chosen


def _ordered(name: str, facets: Sequence[Facet]) -> list[Facet]:
    """Statuses and severities the worst first, everything else by how many there are."""
    order = ORDERS.get(name)
    return sorted(facets, key=lambda one: order.index(one.value)) if order else list(facets)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        remedy = "Write it like 2026-11-20 or 2026-11-20T09:00:00Z."
        raise BadInput.of(FieldError("since", "is no moment in time", remedy)) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
