"""A waiver's whole life, on every door, and what is refused on the way."""

from datetime import timedelta
from typing import Any

import pytest

from audit.query.cover import CONTROL
from tests.audit.conftest import Doors
from tests.audit.ground import PAYMENTS, RULE, SEARCH
from vending.core.clock import from_text, to_text


@pytest.fixture(autouse=True)
def _audited(doors: Doors) -> None:
    doors.fill(at=doors.cloud.clock.now())


def asked(doors: Doors, **changes: Any) -> dict[str, Any]:
    """The public bucket of payments, for thirty days."""
    body = {
        "control_id": RULE,
        "account_id": PAYMENTS.account_id,
        "reason": "The shop's pictures are public until the new store is there.",
        "ticket": "SEC-1",
        "expires_at": to_text(doors.cloud.clock.now() + timedelta(days=30)),
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def propose(doors: Doors, username: str = "sam", **changes: Any) -> dict[str, Any]:
    answer = doors.api(username).post("/waivers", json=asked(doors, **changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def approved(doors: Doors, **changes: Any) -> dict[str, Any]:
    answer = doors.api("rosa").post(f"/waivers/{propose(doors, **changes)['id']}/approve")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def findings(doors: Doors, username: str = "sam", **params: str) -> list[dict[str, Any]]:
    return list(doors.api(username).get("/findings", params={"limit": 1000, **params}).json()["items"])


def sql(doors: Doors, statement: str, username: str = "sam") -> list[list[Any]]:
    answer = doors.api(username).post("/findings/query", json={"sql": statement})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rows"])


def test_a_waiver_is_proposed_approved_by_another_covers_and_ends_by_itself(doors: Doors) -> None:
    proposed = propose(doors)
    assert (proposed["state"], proposed["owner"], proposed["approver"]) == ("proposed", "sam", None)
    assert len(findings(doors, status="fail", account=PAYMENTS.account_id)) == 2

    doors.cloud.clock.advance(60)
    grace = doors.api("grace")
    active = grace.post(f"/waivers/{proposed['id']}/approve", json={"hash": proposed["hash"]}).json()

    assert (active["state"], active["approver"], active["findings"]) == ("active", "grace", 1)
    (covered,) = findings(doors, status="waived")
    assert (covered["resource_id"], covered["waiver_id"]) == ("shop", proposed["id"])
    assert from_text(covered["changed_at"]) == from_text(active["approved_at"])
    assert len(findings(doors, status="fail", account=PAYMENTS.account_id)) == 1

    doors.cloud.clock.advance(timedelta(days=30).total_seconds())

    (again,) = findings(doors, status="fail", control=RULE, account=PAYMENTS.account_id)
    assert (again["resource_id"], again["waiver_id"]) == ("shop", None)
    assert from_text(again["changed_at"]) == from_text(proposed["expires_at"])
    assert findings(doors, status="waived") == []
    assert grace.get(f"/waivers/{proposed['id']}").json()["state"] == "expired"
    assert sql(doors, "SELECT reopened FROM findings WHERE resource_id = 'shop'") == [[1]]


def test_every_door_says_the_same_of_what_is_waived(doors: Doors) -> None:
    waiver = approved(doors)

    sam = doors.api("sam")
    report = sam.get("/reports/latest", headers={"Accept": "application/json"}).json()
    exported = sam.get("/findings/export", params={"format": "json"}).json()["items"]
    counted = sql(doors, "SELECT status, waiver_id, count(*) FROM findings WHERE status = 'waived' GROUP BY ALL")
    kept = sql(doors, "SELECT id, state, owner, approver FROM waivers")
    page = doors.signed_in("sam").get("/findings?status=waived")

    assert counted == [["waived", waiver["id"], 1]]
    assert kept == [[waiver["id"], "active", "sam", "rosa"]]
    assert report["total"]["counts"]["waived"] == 1
    assert [one["waiver_id"] for one in exported if one["status"] == "waived"] == [waiver["id"]]
    assert "shop" in page.text
    ocsf = sam.get("/findings/export", params={"format": "ocsf", "status": "waived"}).json()
    assert (ocsf["status"], ocsf["unmapped"]["waiver_id"]) == ("Suppressed", waiver["id"])


def test_an_account_whose_failures_are_waived_does_not_fail(doors: Doors) -> None:
    approved(doors, team="payments", account_id=None)
    approved(doors, control_id="iam-password-policy")

    assert doors.audit.compliance()[PAYMENTS.account_id] == "pass"
    assert doors.audit.compliance()[SEARCH.account_id] == "fail"


def test_a_waiver_that_is_revoked_covers_nothing_at_once(doors: Doors) -> None:
    waiver = approved(doors)
    doors.cloud.clock.advance(3600)

    revoked = doors.api("sam").delete(f"/waivers/{waiver['id']}").json()

    assert (revoked["state"], revoked["revoked_by"]) == ("revoked", "sam")
    assert findings(doors, status="waived") == []
    assert doors.api("sam").delete(f"/waivers/{waiver['id']}").status_code == 409


def test_the_owner_never_approves(doors: Doors) -> None:
    own = propose(doors, "grace")

    refused = doors.api("grace").post(f"/waivers/{own['id']}/approve")

    assert refused.status_code == 403
    assert refused.json()["remedy"] == "Ask another approver."
    assert doors.api("rosa").post(f"/waivers/{own['id']}/approve").json()["state"] == "active"


@pytest.mark.parametrize("username", ["ada", "omar", "sam"])
def test_only_approvers_approve(doors: Doors, username: str) -> None:
    waiver = propose(doors, "grace")

    assert doors.api(username).post(f"/waivers/{waiver['id']}/approve").status_code == 403


def test_a_team_does_not_propose_but_sees_what_concerns_it(doors: Doors) -> None:
    refused = doors.api("ada").post("/waivers", json=asked(doors))
    hers = approved(doors)
    his = approved(doors, account_id=SEARCH.account_id)
    by_resource = approved(doors, account_id=None, resource_id="logs")

    assert refused.status_code == 403
    assert [one["id"] for one in doors.api("ada").get("/waivers").json()["items"]] == [hers["id"]]
    assert {one["id"] for one in doors.api("tom").get("/waivers").json()["items"]} == {his["id"], by_resource["id"]}
    assert sql(doors, "SELECT id FROM waivers", "ada") == [[hers["id"]]]
    assert doors.api("ada").get(f"/waivers/{his['id']}").status_code == 404
    assert doors.signed_in("ada").get(f"/waivers/{his['id']}").status_code == 404


def test_a_waiver_that_matches_nothing_is_a_finding_until_it_is_ended(doors: Doors) -> None:
    idle = approved(doors, resource_id="no-such-bucket")

    (finding,) = findings(doors, control=CONTROL)
    assert (finding["resource_id"], finding["status"], finding["team"]) == (idle["id"], "fail", "payments")
    assert "matches no finding" in finding["reason"]
    assert doors.signed_in("ada").get(f"/findings/{finding['finding_id']}").status_code == 200
    assert findings(doors, "tom", control=CONTROL) == []

    doors.api("grace").delete(f"/waivers/{idle['id']}")

    assert findings(doors, control=CONTROL) == []


def test_a_waiver_of_what_does_not_fail_any_more_is_a_finding(doors: Doors) -> None:
    approved(doors, resource_id="bucket-1")

    (finding,) = findings(doors, control=CONTROL)

    assert "does not fail" in finding["reason"]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"account_id": None}, "-", "whole organisation"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "over already"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at", "365 days at most"),
        ({"expires_at": None}, "expires_at", "required"),
        ({"expires_at": "next year"}, "expires_at", "valid datetime"),
        ({"ticket": " "}, "ticket", "at least 1 character"),
        ({"reason": None}, "reason", "required"),
        ({"reason": "two\nlines"}, "reason", "control characters"),
        ({"account_id": "12"}, "account_id", "match"),
        ({"team": "paymnts"}, "team", "there is no team"),
        ({"owner": "grace"}, "owner", "not permitted"),
    ],
)
def test_a_wrong_proposal_is_refused_by_field(doors: Doors, changes: dict[str, Any], field: str, reason: str) -> None:
    refused = doors.api("sam").post("/waivers", json=asked(doors, **changes))

    assert refused.status_code == 422
    assert [(one["field"], reason in one["reason"]) for one in refused.json()["errors"]] == [(field, True)]
    assert doors.api("sam").get("/waivers").json()["items"] == []


def test_the_same_key_proposes_once_and_never_two_things(doors: Doors) -> None:
    sam, body = doors.api("sam"), asked(doors)
    key = {"Idempotency-Key": "k-1"}

    first = sam.post("/waivers", json=body, headers=key).json()
    again = sam.post("/waivers", json=body, headers=key).json()
    other = sam.post("/waivers", json=body | {"ticket": "SEC-2"}, headers=key)

    assert first["id"] == again["id"]
    assert other.status_code == 422
    assert len(sam.get("/waivers").json()["items"]) == 1


def test_a_decision_is_on_what_was_read(doors: Doors) -> None:
    sam = doors.api("sam")
    made = sam.post("/waivers", json=asked(doors))
    path, tag = f"/waivers/{made.json()['id']}", made.headers["etag"]

    assert doors.api("rosa").post(f"{path}/approve", json={"hash": "0" * 64}).status_code == 409
    assert doors.api("rosa").post(f"{path}/approve", headers={"If-Match": tag}).status_code == 200
    assert sam.delete(path, headers={"If-Match": tag}).status_code == 412


def test_a_proposal_nobody_approved_in_time_is_over(doors: Doors) -> None:
    waiver = propose(doors)
    doors.cloud.clock.advance(timedelta(days=31).total_seconds())

    refused = doors.api("rosa").post(f"/waivers/{waiver['id']}/approve")

    assert (refused.status_code, "expired" in refused.json()["detail"]) == (409, True)


def test_of_two_that_cover_the_one_that_lasts_longer_is_named_and_neither_is_idle(doors: Doors) -> None:
    approved(doors)
    longer = approved(doors, expires_at=to_text(doors.cloud.clock.now() + timedelta(days=90)))

    (covered,) = findings(doors, status="waived")

    assert covered["waiver_id"] == longer["id"]
    assert findings(doors, control=CONTROL) == []


def test_waivers_page_by_page_hold_each_once(doors: Doors) -> None:
    made = {propose(doors, ticket=f"SEC-{n}")["id"] for n in range(3)}
    sam = doors.api("sam")

    first = sam.get("/waivers", params={"limit": 2}).json()
    second = sam.get("/waivers", params={"limit": 2, "cursor": first["next"]}).json()

    assert {one["id"] for one in (*first["items"], *second["items"])} == made
    assert second["next"] is None


def test_each_change_stands_in_the_chained_log(doors: Doors) -> None:
    waiver = approved(doors)
    doors.api("grace").delete(f"/waivers/{waiver['id']}")

    lines = [(entry.actor, entry.what) for entry in doors.audit.waivers.book.table.log()]

    assert lines == [("sam", "proposed a waiver"), ("rosa", "approved a waiver"), ("grace", "revoked a waiver")]


def test_the_pages_lead_from_a_finding_to_its_waiver(doors: Doors) -> None:
    sam, rosa = doors.signed_in("sam"), doors.signed_in("rosa")
    (finding,) = findings(doors, status="fail", control=RULE, account=PAYMENTS.account_id)
    offered = sam.get(f"/findings/{finding['finding_id']}").text
    assert "/waivers/new?control_id=" in offered

    wrong = sam.post("/waivers", "/waivers/new", control_id=RULE, team="payments", expires_at="2026-99-01")
    assert "It is missing" in wrong.text
    until = (doors.cloud.clock.now() + timedelta(days=9)).date().isoformat()
    sent = asked(doors, expires_at=until, resource_id="shop")
    made = sam.post("/waivers", "/waivers/new", **sent)
    page = rosa.get(made.headers["location"]).text
    assert "Approve" in page
    assert "Approve" not in sam.get(made.headers["location"]).text
    decided = rosa.post(f"{made.headers['location']}/approve", made.headers["location"])

    assert decided.status_code == 303
    assert "Waived until" in sam.get(f"/findings/{finding['finding_id']}").text
    assert "SEC-1" in sam.get("/waivers").text
