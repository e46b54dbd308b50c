import re

from tests.cloud import Cloud
from tests.vending.web.ground import Portal, build_portal
from vending.notices.book import TEMPLATES, NoticeBook
from vending.notices.pages import contribution
from vending.ports import Audience, Notice

READY = {"name": "payments-lab", "team": "payments", "account_id": "111122223333", "ou": "Sandbox", "items": 32}


def portal_with_a_notice(cloud: Cloud) -> Portal:
    plain = build_portal(cloud)
    book = NoticeBook(
        plain.services.company, plain.services.table, cloud.clock, "https://freehold.acme.example", (TEMPLATES,)
    )
    book.tell(Notice("request-ready", "req-1", (Audience("team", "payments"),), READY, "payments"))
    return plain.with_contributions(contribution(book))


def test_a_team_reads_what_it_was_told_and_follows_the_link(cloud: Cloud) -> None:
    page = portal_with_a_notice(cloud).signed_in("ada").get("/mailbox")

    words = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    assert "payments-lab is ready" in words
    assert "waiting team payments by email at payments@acme.example" in words
    assert 'href="https://freehold.acme.example/accounts/111122223333"' in page.text


def test_another_team_reads_nothing_of_it(cloud: Cloud) -> None:
    page = portal_with_a_notice(cloud).signed_in("tom").get("/mailbox")

    assert "Nobody was told anything yet." in page.text


def test_programs_list_notices_too_and_those_that_failed_alone(cloud: Cloud) -> None:
    api = portal_with_a_notice(cloud).api("sam")

    [told] = api.get("/notices").json()["items"]
    assert (told["event"], told["team"], told["deliveries"][0]["state"]) == ("request-ready", "payments", "waiting")
    assert api.get("/notices?failed=true").json()["items"] == []
    assert api.get("/notices?limit=0").status_code == 422
