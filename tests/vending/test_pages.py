import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.vending.web.ground import PROD, REQUEST, Portal, ask
from vending.core.costs import bill
from vending.core.deploying import STEPS
from vending.core.runbooks import RUNBOOKS
from vending.guides import GUIDES
from vending.requests.model import Cause, State

FORM = {**REQUEST, "tags": "service=switch\nstage = test"}
CAUSE = Cause(
    code="EMAIL_ALREADY_EXISTS",
    sentence="AWS knows another account with this e-mail address.",
    remedy="Resume it.",
    who="requester",
    field="name",
)


def text(answer: Any, status: int = 200) -> str:
    """What a reader sees of the page."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


class Outline(HTMLParser):
    """What a page's elements are called and what they point at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.pointed_at: set[str] = set()
        self.headings: list[str] = []
        self.inline: list[str] = []
        self.fields: list[dict[str, str | None]] = []
        self.labelled: set[str] = set()
        self._in_label = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.pointed_at.update((found.get(name) or "").split())
        if (found.get("href") or "").startswith("#"):
            self.pointed_at.add(str(found["href"])[1:])
        self.headings += [tag] if re.fullmatch("h[1-6]", tag) else []
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and not found.get("src")) else []
        self._in_label += tag == "label"
        self.labelled.update([found["for"] or ""] if tag == "label" and "for" in found else [])
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden" and not self._in_label:
            self.fields.append(found)

    def handle_endtag(self, tag: str) -> None:
        self._in_label -= tag == "label"


def test_every_page_is_built_so_that_all_can_use_it(portal: Portal) -> None:
    ready, waiting, parked = ask(portal), ask(portal, **PROD), ask(portal, name="payments-parked")
    account_id = portal.make_account(ready.id)
    portal.change(parked.id, state=State.PARKED, parked=CAUSE)
    grace, ada = portal.signed_in("grace"), portal.signed_in("ada")
    requests = [f"/requests/{asked.id}" for asked in (ready, waiting, parked)]
    edit = f"{requests[2]}/edit"
    pages = {path: grace.get(path).text for path in ("/", "/requests", "/accounts", "/help", "/none", *requests)}
    pages |= {path: ada.get(path).text for path in ("/requests/new", f"/accounts/{account_id}", edit)}
    pages["errors"] = ada.post("/requests", "/requests/new", name="X").text
    pages["plan"] = ada.post("/requests/plan", "/requests/new", **{**FORM, "name": "payments-two"}).text
    pages["welcome"] = portal.browser().get("/").text

    for path, page in pages.items():
        outline = Outline(page)
        assert sorted(outline.ids) == sorted(set(outline.ids)), path
        assert outline.pointed_at <= set(outline.ids), path
        assert outline.headings.count("h1") == 1, path
        assert outline.inline == [], path
        assert all(field.get("id") in outline.labelled for field in outline.fields), path
        assert '<html lang="en">' in page


def test_a_visitor_is_told_what_this_is_and_how_to_sign_in(portal: Portal) -> None:
    answer = portal.browser().get("/")

    assert "An AWS account of your own" in text(answer)
    assert '<a class="button button-large" href="/auth/login">Sign in</a>' in answer.text


def test_a_visitor_is_sent_to_sign_in_and_comes_back(portal: Portal) -> None:
    answer = portal.browser().get("/requests?state=ready")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2Frequests%3Fstate%3Dready"


def test_the_first_page_shows_what_waits_for_whom(portal: Portal) -> None:
    prod = ask(portal, **PROD)
    parked = ask(portal, name="payments-parked")
    portal.change(parked.id, state=State.PARKED, parked=CAUSE)

    ada, grace = text(portal.signed_in("ada").get("/")), text(portal.signed_in("grace").get("/"))

    assert "Good to see you, Ada" in ada
    assert "Waiting for you payments-parked" in ada
    assert CAUSE.sentence in ada
    assert "Under way payments-prod" in ada
    assert "Waiting for you payments-prod" in grace
    assert "Ask for an account" not in grace
    assert f"/requests/{prod.id}" in portal.signed_in("ada").get("/").text


def test_the_form_offers_what_the_company_file_allows(portal: Portal) -> None:
    page = portal.signed_in("ada").get("/requests/new").text

    assert '<option value="payments" selected>Payments</option>' in page
    assert "Ledger" not in page
    assert "Run a workload for customers" in page
    assert 'name="regions" value="eu-central-1"' in page


def test_the_form_makes_the_request_that_the_api_would_make(portal: Portal) -> None:
    answer = portal.signed_in("ada").post("/requests", "/requests/new", **FORM)

    assert answer.status_code == 303
    asked = portal.api("ada").get("/account-requests").json()["items"][0]
    assert answer.headers["location"] == f"/requests/{asked['id']}"
    assert asked["tags"] == {"service": "switch", "stage": "test"}
    assert {name: asked[name] for name in REQUEST if name != "tags"} == {
        name: value for name, value in REQUEST.items() if name != "tags"
    }


def test_a_form_sent_twice_makes_one_request(portal: Portal) -> None:
    browser = portal.signed_in("ada")
    hidden = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', browser.get("/requests/new").text))

    first = browser.http.post("/requests", data={**hidden, **FORM})
    second = browser.http.post("/requests", data={**hidden, **FORM})

    assert first.headers["location"] == second.headers["location"]


def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it(portal: Portal) -> None:
    wrong = {**FORM, "name": "Bad <Name>", "monthly_budget_usd": "-5"}

    answer = portal.signed_in("ada").post("/requests", "/requests/new", **wrong)

    page = answer.text
    assert "2 fields need mending" in text(answer, 422)
    assert 'value="Bad &lt;Name&gt;"' in page
    assert 'aria-describedby="name-hint name-error" aria-invalid="true"' in page
    assert 'id="monthly_budget_usd-error"' in page
    assert ">try the new card switch</textarea>" in page
    assert portal.engine.started == []


@pytest.mark.parametrize(("tags", "reason"), [("service", "line 1 has no ="), ("aws:x=1", "are reserved")])
def test_wrong_tags_are_said_under_the_tags(portal: Portal, tags: str, reason: str) -> None:
    answer = portal.signed_in("ada").post("/requests", "/requests/new", **{**FORM, "tags": tags})

    assert reason in text(answer, 422)
    assert 'id="tags-error"' in answer.text


def test_an_empty_form_is_told_about_every_field_at_once(portal: Portal) -> None:
    empty = {**dict.fromkeys(FORM, ""), "tags": "service"}

    answer = portal.signed_in("ada").post("/requests", "/requests/new", **empty)

    page = text(answer, 422)
    assert f"{len(FORM)} fields need mending" in page
    for name in FORM:
        assert f'id="{name}-error"' in answer.text


def test_a_preview_says_what_would_happen_and_keeps_the_form(portal: Portal) -> None:
    answer = portal.signed_in("ada").post("/requests/plan", "/requests/new", **{**FORM, **PROD, "tags": ""})

    shown = text(answer)
    assert "What would happen 1 approver has to agree first" in shown
    assert "Ask AWS for the account" in shown
    assert "ebs-encryption" in shown
    assert 'value="payments-prod"' in answer.text
    assert portal.engine.started == []


def test_a_form_without_the_sessions_secret_is_refused(portal: Portal) -> None:
    answer = portal.signed_in("ada").http.post("/requests", data={**FORM, "csrf": "guessed", "key": "k"})

    assert "does not belong to your session" in text(answer, 403)
    assert portal.engine.started == []


def test_a_request_page_keeps_itself_up_to_date_until_it_is_told_to_stop(portal: Portal) -> None:
    asked = ask(portal)
    ada = portal.signed_in("ada")

    moving, still = ada.get(f"/requests/{asked.id}").text, ada.get(f"/requests/{asked.id}?live=off").text

    assert "data-live" in moving
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in moving
    assert "data-live" not in still
    assert "Keep it up to date" in still


def test_a_finished_request_leads_to_its_account(portal: Portal) -> None:
    asked = ask(portal)
    account_id = portal.make_account(asked.id)

    page = portal.signed_in("ada").get(f"/requests/{asked.id}").text

    assert "data-live" not in page
    assert f'href="/accounts/{account_id}">Open the account' in page


def test_an_approver_approves_exactly_what_the_page_showed(portal: Portal) -> None:
    asked = ask(portal, **PROD)
    grace, here = portal.signed_in("grace"), f"/requests/{asked.id}"

    answer = grace.post(f"{here}/approve", here)

    assert answer.headers["location"] == here
    shown = portal.api("ada").get(f"/account-requests/{asked.id}").json()
    assert shown["state"] == "queued"
    assert shown["approvals"][0]["hash"] == asked.hash
    assert "Your decision" not in text(grace.get(here))


def test_an_approver_rejects_with_a_reason(portal: Portal) -> None:
    asked = ask(portal, **PROD)
    here = f"/requests/{asked.id}"

    portal.signed_in("rosa").post(f"{here}/reject", here, reason="too much")

    assert "rosa rejected it too much" in text(portal.signed_in("ada").get(here))


def test_only_an_approver_of_another_team_is_asked_to_decide(portal: Portal) -> None:
    asked = ask(portal, **PROD)

    for name in ("ada", "sam", "omar"):
        assert "Your decision" not in text(portal.signed_in(name).get(f"/requests/{asked.id}"))


def test_a_parked_request_says_why_and_who_and_goes_on(portal: Portal) -> None:
    asked = ask(portal)
    portal.change(asked.id, state=State.PARKED, parked=CAUSE)
    ada, here = portal.signed_in("ada"), f"/requests/{asked.id}"

    shown = text(ada.get(here))
    ada.post(f"{here}/resume", here)

    assert f"{CAUSE.sentence} {CAUSE.remedy}" in shown
    assert "Who can mend it: requester" in shown
    assert portal.api("ada").get(f"/account-requests/{asked.id}").json()["state"] == "queued"


def test_an_auditor_sees_a_parked_request_without_its_buttons(portal: Portal) -> None:
    asked = ask(portal)
    portal.change(asked.id, state=State.PARKED, parked=CAUSE)

    page = portal.signed_in("sam").get(f"/requests/{asked.id}").text

    assert CAUSE.sentence in page
    assert "/resume" not in page
    assert "/edit" not in page
    assert "/cancel" not in page


def test_what_was_cancelled_once_offers_no_second_cancel(portal: Portal) -> None:
    asked = ask(portal)
    withdrawn = {"asked_aws_at": portal.cloud.clock.now(), "cancel_wanted_by": "ada"}
    portal.change(asked.id, state=State.PARKED, parked=CAUSE, **withdrawn)

    page = portal.signed_in("ada").get(f"/requests/{asked.id}").text

    assert "/resume" in page
    assert "/cancel" not in page


def test_an_edit_starts_from_what_was_asked_and_goes_on(portal: Portal) -> None:
    asked = ask(portal, **PROD)
    ada, form = portal.signed_in("ada"), f"/requests/{asked.id}/edit"

    shown = ada.get(form).text
    answer = ada.post(form, form, **{**FORM, **PROD, "purpose": "a better reason", "tags": "service=switch"})

    assert 'value="payments-prod"' in shown
    assert "service=switch</textarea>" in shown
    assert answer.headers["location"] == f"/requests/{asked.id}"
    assert portal.api("ada").get(f"/account-requests/{asked.id}").json()["purpose"] == "a better reason"


def test_a_wrong_edit_is_shown_again(portal: Portal) -> None:
    asked = ask(portal)
    form = f"/requests/{asked.id}/edit"

    answer = portal.signed_in("ada").post(form, form, **{**FORM, "monthly_budget_usd": "all of it"})

    assert 'value="all of it"' in answer.text
    assert "1 field needs mending" in text(answer, 422)


def test_an_edit_of_what_changed_meanwhile_is_refused(portal: Portal) -> None:
    asked = ask(portal)
    form = f"/requests/{asked.id}/edit"

    answer = portal.signed_in("ada").post(form, form, **FORM, etag="old")

    assert "was changed since you read it" in text(answer, 412)
    assert "Open the form afresh" in text(answer, 412)


def test_a_request_is_cancelled_from_its_page(portal: Portal) -> None:
    asked = ask(portal)
    here = f"/requests/{asked.id}"

    portal.signed_in("ada").post(f"{here}/cancel", here)

    assert portal.api("ada").get(f"/account-requests/{asked.id}").json()["state"] == "cancelled"


def test_requests_are_listed_by_state_and_team(portal: Portal) -> None:
    ask(portal)
    ask(portal, "tom", name="search-lab", team="search")
    sam = portal.signed_in("sam")

    assert "payments-lab" in text(sam.get("/requests?team=payments&state="))
    assert "search-lab" not in text(sam.get("/requests?team=payments"))
    assert "No request fits." in text(sam.get("/requests?state=ready"))
    assert "there is no state" in text(sam.get("/requests?state=lost"), 422)


def test_an_account_page_says_whose_is_what_and_what_was_read_back(portal: Portal) -> None:
    account_id = portal.make_account(ask(portal).id)

    answer = portal.signed_in("ada").get(f"/accounts/{account_id}")

    shown = text(answer)
    assert "1 of 2 promises not kept or not known" in shown
    assert "New volumes are encrypted in eu-west-1 ebs-encryption no off expected: on" in shown
    assert "Yours Everything you build in eu-west-1" in shown
    assert f"--account-id {account_id}" in shown
    assert '--role-name AdministratorAccess --access-token "$(freehold token --as ada)"' in shown
    assert f"export AWS_ENDPOINT_URL={portal.cloud.url}" in shown


def test_the_platforms_own_accounts_promise_nothing_to_a_team(portal: Portal) -> None:
    shown = text(portal.signed_in("sam").get("/accounts/123456789012"))

    assert "teams have no access to it" in shown
    assert "Nothing has been read back" in shown
    assert "Read again now" not in shown


def test_accounts_are_listed_to_those_who_may_see_them(portal: Portal) -> None:
    account_id = portal.make_account(ask(portal).id)

    assert account_id in text(portal.signed_in("ada").get("/accounts"))
    assert account_id not in text(portal.signed_in("tom").get("/accounts"))
    assert account_id in text(portal.signed_in("sam").get("/accounts?team=payments"))
    assert "There is no account" in text(portal.signed_in("ada").get("/accounts/999999999999"), 404)


def test_help_is_there_for_everybody(portal: Portal) -> None:
    assert "What a request goes through" in text(portal.browser().get("/help"))


def test_help_leads_to_a_page_for_every_alarm(portal: Portal) -> None:
    browser = portal.browser()
    listed = re.findall(r'href="(/help/runbooks/[a-z-]+)"', browser.get("/help").text)

    assert [path.rpartition("/")[2] for path in listed] == list(RUNBOOKS)
    for path, runbook in zip(listed, RUNBOOKS.values(), strict=True):
        shown = text(browser.get(path))
        assert all(said in shown for said in (runbook.title, runbook.means, runbook.felt, *runbook.steps))


def test_help_leads_to_every_guide_and_none_shows_what_a_template_left_behind(portal: Portal) -> None:
    browser = portal.browser()
    listed = re.findall(r'href="/help/guides/([a-z-]+)"', browser.get("/help").text)

    assert listed == list(GUIDES)
    for guide in GUIDES.values():
        shown = text(browser.get(f"/help/guides/{guide.id}"))
        assert guide.title in shown
        assert "{{" not in shown
    assert "/help" in text(browser.get("/help/guides/none"), 404)


def test_the_deploy_guide_goes_through_the_steps_that_the_doctor_knows(portal: Portal) -> None:
    shown = portal.browser().get("/help/guides/deploy").text

    titles = re.findall(r'<h2 id="([a-z-]+)">(\d+)\. ([^<]+)</h2>', shown)
    assert [(id_, title) for id_, _, title in titles] == list(STEPS.items())
    assert [int(number) for _, number, _ in titles] == list(range(1, len(STEPS) + 1))


def test_the_guide_about_signing_in_names_the_company_s_own_addresses_and_groups(portal: Portal) -> None:
    shown = text(portal.browser().get("/help/guides/identity-center"))

    assert "https://freehold-222222222222.auth.eu-west-1.amazoncognito.com/saml2/idpresponse" in shown
    assert "${user:groups}" in shown
    assert "security-auditors" in shown


def test_the_guide_about_costs_shows_both_sizes_with_their_arithmetic(portal: Portal) -> None:
    shown = text(portal.browser().get("/help/guides/cost"))

    for size in (50, 1_000):
        assert f"A month with {size:,} accounts" in shown
        assert f"${bill(size).own_usd:,.2f}" in shown
        assert f"${bill(size).config_usd:,.2f}" in shown
    assert "43,200 minutes x 2 s x 0.5 GB = 43,200 GB-seconds" in shown.replace("\u00d7", "x")
    assert "Nobody has compared this with a bill" in shown


def test_a_runbook_that_is_not_there_leads_back_to_the_help(portal: Portal) -> None:
    assert "/help" in text(portal.browser().get("/help/runbooks/none"), 404)
