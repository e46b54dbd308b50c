from datetime import UTC, datetime, timedelta

import pytest

from tests.vending.web.shell import RunningIssuer, shell, sign_in
from vending.core.identity import Role
from vending.ports import Contribution, MenuEntry
from vending.web.rendering import clock, dollars, duration, moment, sentence, static_addresses, words

WHEN = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)


def test_a_moment_is_written_for_people_and_for_programs() -> None:
    assert str(moment(WHEN)) == '<time datetime="2026-03-04T15:06:07.000Z">4 Mar 2026, 15:06:07 UTC</time>'
    assert "4 Mar, 15:06:07" in clock(WHEN)
    assert "&ndash;" in moment(None)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0 s"),
        (42.4, "42 s"),
        (61, "1 min 1 s"),
        (timedelta(hours=3, minutes=5, seconds=9), "3 h 5 min"),
        (172800, "2 d"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(span: float | timedelta, text: str) -> None:
    assert duration(span) == text


def test_codes_amounts_and_phrases_are_written_out() -> None:
    assert words("awaiting_approval") == "awaiting approval"
    assert (dollars(12500), dollars(None)) == ("$12,500", "not set")
    assert (sentence("there is none"), sentence("Done."), sentence("")) == ("There is none.", "Done.", "")


def test_an_address_of_a_static_file_changes_with_its_content_and_is_kept_for_ever() -> None:
    browser = shell("http://127.0.0.1:1")

    versioned, plain = browser.get(static_addresses()["freehold.css"]), browser.get("/static/freehold.css")

    assert "immutable" in versioned.headers["cache-control"]
    assert plain.headers["cache-control"] == "no-cache"
    assert versioned.text == plain.text


def test_the_menu_shows_what_each_person_may_see_in_its_order(issuer: RunningIssuer) -> None:
    entries = (
        MenuEntry("Last", "/last", 99),
        MenuEntry("First", "/first", 1),
        MenuEntry("Auditors", "/auditors", 50, lambda caller: Role.AUDITOR in caller.roles),
    )
    seen = {}

    for name in ("ada", "sam"):
        browser = shell(issuer.issuer.url, [Contribution(menu=entries)])
        sign_in(browser, name)
        seen[name] = browser.get("/first/part").text

    assert seen["ada"].index(">First<") < seen["ada"].index(">Last<")
    assert ">Auditors<" not in seen["ada"]
    assert ">Auditors<" in seen["sam"]
    assert '<a href="/first" aria-current="page">First</a>' in seen["ada"]
