from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from tests.vending.web.shell import shell
from vending.core.errors import AwsThrottled
from vending.core.identity import Caller
from vending.ports import Account, AccountState, Contribution, Panel

ACCOUNT = Account(
    account_id="111122223333",
    name="lab",
    team="payments",
    ou="Sandbox",
    template="sandbox",
    state=AccountState.ACTIVE,
    request_id=None,
    email="lab@acme.example",
    baseline_version=None,
    monthly_budget_usd=None,
    regions=(),
    tags={},
    created_at=None,
    ends_at=None,
)
ADA = Caller("ada", frozenset(), frozenset({"payments"}))


def findings(account: Account, caller: Caller) -> Mapping[str, Any]:
    return {"said": f"<{caller.username} looks at {account.name}>"}


def busy(account: Account, caller: Caller) -> Mapping[str, Any]:
    raise AwsThrottled("AWS is busy.", "Look again in a minute.")


def test_panels_stand_in_their_order_and_one_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "said.html").write_text("<p>{{ said }} in {{ account.ou }}</p>")
    panels = (Panel("Second", "said.html", 20, findings), Panel("First", "said.html", 10, busy))
    pages = APIRouter()

    def show(request: Request) -> HTMLResponse:
        shown = request.app.state.account_panels(request, ACCOUNT, ADA)
        return HTMLResponse("".join(f"<h2>{panel.title}</h2>{panel.html}" for panel in shown))

    pages.add_api_route("/show", show)

    page = shell("http://127.0.0.1:1", [Contribution(pages=pages, account_panels=panels, templates=tmp_path)])

    text = page.get("/show").text
    assert text.index("First") < text.index("AWS is busy. Look again in a minute.") < text.index("Second")
    assert "<p>&lt;ada looks at lab&gt; in Sandbox</p>" in text
