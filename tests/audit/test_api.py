"""The REST API of findings, runs and reports."""

import csv
import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from audit.api import prefers_json
from audit.finding import FIELDS
from tests.audit.conftest import Doors
from tests.audit.ground import NINE, PAYMENTS, SEARCH


def items(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_run_is_started_by_who_governs_and_can_be_followed(doors: Doors) -> None:
    grace = doors.api("grace")

    started = grace.post("/audit/runs")

    assert started.status_code == 202
    run = grace.get(started.headers["location"].removeprefix("/api/v1")).json()
    assert run["state"] == "running"
    assert run["started_by"] == "grace"
    assert {"id", "started_at", "ended_at", "predicted_calls", "calls", "coverage", "manifest"} <= run.keys()
    assert [one["id"] for one in items(grace.get("/audit/runs"))] == [run["id"]] == doors.runner.started


@pytest.mark.parametrize("username", ["ada", "omar", "sam"])
def test_nobody_else_starts_a_run(doors: Doors, username: str) -> None:
    refused = doors.api(username).post("/audit/runs")

    assert refused.status_code == 403
    assert refused.json()["remedy"] == "Ask an approver."
    assert doors.runner.started == []


def test_a_run_that_is_none_is_not_found(doors: Doors) -> None:
    assert doors.api("sam").get("/audit/runs/run-404").status_code == 404


def test_before_the_first_run_there_is_nothing_and_that_is_no_error(doors: Doors) -> None:
    sam = doors.api("sam")

    assert items(sam.get("/findings")) == []
    assert items(sam.get("/audit/runs")) == []
    assert sam.post("/findings/query", json={"sql": "SELECT count(*) FROM findings"}).json()["rows"] == [[0]]
    assert sam.get("/reports/latest", headers={"Accept": "application/json"}).json()["run"] is None
    assert "No run has ended yet" in sam.get("/reports/latest").text


def test_a_finding_has_the_fields_of_the_contract_in_their_order(doors: Doors) -> None:
    doors.fill()

    found = items(doors.api("ada").get("/findings"))

    assert tuple(found[0]) == FIELDS
    assert found[0]["status"] == "fail"


def test_pages_together_hold_every_finding_once_even_while_a_run_ends(doors: Doors) -> None:
    doors.fill()
    sam = doors.api("sam")
    whole = [one["finding_id"] for one in items(sam.get("/findings", params={"limit": 1000}))]

    first = sam.get("/findings", params={"limit": 7}).json()
    doors.fill(2, NINE + timedelta(hours=1))
    seen = [one["finding_id"] for one in first["items"]]
    page = first
    while page["next"]:
        page = sam.get("/findings", params={"limit": 7, "cursor": page["next"]}).json()
        seen += [one["finding_id"] for one in page["items"]]

    assert len(whole) == 40
    assert seen == whole


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("team", "payments", "team"),
        ("status", "fail", "status"),
        ("severity", "high", "severity"),
        ("source", "control-tower", "source"),
        ("region", "us-east-1", "region"),
        ("ou", "Security", "ou"),
    ],
)
def test_a_filter_shows_what_it_names(doors: Doors, name: str, value: str, field: str) -> None:
    doors.fill()

    found = items(doors.api("sam").get("/findings", params={name: value, "limit": 1000}))

    assert {one[field] for one in found} == {value}


def test_a_filter_given_twice_means_either(doors: Doors) -> None:
    doors.fill()

    found = items(doors.api("sam").get("/findings?status=fail&status=unknown&limit=1000"))

    assert {one["status"] for one in found} == {"fail", "unknown"}


def test_a_control_is_found_by_the_name_it_was_given(doors: Doors) -> None:
    doors.fill()
    sam = doors.api("sam")

    found = items(sam.get("/findings", params={"control": "iam-password-policy", "account": PAYMENTS.account_id}))

    assert [one["control_id"].startswith("OrgConfigRule-iam-password-policy-") for one in found] == [True]
    exact = items(sam.get("/findings", params={"control": found[0]["control_id"], "account": PAYMENTS.account_id}))
    assert exact == found


def test_since_shows_what_changed_from_then_on(doors: Doors) -> None:
    doors.fill()
    sam = doors.api("sam")
    at = items(sam.get("/findings"))[0]["changed_at"]

    assert items(sam.get("/findings", params={"since": at}))
    assert items(sam.get("/findings", params={"since": "2031-01-01T00:00:00Z"})) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=mauve", "status"),
        ("severity=awful", "severity"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("since=yesterday", "since"),
        ("cursor=garbage", "cursor"),
        ("cursor=eyJrZXkiOiJIRUFEIiwicm93cyI6MSwic2l6ZSI6MSwib2Zmc2V0IjowfQ", "cursor"),
    ],
)
def test_a_wrong_filter_is_named(doors: Doors, query: str, field: str) -> None:
    refused = doors.api("sam").get(f"/findings?{query}")

    assert refused.status_code == 422, refused.text
    assert field in refused.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/findings", "account, team, control"),
        ("/findings/export", "format"),
        ("/audit/runs", "limit, cursor"),
        ("/reports/latest", "Leave it out"),
    ],
)
def test_a_parameter_that_nothing_reads_is_named_with_those_that_are_read(doors: Doors, path: str, known: str) -> None:
    refused = doors.api("sam").get(f"{path}?bogus=1")

    assert refused.status_code == 422, refused.text
    (error,) = refused.json()["errors"]
    assert error["field"] == "bogus"
    assert known in error["remedy"]


def test_who_has_not_signed_in_learns_nothing_of_parameters(doors: Doors) -> None:
    assert doors.browser().get("/api/v1/findings?bogus=1").status_code == 401


def test_ada_cannot_see_toms_findings_through_any_door(doors: Doors) -> None:
    doors.fill()
    ada = doors.api("ada")

    listed = items(ada.get("/findings", params={"limit": 1000}))
    asked = items(ada.get("/findings", params={"account": SEARCH.account_id}))
    exported = ada.get("/findings/export", params={"format": "csv"}).text
    document = ada.get("/findings/export", params={"format": "json"}).text
    numbers = ada.get("/reports/latest", headers={"Accept": "application/json"}).text
    page = ada.get("/reports/latest", headers={"Accept": "text/html"}).text

    assert {one["account_id"] for one in listed} == {PAYMENTS.account_id}
    assert asked == []
    for text in (exported, document, numbers, page):
        assert SEARCH.account_id not in text
        assert "search" not in text
    for view in ("findings", "transitions", "coverage", "accounts", "waivers", "runs"):
        rows = ada.post("/findings/query", json={"sql": f"SELECT * FROM {view}"}).json()["rows"]
        assert SEARCH.account_id not in json.dumps(rows)


def test_sql_answers_with_columns_rows_and_time(doors: Doors) -> None:
    doors.fill()

    answer = doors.api("ada").post("/findings/query", json={"sql": "SELECT DISTINCT team FROM findings"}).json()

    assert answer["columns"] == ["team"]
    assert answer["rows"] == [["payments"]]
    assert answer["truncated"] is False
    assert answer["elapsed_ms"] >= 0


def test_sql_that_is_not_allowed_is_a_problem_with_a_remedy(doors: Doors) -> None:
    refused = doors.api("ada").post("/findings/query", json={"sql": "COPY findings TO 'x'"})

    assert refused.status_code == 422
    assert "Only SELECT" in refused.json()["detail"]
    assert refused.json()["remedy"]


@pytest.mark.parametrize("body", [{}, {"sql": 1}, {"sql": "SELECT 1", "more": 1}])
def test_a_question_that_is_none_is_named(doors: Doors, body: dict[str, Any]) -> None:
    assert doors.api("ada").post("/findings/query", json=body).status_code == 422


def test_csv_has_the_fields_in_their_order_and_every_finding(doors: Doors) -> None:
    doors.fill()
    sam = doors.api("sam")

    answer = sam.get("/findings/export", params={"format": "csv"})

    header, *rows = list(csv.reader(io.StringIO(answer.text)))
    assert tuple(header) == FIELDS
    assert len(rows) == len(items(sam.get("/findings", params={"limit": 1000})))
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="findings.csv"' in answer.headers["content-disposition"]


def test_an_export_takes_the_filters_too(doors: Doors) -> None:
    doors.fill()

    answer = doors.api("sam").get("/findings/export", params={"format": "json", "status": "fail"})

    assert {one["status"] for one in answer.json()["items"]} == {"fail"}


def test_a_format_nobody_writes_is_refused(doors: Doors) -> None:
    assert doors.api("sam").get("/findings/export", params={"format": "pdf"}).status_code == 422


def test_the_report_is_html_or_json_as_asked(doors: Doors) -> None:
    run = doors.fill().id
    sam = doors.api("sam")

    page = sam.get("/reports/latest", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    document = sam.get("/reports/latest", headers={"Accept": "application/json"})

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert document.json()["run"]["id"] == run
    assert document.json()["total"]["counts"]["fail"] > 0


@pytest.mark.parametrize(
    ("accept", "json_wanted"),
    [
        ("application/json", True),
        ("text/html", False),
        ("*/*", False),
        ("", False),
        ("text/html, application/json", False),
        ("application/json, text/html", True),
        ("text/html;q=0.5, application/json;q=0.9", True),
        ("application/json;q=nonsense", False),
    ],
)
def test_accept_headers_are_weighed(accept: str, json_wanted: bool) -> None:
    assert prefers_json(accept) is json_wanted


@pytest.mark.parametrize("path", ["/findings", "/audit/runs", "/reports/latest", "/findings/export"])
def test_nobody_reads_without_signing_in(doors: Doors, path: str) -> None:
    assert doors.browser().get(f"/api/v1{path}").status_code == 401


@pytest.mark.parametrize(
    ("words", "resources"),
    [
        ("public shop", {"shop"}),
        ("SHOP", {"shop"}),
        ("bucket-11", {"bucket-11"}),
        ("shop logs", set()),
        ("100%", set()),
    ],
)
def test_words_find_what_holds_them_all_wherever_they_stand(doors: Doors, words: str, resources: set[str]) -> None:
    doors.fill()

    found = items(doors.api("sam").get("/findings", params={"q": words, "limit": 1000}))

    assert {one["resource_id"] for one in found} == resources


def test_what_no_team_owns_is_found_by_a_dash(doors: Doors) -> None:
    doors.fill()

    found = items(doors.api("sam").get("/findings", params={"team": "-", "limit": 1000}))

    assert found
    assert {one["team"] for one in found} == {None}


def test_facets_count_what_the_other_filters_leave(doors: Doors) -> None:
    doors.fill()
    sam = doors.api("sam")

    facets = sam.get("/findings/facets", params={"status": "fail"}).json()

    failing = items(sam.get("/findings", params={"status": "fail", "limit": 1000}))
    everything = items(sam.get("/findings", params={"limit": 1000}))
    for field in ("team", "region", "source", "severity", "ou"):
        counted = Counter(one[field] or "-" for one in failing)
        assert {one["value"]: one["count"] for one in facets[field]} == counted
    assert {one["value"]: one["count"] for one in facets["status"]} == Counter(one["status"] for one in everything)


def test_facets_tell_nobody_of_others(doors: Doors) -> None:
    doors.fill()

    facets = doors.api("ada").get("/findings/facets").json()

    assert [one["value"] for one in facets["team"]] == ["payments"]


def test_the_manifest_of_a_run_is_for_those_who_see_everything(doors: Doors) -> None:
    run = doors.fill()

    assert doors.api("ada").get(f"/audit/runs/{run.id}/manifest").status_code == 403
    assert doors.api("sam").get(f"/audit/runs/{run.id}/manifest").status_code == 404
