"""What vending itself adds to the portal: the first page, help, and the pages of requests and accounts."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from vending import api
from vending.core.company import Company
from vending.core.identity import Caller
from vending.core.runbooks import RUNBOOKS, find_runbook
from vending.core.shell import render
from vending.guides import GUIDES, find_guide, shown
from vending.lifecycle import logbook
from vending.lifecycle import pages as account_pages
from vending.lifecycle.accounts import Accounts
from vending.lifecycle.pages import WayIn
from vending.ports import Contribution, MenuEntry
from vending.requests import pages as request_pages
from vending.requests.desk import RequestDesk
from vending.requests.model import ENDED, State
from vending.requests.model import Request as Asked

TEMPLATES = Path(__file__).parent / "templates"
RECENT = 50
"""How many requests and accounts the first page looks at."""


def contribution(company: Company, desk: RequestDesk, accounts: Accounts, way_in: WayIn) -> Contribution:
    """The API, the pages and the menu of requests and accounts."""
    pages = APIRouter()
    pages.include_router(_front(company, desk, accounts))
    pages.include_router(request_pages.routes(company, desk))
    pages.include_router(account_pages.routes(company, accounts, way_in))
    menu = (
        MenuEntry("Requests", "/requests", 10),
        MenuEntry("Accounts", "/accounts", 20),
        MenuEntry("Help", "/help", 90),
    )
    services = accounts.services
    routes = api.routes(desk, accounts)
    routes.include_router(logbook.routes(company.name, services.table, services.signer, services.clock))
    return Contribution(api=routes, pages=pages, menu=menu, templates=TEMPLATES)


def _front(company: Company, desk: RequestDesk, accounts: Accounts) -> APIRouter:
    router = APIRouter()

    @router.get("/")
    def home(request: Request) -> Response:
        caller: Caller | None = request.app.state.visitor(request)
        if caller is None:
            return render(request, "welcome.html")
        recent: list[Asked] = list(desk.list(caller, limit=RECENT).items)
        deciding = [asked for asked in recent if request_pages.may_decide(company, asked, caller)]
        stuck = [asked for asked in recent if asked.state is State.PARKED and caller.may_ask_for(asked.team)]
        under_way = [a for a in recent if a.state not in ENDED and a not in deciding and a not in stuck]
        mine = accounts.list(caller, limit=RECENT).items
        return render(request, "home.html", deciding=deciding, stuck=stuck, under_way=under_way, accounts=mine)

    @router.get("/help")
    def help_page(request: Request) -> Response:
        return render(request, "help.html", rules=company, runbooks=RUNBOOKS.values(), guides=GUIDES.values())

    @router.get("/help/runbooks/{runbook_id}")
    def runbook_page(request: Request, runbook_id: str) -> Response:
        return render(request, "runbook.html", runbook=find_runbook(runbook_id))

    @router.get("/help/guides/{guide_id}")
    def guide_page(request: Request, guide_id: str) -> Response:
        guide = find_guide(guide_id)
        return render(request, guide.template, guide=guide, **shown(company))

    return router
