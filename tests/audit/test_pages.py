"""The audit in the portal."""

import pytest
from starlette.requests import Request

from tests.audit.conftest import Doors
from tests.audit.ground import PAYMENTS, SEARCH, account_of, person


def test_findings_are_listed_with_the_age_of_the_data(doors: Doors) -> None:
    doors.fill()

    page = doors.signed_in("ada").get("/findings").text

    assert "Findings" in page
    assert PAYMENTS.account_id in page
    assert SEARCH.account_id not in page
    assert "of what was expected was seen" in page


def test_before_the_first_run_the_pages_say_so(doors: Doors) -> None:
    browser = doors.signed_in("sam")

    assert "No audit has run yet" in browser.get("/findings").text
    assert "No audit has run yet" in browser.get("/audit").text
    assert "No run has ended yet" in browser.get("/audit/report").text


def test_the_form_keeps_what_was_chosen_and_its_empty_fields_ask_nothing(doors: Doors) -> None:
    doors.fill()

    page = doors.signed_in("sam").get("/findings?status=fail&team=&severity=&account=&since=").text

    assert '<input type="hidden" name="status" value="fail">' in page
    assert 'aria-label="Without the filter status fail"' in page
    assert "No finding fits" not in page


def test_a_moment_that_is_none_is_named(doors: Doors) -> None:
    answer = doors.signed_in("sam").get("/findings?since=yesterday")

    assert answer.status_code == 422
    assert "2026-11-20" in answer.text


def test_the_next_page_is_a_link(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.pages.PAGE", 10)
    doors.fill()
    browser = doors.signed_in("sam")

    first = browser.get("/findings?status=pass").text

    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert browser.get(following).status_code == 200


def test_a_finding_has_a_page_with_its_history(doors: Doors) -> None:
    doors.fill()
    browser = doors.signed_in("ada")
    link = browser.get("/findings").text.split('<a href="/findings/')[1:]
    finding = next(part.split('"')[0] for part in link if not part.startswith("query"))

    page = browser.get(f"/findings/{finding}").text

    assert "What happened" in page
    assert PAYMENTS.account_id in page
    assert doors.signed_in("tom").get(f"/findings/{finding}").status_code == 404


def test_those_who_govern_start_a_run_from_the_page(doors: Doors) -> None:
    browser = doors.signed_in("grace")

    answer = browser.post("/audit/runs", seen_on="/audit")

    assert answer.status_code == 303
    assert len(doors.runner.started) == 1
    page = browser.get("/audit").text
    assert "running" in page
    assert "Run the audit" in page


@pytest.mark.parametrize("username", ["ada", "sam"])
def test_others_see_the_runs_and_no_button(doors: Doors, username: str) -> None:
    doors.fill()
    browser = doors.signed_in(username)

    page = browser.get("/audit").text

    assert "Run the audit" not in page
    assert browser.http.post("/audit/runs").status_code == 403


def test_sql_is_asked_and_answered_on_a_page(doors: Doors) -> None:
    doors.fill()
    browser = doors.signed_in("ada")

    answered = browser.get("/findings/query?sql=SELECT+DISTINCT+team+FROM+findings").text
    refused = browser.get("/findings/query?sql=DROP+TABLE+findings")

    assert '<td data-label="team">payments</td>' in answered
    assert refused.status_code == 422
    assert "Only SELECT" in refused.text
    assert "For example" in browser.get("/findings/query").text


def test_an_account_shows_its_findings(doors: Doors) -> None:
    doors.fill()

    panel = account_panel(doors, PAYMENTS.account_id)

    assert f"/findings?account={PAYMENTS.account_id}" in panel
    assert "No audit has run yet" not in panel


def test_an_account_that_no_run_knew_says_so(doors: Doors) -> None:
    assert "No audit has run yet" in account_panel(doors, PAYMENTS.account_id)


def account_panel(doors: Doors, account_id: str) -> str:
    """What the account's page shows of the audit to sam."""
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "session": {}})
    account = account_of(account_id, "payments-dev", "payments", "Sandbox")
    (panel,) = doors.app.state.account_panels(request, account, person("sam"))
    return str(panel.html)


def test_the_report_opens_from_the_portal(doors: Doors) -> None:
    doors.fill()

    page = doors.signed_in("grace").get("/audit/report").text

    assert "Audit of acme" in page
