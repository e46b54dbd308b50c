import pytest

from infra.local.laptop import _served
from tests.cloud import Cloud
from tests.vending.shell import Shell
from tests.vending.web.ground import build_portal
from vending.notices.book import TEMPLATES, NoticeBook
from vending.notices.pages import contribution
from vending.ports import Audience, Notice

READY = {"name": "lab", "team": "payments", "account_id": "111122223333", "ou": "Sandbox"}


def test_notices_are_listed_with_whom_they_did_not_reach(
    cloud: Cloud, unused_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    portal = build_portal(cloud)
    book = NoticeBook(portal.services.company, portal.services.table, cloud.clock, "https://x", (TEMPLATES,))
    book.tell(Notice("request-ready", "once", (Audience("team", "gone"),), READY, "payments"))
    monkeypatch.setenv("FREEHOLD_URL", f"http://127.0.0.1:{unused_port}")
    shell = Shell(portal, monkeypatch, capsys)

    with _served(portal.with_contributions(contribution(book)).app, unused_port):
        _, table = shell.run("ada", "notices", "--failed", "--output", "csv")
        [item] = shell.json("sam", "notices")["items"]

    assert "lab is ready" in table
    assert "The company file knows no address for them" in table
    assert (item["event"], item["deliveries"][0]["state"]) == ("request-ready", "failed")
