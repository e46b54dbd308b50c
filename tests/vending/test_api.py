import json
from typing import Any

import pytest

from tests.vending.web.ground import PROD, REQUEST, Portal, ask
from vending.requests.model import Cause, State

KEY = {"Idempotency-Key": "k1"}
NOT_YET = ("move", "transfer", "freeze", "thaw", "close", "adopt")


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem, once it has every member that a problem has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "remedy", "errors", "request_id"}
    assert found["status"] == status
    assert found["detail"]
    assert found["request_id"] == answer.headers["x-request-id"]
    return found


def fields(found: dict[str, Any]) -> list[str]:
    return [error["field"] for error in found["errors"]]


def test_asking_answers_202_with_where_to_look(portal: Portal) -> None:
    answer = portal.api("ada").post("/account-requests", json=REQUEST, headers=KEY)

    assert answer.status_code == 202
    asked = answer.json()
    assert answer.headers["location"] == f"/api/v1/account-requests/{asked['id']}"
    assert answer.headers["etag"] == f'"{asked["etag"]}"'
    assert {name: asked[name] for name in REQUEST} == REQUEST
    assert asked["state"] == "queued"
    assert portal.engine.started == [asked["id"]]


def test_the_same_key_and_body_give_the_same_request(portal: Portal) -> None:
    first = portal.api("ada").post("/account-requests", json=REQUEST, headers=KEY)

    again = portal.api("ada").post("/account-requests", json=REQUEST, headers=KEY)

    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    assert len(portal.api("ada").get("/account-requests").json()["items"]) == 1


def test_the_same_key_with_another_body_is_refused(portal: Portal) -> None:
    first = portal.api("ada").post("/account-requests", json=REQUEST, headers=KEY)
    assert first.status_code == 202, first.text

    other = portal.api("ada").post("/account-requests", json={**REQUEST, "name": "another"}, headers=KEY)

    assert fields(problem(other, 422)) == ["Idempotency-Key"]


def test_asking_without_a_key_is_refused(portal: Portal) -> None:
    answer = portal.api("ada").post("/account-requests", json=REQUEST)

    assert fields(problem(answer, 400)) == ["Idempotency-Key"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "name=payments",
        "[1]",
        '"text"',
        "null",
        '{"monthly_budget_usd": NaN}',
        "[" * 100_000,
        '{"a": "\\ud800"',
    ],
)
def test_a_body_that_is_no_json_object_is_refused(portal: Portal, body: str) -> None:
    answer = portal.api("ada").post("/account-requests", content=body, headers=KEY)

    assert fields(problem(answer, 400)) == ["-"]
    assert portal.engine.started == []


def test_a_body_without_end_is_refused(portal: Portal) -> None:
    answer = portal.api("ada").post("/account-requests", content=b" " * 70_000, headers=KEY)

    assert "longer than" in problem(answer, 400)["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"team": "nobody"}, "team"),
        ({"name": "x"}, "name"),
        ({"name": "Payments"}, "name"),
        ({"name": 7}, "name"),
        ({"template": "mainframe"}, "template"),
        ({"monthly_budget_usd": -1}, "monthly_budget_usd"),
        ({"monthly_budget_usd": 501}, "monthly_budget_usd"),
        ({"monthly_budget_usd": "much"}, "monthly_budget_usd"),
        ({"regions": []}, "regions"),
        ({"regions": ["ap-south-1"]}, "regions"),
        ({"data_class": "cosmic"}, "data_class"),
        ({"purpose": "\ud800 half a pair"}, "purpose"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(portal: Portal, change: dict[str, Any], field: str) -> None:
    body = json.dumps({**REQUEST, **change})

    answer = portal.api("ada").post("/account-requests", content=body, headers=KEY)

    found = problem(answer, 422)
    assert field in fields(found)
    assert all(error["remedy"] for error in found["errors"])
    assert portal.api("sam").get("/account-requests").json()["items"] == []


def test_a_name_that_is_taken_is_refused(portal: Portal) -> None:
    ask(portal)

    answer = portal.api("ada").post("/account-requests", json=REQUEST, headers=KEY)

    assert fields(problem(answer, 422)) == ["name"]


def test_another_teams_account_cannot_be_asked_for(portal: Portal) -> None:
    problem(portal.api("tom").post("/account-requests", json=REQUEST, headers=KEY), 403)


def test_a_plan_says_what_would_happen_and_writes_nothing(portal: Portal) -> None:
    answer = portal.api("ada").post("/account-requests/plan", json=PROD)

    assert answer.status_code == 200
    plan = answer.json()
    assert plan["ou"] == "Prod"
    assert plan["approvers_needed"] == 1
    assert plan["guardrails"] == ["ebs-encryption", "leave-organisation"]
    assert any("organizations:CreateAccount" in step["calls"] for step in plan["steps"])
    assert portal.api("ada").get("/account-requests").json()["items"] == []


def test_a_request_is_shown_with_its_etag(portal: Portal) -> None:
    asked = ask(portal)

    answer = portal.api("ada").get(f"/account-requests/{asked.id}")

    assert answer.status_code == 200
    assert answer.json()["timeline"] == []
    assert answer.headers["etag"] == f'"{asked.etag}"'


@pytest.mark.parametrize("request_id", ["req-none", "REQ_1!", "%00", "x" * 64])
def test_a_request_that_is_not_there_is_404(portal: Portal, request_id: str) -> None:
    problem(portal.api("ada").get(f"/account-requests/{request_id}"), 404)


def test_another_teams_request_looks_as_if_it_were_not_there(portal: Portal) -> None:
    asked = ask(portal)

    problem(portal.api("tom").get(f"/account-requests/{asked.id}"), 404)
    assert portal.api("tom").get("/account-requests").json()["items"] == []


def test_the_list_is_filtered_and_paged(portal: Portal) -> None:
    for number in range(3):
        ask(portal, name=f"payments-{number}")
    ask(portal, "tom", name="search-lab", team="search")

    sam = portal.api("sam")
    page = sam.get("/account-requests", params={"team": "payments", "limit": 2}).json()
    rest = sam.get("/account-requests", params={"team": "payments", "limit": 2, "cursor": page["next"]}).json()

    assert page["limit"] == 2
    names = {item["name"] for item in (*page["items"], *rest["items"])}
    assert names == {"payments-0", "payments-1", "payments-2"}
    assert rest["next"] is None
    assert sam.get("/account-requests", params={"state": "ready"}).json()["items"] == []
    assert len(sam.get("/account-requests", params={"state": ["ready", "queued"]}).json()["items"]) == 4


def test_a_parameter_that_accounts_do_not_know_is_refused_with_those_they_do(portal: Portal) -> None:
    found = problem(portal.api("ada").get("/accounts?state=active"), 422)

    assert fields(found) == ["state"]
    assert found["remedy"] == "Known parameters: team, limit, cursor."


@pytest.mark.parametrize("what", ["", "/evidence", "/verify"])
def test_another_teams_account_cannot_be_told_from_one_that_does_not_exist(portal: Portal, what: str) -> None:
    account_id = portal.make_account(ask(portal).id)
    tom = portal.api("tom")
    call = tom.post if what == "/verify" else tom.get

    others = problem(call(f"/accounts/{account_id}{what}"), 404)
    nobodys = problem(call(f"/accounts/999999999999{what}"), 404)

    assert others["detail"].replace(account_id, "999999999999") == nobodys["detail"]
    assert others["remedy"] == nobodys["remedy"]


@pytest.mark.parametrize(
    "query", ["state=lost", "limit=0", "limit=9999", "limit=many", "cursor=nonsense", "statee=ready"]
)
def test_a_list_with_a_wrong_filter_is_refused(portal: Portal, query: str) -> None:
    found = problem(portal.api("ada").get(f"/account-requests?{query}"), 422)

    assert fields(found) == [query.split("=")[0]]


def test_an_approver_approves_what_was_read(portal: Portal) -> None:
    asked = ask(portal, **PROD)

    answer = portal.api("grace").post(f"/account-requests/{asked.id}/approve", json={"hash": asked.hash})

    assert answer.status_code == 200
    assert answer.json()["state"] == "queued"
    assert [approval["by"] for approval in answer.json()["approvals"]] == ["grace"]


def test_a_decision_on_something_else_than_was_read_is_refused(portal: Portal) -> None:
    asked = ask(portal, **PROD)

    problem(portal.api("grace").post(f"/account-requests/{asked.id}/approve", json={"hash": "0" * 64}), 409)
    problem(portal.api("ada").post(f"/account-requests/{asked.id}/approve", json={}), 403)
    problem(portal.api("grace").post(f"/account-requests/{asked.id}/approve", json={"colour": "green"}), 422)
    problem(portal.api("grace").post(f"/account-requests/{asked.id}/approve", content="{"), 400)


def test_a_decision_needs_no_body(portal: Portal) -> None:
    asked = ask(portal, **PROD)

    assert portal.api("rosa").post(f"/account-requests/{asked.id}/approve").status_code == 200


def test_a_rejection_carries_its_reason(portal: Portal) -> None:
    asked = ask(portal, **PROD)
    grace = portal.api("grace")

    problem(grace.post(f"/account-requests/{asked.id}/reject", json={}), 422)
    answer = grace.post(f"/account-requests/{asked.id}/reject", json={"reason": "use the one you have"})

    assert answer.json()["state"] == "rejected"
    assert answer.json()["reason"] == "use the one you have"


def test_a_request_is_cancelled(portal: Portal) -> None:
    asked = ask(portal)

    answer = portal.api("ada").post(f"/account-requests/{asked.id}/cancel", json={})

    assert answer.json()["state"] == "cancelled"
    problem(portal.api("ada").post(f"/account-requests/{asked.id}/cancel", json={}), 409)


def test_a_parked_request_is_resumed(portal: Portal) -> None:
    asked = ask(portal)
    cause = Cause(code="QUOTA", sentence="The quota is used up.", remedy="Raise it.", who="platform")
    portal.change(asked.id, state=State.PARKED, parked=cause)

    answer = portal.api("omar").post(f"/account-requests/{asked.id}/resume", json={})

    assert answer.json()["state"] == "queued"
    problem(portal.api("omar").post(f"/account-requests/{asked.id}/resume", json={}), 409)


def test_an_edit_needs_the_etag_that_was_read(portal: Portal) -> None:
    asked = ask(portal)
    ada = portal.api("ada")
    path, patch = f"/account-requests/{asked.id}", {"monthly_budget_usd": 300}

    problem(ada.patch(path, json=patch), 428)
    problem(ada.patch(path, json=patch, headers={"If-Match": '"stale"'}), 412)
    answer = ada.patch(path, json=patch, headers={"If-Match": f'"{asked.etag}"'})

    assert answer.status_code == 200
    assert answer.json()["monthly_budget_usd"] == 300
    assert answer.headers["etag"] not in ("", f'"{asked.etag}"')
    assert ada.patch(path, json={"monthly_budget_usd": 301}, headers={"If-Match": "*"}).status_code == 200


def test_a_wrong_edit_names_its_field(portal: Portal) -> None:
    asked = ask(portal)
    match = {"If-Match": f'"{asked.etag}"'}
    path = f"/account-requests/{asked.id}"

    assert fields(problem(portal.api("ada").patch(path, json={"regions": None}, headers=match), 422)) == ["regions"]
    problem(portal.api("ada").patch(path, content="[]", headers=match), 400)


def test_accounts_are_listed_and_shown_to_their_team(portal: Portal) -> None:
    asked = ask(portal)
    account_id = portal.make_account(asked.id)

    ada = portal.api("ada")

    assert [item["account_id"] for item in ada.get("/accounts").json()["items"]] == [account_id]
    shown = ada.get(f"/accounts/{account_id}").json()
    assert (shown["name"], shown["team"], shown["request_id"]) == ("payments-lab", "payments", asked.id)
    problem(portal.api("tom").get(f"/accounts/{account_id}"), 404)
    assert portal.api("tom").get("/accounts").json()["items"] == []
    problem(ada.get("/accounts/does_not_exist"), 404)


def test_an_auditor_pages_through_every_account(portal: Portal) -> None:
    sam = portal.api("sam")

    first = sam.get("/accounts", params={"limit": 1}).json()
    everything = sam.get("/accounts").json()

    assert first["items"] == everything["items"][:1]
    assert first["next"]
    assert everything["next"] is None


def test_evidence_is_what_was_read_back(portal: Portal) -> None:
    account_id = portal.make_account(ask(portal).id)

    evidence = portal.api("ada").get(f"/accounts/{account_id}/evidence").json()

    assert [(item["id"], item["holds"]) for item in evidence["items"]] == [("ou", "yes"), ("ebs/eu-west-1", "no")]
    problem(portal.api("tom").get(f"/accounts/{account_id}/evidence"), 404)


def test_verifying_needs_an_account_that_freehold_made_and_the_right(portal: Portal) -> None:
    account_id = portal.make_account(ask(portal).id)

    problem(portal.api("sam").post(f"/accounts/{account_id}/verify", json={}), 403)
    problem(portal.api("omar").post("/accounts/123456789012/verify", json={}), 409)


@pytest.mark.parametrize("verb", NOT_YET)
def test_what_does_not_work_yet_is_absent(portal: Portal, verb: str) -> None:
    described = portal.browser().get("/openapi.json").json()["paths"]

    assert not [path for path in described if path.endswith(f"/{verb}")]
    assert portal.api("omar").post(f"/accounts/123456789012/{verb}", json={}).status_code in (404, 405)


def test_the_api_describes_itself(portal: Portal) -> None:
    described = portal.browser().get("/openapi.json").json()

    assert described["openapi"].startswith("3.1")
    submit = described["paths"]["/api/v1/account-requests"]["post"]
    assert "monthly_budget_usd" in submit["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert submit["responses"]["202"]
    assert "application/problem+json" in submit["responses"]["default"]["content"]
    assert submit["security"]
    assert [p["name"] for p in submit["parameters"]] == ["Idempotency-Key"]
    assert not [path for path in described["paths"] if path.startswith(("/requests", "/accounts", "/auth"))]
