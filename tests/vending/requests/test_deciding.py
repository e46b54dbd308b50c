"""Who asked for an account, changed it or gets it does not approve it, on any door."""

from typing import Any

import pytest

from tests.vending.ground import Ground
from tests.vending.parts import acme, asked, person
from tests.vending.web.ground import PROD, REQUEST, Portal, ask
from vending.core.company import Company
from vending.core.errors import BadInput, NotAllowed
from vending.core.identity import Caller, Role
from vending.requests.model import State

EVERY_ROLE = frozenset({Role.APPROVER, Role.OPERATOR, Role.BREAK_GLASS})


def powerful(name: str, *teams: str) -> Caller:
    """Somebody with every role there is."""
    return Caller(name, EVERY_ROLE, frozenset(teams))


def led_by(company: Company, lead: str) -> Company:
    team = company.teams["payments"].model_copy(update={"lead": lead})
    return company.model_copy(update={"teams": {**company.teams, "payments": team}})


@pytest.mark.parametrize("break_glass", [False, True])
@pytest.mark.parametrize(
    ("who", "why"),
    [
        (powerful("ada"), "they asked for it"),
        (powerful("ines", "payments"), "it is for their own team"),
        (powerful("lead"), "it is for their own team"),
        (powerful("editor"), "they changed it"),
    ],
)
def test_nobody_decides_on_what_is_theirs_whatever_roles_they_hold(
    ground: Ground, who: Caller, why: str, break_glass: bool
) -> None:
    ground = ground.governed_by(led_by(acme(), "lead"))
    waiting = ground.ask(template="workload-prod")
    edited = ground.desk.edit(powerful("editor"), waiting.id, {"purpose": "something else"}, "*")

    with pytest.raises(NotAllowed, match=why):
        ground.desk.approve(who, edited.id, break_glass=break_glass, reason="pay day")
    if not break_glass:
        with pytest.raises(NotAllowed, match=why):
            ground.desk.reject(who, edited.id, "no")

    assert ground.desk.get(person("sam"), edited.id).approvals == ()


def test_one_without_the_role_does_not_break_the_glass(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")

    with pytest.raises(NotAllowed, match="grace may not approve alone in an emergency"):
        ground.desk.approve(person("grace"), waiting.id, break_glass=True, reason="pay day")


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
def test_the_glass_is_not_broken_without_a_reason(ground: Ground, reason: str) -> None:
    waiting = ground.ask(template="workload-prod")

    with pytest.raises(BadInput) as refused:
        ground.desk.approve(person("omar"), waiting.id, break_glass=True, reason=reason)

    assert refused.value.errors[0].field == "reason"


def test_one_emergency_approval_stands_for_two_and_is_listed_for_all_who_may_see_it(ground: Ground) -> None:
    waiting = ground.ask(template="regulated", name="payments-vault", data_class="restricted")

    approved = ground.desk.approve(person("omar"), waiting.id, waiting.hash, break_glass=True, reason="pay day")

    assert (approved.state, approved.approvers_needed, len(approved.approvals)) == (State.QUEUED, 2, 1)
    [use] = ground.desk.break_glass_uses(person("ada")).items
    assert (use.request_id, use.by, use.reason, use.hash) == (waiting.id, "omar", "pay day", waiting.hash)
    assert ground.desk.break_glass_uses(person("tom")).items == ()
    logged = [entry for entry in ground.services.table.log() if entry.what == "break-glass approval"]
    assert [(entry.actor, entry.detail) for entry in logged] == [("omar", {"reason": "pay day"})]


def test_an_emergency_approval_lapses_like_any_other_when_the_request_changes(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")
    ground.desk.approve(person("omar"), waiting.id, break_glass=True, reason="pay day")

    changed = ground.desk.edit(person("ada"), waiting.id, {"monthly_budget_usd": 4000}, "*")

    assert (changed.state, changed.approvals) == (State.AWAITING_APPROVAL, ())
    assert changed.lapsed
    assert (changed.lapsed.by, changed.lapsed.because) == (("omar",), "the request was changed")


def test_an_edit_that_changes_nothing_keeps_the_approval(ground: Ground) -> None:
    waiting = ground.ask(template="regulated", name="payments-vault")
    ground.desk.approve(person("grace"), waiting.id)

    same = ground.desk.edit(person("ada"), waiting.id, {"purpose": asked()["purpose"]}, "*")

    assert [approval.by for approval in same.approvals] == ["grace"]


def test_a_dry_run_judges_as_the_real_thing_and_writes_nothing(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")

    told = ground.desk.approve(person("grace"), waiting.id, dry_run=True)

    assert told.state is State.QUEUED
    assert ground.desk.get(person("ada"), waiting.id).state is State.AWAITING_APPROVAL
    with pytest.raises(NotAllowed):
        ground.desk.approve(person("ada"), waiting.id, dry_run=True)


@pytest.mark.parametrize("body", [{}, {"break_glass": True, "reason": "pay day"}], ids=["approve", "break-glass"])
def test_the_api_refuses_the_requester(portal: Portal, body: dict[str, Any]) -> None:
    waiting = ask(portal, "ada", **PROD)

    answer = portal.api("ada").post(f"/account-requests/{waiting.id}/approve", json=body)

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:freehold:problem:not-allowed")


@pytest.mark.parametrize("door", ["approve", "break-glass", "reject"])
def test_the_form_is_not_shown_to_the_requester_and_refuses_them(portal: Portal, door: str) -> None:
    waiting = ask(portal, "ada", **PROD)
    ada = portal.signed_in("ada")

    page = ada.get(f"/requests/{waiting.id}").text
    answer = ada.post(f"/requests/{waiting.id}/{door}", "/requests/new", reason="because", hash=waiting.hash)

    assert f"/requests/{waiting.id}/{door}" not in page
    assert answer.status_code == 403
    assert portal.desk.get(person("sam"), waiting.id).state is State.AWAITING_APPROVAL


def test_the_glass_is_broken_on_the_request_s_page(portal: Portal) -> None:
    waiting = ask(portal, "ada", **PROD)
    omar = portal.signed_in("omar")

    omar.post(f"/requests/{waiting.id}/break-glass", f"/requests/{waiting.id}", reason="pay day")

    assert portal.desk.get(person("sam"), waiting.id).state is State.QUEUED
    assert "pay day" in omar.get("/requests/break-glass").text
    assert "break glass" in omar.get(f"/requests/{waiting.id}").text


def test_a_sandbox_within_the_budget_needs_nobody_and_says_why(portal: Portal) -> None:
    made = ask(portal, "ada", **REQUEST)

    assert (made.approvers_needed, made.rule) == (0, "sandbox and dev within the team's budget")
    assert made.rule_because.endswith("it is the team's account number 1")
