"""The numbers of the report."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from audit.finding import Cell, Control, Seen, Severity, State, Unknown
from audit.reports.report import Report, make_report
from audit.service import Audit
from audit.waivers.waiver import Proposal
from tests.audit.conftest import Doors
from tests.audit.ground import (
    LOGS,
    MANAGEMENT,
    NINE,
    PAYMENTS,
    RULE,
    SEARCH,
    batch_of,
    bucket,
    cell,
    end_at,
    fill_ledger,
    open_audit,
    person,
    reading,
    run_of,
)
from tests.cloud import Cloud


@pytest.fixture
def audit(cloud: Cloud, tmp_path: Path) -> Audit:
    return open_audit(cloud, tmp_path / "cache")


def report_for(audit: Audit, username: str) -> Report:
    return make_report(audit.reader, person(username), "acme", audit.clock)


def test_a_report_counts_findings_and_cells(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")

    report = report_for(audit, "sam")

    assert report.total.counts == {"fail": 3, "unknown": 2, "waived": 0, "pass": 34, "not_applicable": 1}
    assert (report.total.expected_cells, report.total.observed_cells) == (8, 6)
    assert report.total.score == 34 / 37
    assert report.total.coverage == 6 / 8


def test_the_score_of_a_team_stands_beside_what_was_seen_of_it(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")

    shares = {share.name: share for share in report_for(audit, "sam").by_team}

    assert shares["payments"].score == 12 / 14
    assert shares["payments"].coverage == 1.0
    assert shares["platform"].coverage == 1 / 3
    assert sum(share.counts["fail"] for share in shares.values()) == 3


def test_what_was_not_seen_is_listed_with_its_reason(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")

    told = {row.account_id: (row.name, row.region, row.reason) for row in report_for(audit, "sam").unseen}

    assert told == {
        LOGS.account_id: ("Log Archive", "eu-west-1", "The source is OUTDATED."),
        MANAGEMENT.account_id: ("Management", "eu-west-1", "Config reports no rule here."),
    }


def test_the_fixes_that_close_most_come_first(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")

    first, second = report_for(audit, "sam").fixes

    assert (first.findings, first.accounts, list(first.teams)) == (2, 2, ["payments", "search"])
    assert second.findings == 1


def test_a_team_lead_reads_only_about_their_team(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")

    report = report_for(audit, "ada")

    assert [share.name for share in report.by_team] == ["payments"]
    assert report.unseen == []
    assert report.trend == ()
    assert report.viewer == "payments"


def test_the_trend_has_a_point_for_every_run(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")
    fill_ledger(audit.ledger, tmp_path / "batches", 2, NINE + timedelta(hours=1))

    trend = report_for(audit, "sam").trend

    assert [(point.run_id, point.fail) for point in trend] == [("run-1", 3), ("run-2", 3)]


def test_a_failure_that_no_run_saw_before_is_a_change(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")
    later = NINE + timedelta(hours=1)
    opened = reading(Seen((bucket("opened", State.FAIL, later, "It is public."),)), cell(PAYMENTS), later)
    born = reading(Seen((bucket("born", State.PASS, later),)), cell(SEARCH), later)

    audit.ledger.merge(batch_of(tmp_path / "batches", [opened, born]), run_of(2), end_at(later))

    report = report_for(audit, "sam")
    told = {change.resource_id: (change.from_status, change.status) for change in report.changes}
    assert told["opened"] == (None, "fail")
    assert told["shop"] == ("fail", "gone")
    assert "born" not in told
    assert not report.first


def test_the_first_run_lists_no_changes_as_everything_is_new(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")

    report = report_for(audit, "sam")

    assert report.first
    assert report.changes == []


def test_the_age_of_the_data_is_told(audit: Audit, cloud: Cloud, tmp_path: Path) -> None:
    now = cloud.clock.now()
    fill_ledger(audit.ledger, tmp_path / "batches", at=now)
    cloud.clock.advance(90)

    assert report_for(audit, "sam").age_seconds == 90


def test_before_the_first_run_nothing_is_claimed(audit: Audit) -> None:
    report = report_for(audit, "sam")

    assert report.run is None
    assert report.age_seconds is None
    assert report.total.score is None
    assert report.total.coverage is None


def test_every_number_leads_to_a_page_that_shows_it(doors: Doors) -> None:
    doors.fill()
    doors.fill(2, NINE + timedelta(hours=1))
    sam, program = doors.signed_in("sam"), doors.api("sam")
    report = program.get("/reports/latest", headers={"Accept": "application/json"}).json()

    for share in (report["total"], *report["by_team"], *report["by_ou"], *report["by_control"][:2]):
        for status, count in share["counts"].items():
            page = sam.get(share["links"][status]).text
            assert f"<h1>{count} finding{'' if count == 1 else 's'}</h1>" in page, share["links"][status]
    for share in (report["total"], *report["by_team"]):
        assert answered(program, share["links"]["coverage"]) == [[share["observed_cells"], share["expected_cells"]]]
        judged = share["counts"]["pass"] + share["counts"]["fail"]
        assert answered(program, share["links"]["score"]) == [[share["counts"]["pass"], judged]]
    for fix in report["fixes"]:
        assert len(answered(program, fix["link"])) == fix["findings"]
        assert len(answered(program, fix["accounts_link"])) == fix["accounts"]
    for row in (*report["unseen"], *report["trend"]):
        assert answered(program, row["link"])


def answered(program: Any, link: str) -> list[list[Any]]:
    """The rows behind a link to the page of SQL."""
    statement = parse_qs(urlsplit(link).query)["sql"][0]
    answer = program.post("/findings/query", json={"sql": statement})
    assert answer.status_code == 200, (statement, answer.text)
    return list(answer.json()["rows"])


def test_the_time_to_mend_is_that_between_the_runs_that_saw_it(audit: Audit, tmp_path: Path) -> None:
    began = audit.clock.now() - timedelta(hours=10)
    for number, (state, after) in enumerate(((State.FAIL, 0), (State.UNKNOWN, 2), (State.FAIL, 4), (State.PASS, 6)), 1):
        at = began + timedelta(hours=after)
        answer = Unknown("No answer.") if state is State.UNKNOWN else Seen((bucket("shop", state, at),))
        run = run_of(number).model_copy(update={"started_at": at})
        audit.ledger.merge(batch_of(tmp_path / "batches", [reading(answer, at=at)]), run, end_at(at))

    (high,) = report_for(audit, "sam").mending

    assert (high.severity, high.mended, high.median_hours, high.open) == ("high", 1, 6.0, 0)


def test_what_hangs_above_a_team_is_not_theirs_to_mend(audit: Audit, tmp_path: Path) -> None:
    where = Cell("control-tower", "baseline/AWSControlTowerBaseline", PAYMENTS.account_id, "eu-west-1")
    drifted = Seen((bucket(PAYMENTS.account_id, State.FAIL, reason="The baseline has drifted."),))
    batch = batch_of(tmp_path / "batches", [reading(drifted, where)], sources=("control-tower",))
    audit.ledger.merge(batch, run_of(1), end_at(NINE))

    (row,) = report_for(audit, "sam").beyond

    assert (row.team, row.findings) == ("payments", 1)
    assert "platform team" in row.who


def test_a_waiver_about_to_end_is_told_with_what_it_covers(audit: Audit, tmp_path: Path) -> None:
    fill_ledger(audit.ledger, tmp_path / "batches")
    for days in (5, 50):
        until = audit.clock.now() + timedelta(days=days)
        asked = {"control_id": RULE, "team": "payments", "reason": "r", "ticket": "SEC-1", "expires_at": until}
        made = audit.waivers.propose(person("sam"), Proposal.model_validate(asked))
        audit.waivers.approve(person("rosa"), made.id)

    endings = report_for(audit, "sam").ending

    assert [one.ticket for one in endings] == ["SEC-1"]


def test_frameworks_stand_side_by_side(audit: Audit, tmp_path: Path) -> None:
    batch = batch_of(tmp_path / "batches", [reading(Seen((bucket("shop", State.FAIL),)))])
    asked_for_by = ("NIST-SP-800-53-r5 AC-3", "NIST-SP-800-53-r5 AC-4", "CIS v3 2.1")
    batch.describe([Control("config", RULE, "Public", Severity.HIGH, asked_for_by)], (PAYMENTS, SEARCH))
    audit.ledger.merge(batch, run_of(1), end_at(NINE))

    failing = {one.name: one.counts["fail"] for one in report_for(audit, "sam").by_framework}
    assert failing == {"CIS v3": 1, "NIST-SP-800-53-r5": 1}
