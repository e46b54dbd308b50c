"""The numbers of the report."""

from datetime import timedelta
from pathlib import Path

import pytest

from audit.finding import Seen, State
from audit.reports.report import Report, make_report
from audit.service import Audit
from tests.audit.ground import (
    LOGS,
    MANAGEMENT,
    NINE,
    PAYMENTS,
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
