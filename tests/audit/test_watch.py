"""What people are told of the audit, and that it is told once."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.gauge import CloudWatchGauge
from audit.run import RunState
from audit.service import Audit
from audit.waivers.waiver import Proposal
from audit.watch import TEMPLATES, Watch
from tests.audit.ground import RULE, acme, connect_again, end_run, fill_ledger, open_audit, person, run_of
from tests.cloud import Cloud
from vending.core.identity import Caller
from vending.notices.book import NoticeBook
from vending.notices.letter import Letter


@dataclass
class Desk:
    """An audit that is watched, and the book of what was told."""

    cloud: Cloud
    audit: Audit
    folder: Path
    book: NoticeBook
    watch: Watch
    _read: set[str] = field(default_factory=set)

    def pass_days(self, days: float) -> list[Letter]:
        """What is told when so much time has passed."""
        self.cloud.clock.advance(timedelta(days=days).total_seconds() + 1)
        self.watch.tick()
        return self.news()

    def news(self, caller: Caller | None = None) -> list[Letter]:
        """What was told since this was last asked."""
        letters = [one for one in self.book.page(caller or person("sam"), limit=200).items if one.id not in self._read]
        self._read |= {one.id for one in letters}
        return letters

    def waive(self, days: int) -> str:
        until = self.cloud.clock.now() + timedelta(days=days)
        asked: dict[str, Any] = {"control_id": RULE, "team": "payments", "reason": "Moving.", "ticket": "SEC-1"}
        return self.audit.waivers.propose(person("sam"), Proposal(**asked, expires_at=until)).id


@pytest.fixture
def desk(cloud: Cloud, tmp_path: Path) -> Desk:
    audit = open_audit(cloud, tmp_path / "cache")
    table = audit.waivers.book.table
    book = NoticeBook(acme(), table, cloud.clock, "https://portal.acme.example", (TEMPLATES,))
    watch = Watch(audit, book, CloudWatchGauge(connect_again(cloud)), table)
    return Desk(cloud, audit, tmp_path / "batches", book, watch)


def events(letters: list[Letter]) -> list[str]:
    return sorted(one.event for one in letters)


def reached(letter: Letter) -> set[str]:
    return {str(one.audience) for one in letter.deliveries}


def test_before_the_first_run_nothing_is_told(desk: Desk) -> None:
    assert desk.pass_days(3) == []


def test_security_is_told_once_of_a_run_below_its_coverage(desk: Desk) -> None:
    fill_ledger(desk.audit.ledger, desk.folder, at=desk.cloud.clock.now())

    told = [one for one in desk.pass_days(0) if one.event == "audit-incomplete"]
    again = [one for one in desk.pass_days(0.5) if one.event == "audit-incomplete"]

    assert [one.subject for one in told] == ["The audit run run-1 is partial"]
    assert "75.0 %" in told[0].text
    assert "security" in reached(told[0])
    assert again == []


def test_security_is_told_every_day_that_the_audit_is_late(desk: Desk) -> None:
    end_run(desk.audit.ledger, desk.folder, run_of(1), desk.cloud.clock.now(), RunState.SUCCEEDED)
    desk.pass_days(0)

    assert events(desk.pass_days(1)) == []
    assert events(desk.pass_days(0.5)) == ["audit-late"]
    assert events(desk.pass_days(0.1)) == []
    assert events(desk.pass_days(1)) == ["audit-late"]


def test_age_and_coverage_are_measured_for_alarms(desk: Desk) -> None:
    fill_ledger(desk.audit.ledger, desk.folder, at=desk.cloud.clock.now())

    desk.pass_days(1)

    listed = desk.cloud.client("cloudwatch").list_metrics(Namespace="Freehold")["Metrics"]
    assert {one["MetricName"] for one in listed} == {"AuditAgeHours", "AuditCoverage"}


def test_a_waiver_is_told_from_its_proposal_to_its_end(desk: Desk) -> None:
    fill_ledger(desk.audit.ledger, desk.folder, at=desk.cloud.clock.now())
    desk.pass_days(0)
    waiver = desk.waive(days=30)

    proposed = [one for one in desk.pass_days(0.1) if one.event.startswith("waiver")]
    desk.audit.waivers.approve(person("rosa"), waiver)
    approved = [one for one in desk.pass_days(0.1) if one.event.startswith("waiver")]
    quiet = [one for one in desk.pass_days(10) if one.event.startswith("waiver")]
    ending = [one for one in desk.pass_days(7) if one.event.startswith("waiver")]
    over = [one for one in desk.pass_days(13) if one.event.startswith("waiver")]

    assert [(one.event, reached(one)) for one in (*proposed, *approved, *quiet, *ending, *over)] == [
        ("waiver-proposed", {"approvers"}),
        ("waiver-approved", {"person sam", "team payments"}),
        ("waiver-ending", {"person sam", "team payments"}),
        ("waiver-over", {"person sam", "team payments", "security"}),
    ]
    assert f"https://portal.acme.example/findings?control={RULE}&status=fail" in over[0].text


def test_each_team_is_told_once_a_week_how_it_stands_and_of_itself_alone(desk: Desk) -> None:
    fill_ledger(desk.audit.ledger, desk.folder, at=desk.cloud.clock.now())

    first = {one.team: one for one in desk.pass_days(0) if one.event == "audit-digest"}
    none = [one for one in desk.pass_days(0.5) if one.event == "audit-digest"]
    second = [one for one in desk.pass_days(7) if one.event == "audit-digest"]

    assert first.keys() == {"payments", "search"}
    assert first["payments"].subject == "payments: 2 findings fail, 0 are unknown"
    assert reached(first["payments"]) == {"team payments"}
    assert "search" not in first["payments"].text
    assert none == []
    assert {one.team for one in second} == {"payments", "search"}
    assert {one.team for one in desk.book.page(person("ada"), limit=200).items} == {"payments"}


def test_a_round_a_moment_after_another_does_nothing(desk: Desk) -> None:
    fill_ledger(desk.audit.ledger, desk.folder, at=desk.cloud.clock.now())

    assert desk.watch.tick() > 0
    assert desk.watch.tick() == 0
