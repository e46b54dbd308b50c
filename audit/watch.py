"""What people are told of the audit without asking: late or partial runs, waivers that begin and end, digests.

Everything follows from the ledger and the waivers as they are; each notice has a name under which it is told once, so
a round late, lost or twice does no harm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.gauge import Gauge, Reading
from audit.reports.report import Report
from audit.run import Run, RunState
from audit.service import SELF, Audit
from audit.waivers.waiver import Record, WaiverState
from vending.core.clock import to_text
from vending.core.errors import Stale
from vending.core.identity import Caller, Role
from vending.core.table import Document, Table
from vending.ports import Audience, Notice, Notices

TEMPLATES = Path(__file__).parent / "templates"
EVERY = timedelta(minutes=10)
"""Nothing here is in more haste."""
RECENT = timedelta(days=7)
"""What happened earlier is no news."""
SECURITY = Audience("security")


@dataclass
class Watch:
    """Looks at the audit again and again."""

    audit: Audit
    notices: Notices
    gauge: Gauge
    table: Table
    _looked_at: datetime | None = field(default=None)

    def tick(self) -> int:
        """Look, unless that was done a moment ago; answers how many notices were handed in.

        Raises:
            AwsFailed: when something could not be read or kept; the next round does it all again.
        """
        now = self.audit.clock.now()
        if self._looked_at and timedelta() <= now - self._looked_at < EVERY:
            return 0
        told = 0
        for notice in (*self._runs(now), *self._waivers(now), *self._digests(now)):
            self.notices.tell(notice)
            told += 1
        self._looked_at = now
        return told

    def _runs(self, now: datetime) -> Iterator[Notice]:
        runs = self.audit.ledger.runs()
        seen = next((run for run in runs if run.coverage is not None and run.ended_at), None)
        ended = next((run for run in runs if run.ended_at), None)
        if ended and ended.state in (RunState.PARTIAL, RunState.FAILED) and now - (ended.ended_at or now) < RECENT:
            yield self._alarm("audit-incomplete", ended.id, ended)
        if seen is None or seen.ended_at is None:
            return
        hours = (now - seen.ended_at).total_seconds() / 3600
        self.gauge.put({Reading.AGE_HOURS: hours, Reading.COVERAGE: 100 * (seen.coverage or 0.0)})
        if hours > self.audit.company.audit.late_after_hours:
            yield self._alarm("audit-late", f"{seen.id}/{int(hours // 24)}", seen, hours=round(hours))

    def _alarm(self, event: str, once: str, run: Run, **more: Any) -> Notice:
        threshold = self.audit.company.audit.coverage_threshold
        return Notice(event, once, (SECURITY, Audience("operators")), {"run": run, "threshold": threshold, **more})

    def _waivers(self, now: datetime) -> Iterator[Notice]:
        soon = now + timedelta(days=self.audit.company.audit.waiver_warning_days)
        for waiver in self.audit.waivers.book.all():
            state, ended = waiver.state(now), waiver.ended_at(now)
            if state is WaiverState.PROPOSED and now - waiver.proposed_at < RECENT:
                yield self._of(waiver, "waiver-proposed", Audience("approvers"))
            if state is WaiverState.ACTIVE and now - (waiver.approved_at or now) < RECENT:
                yield self._of(waiver, "waiver-approved", *self._concerned(waiver))
            if state is WaiverState.ACTIVE and waiver.expires_at <= soon:
                yield self._of(waiver, "waiver-ending", *self._concerned(waiver))
            if ended and now - ended < RECENT:
                yield self._of(waiver, "waiver-over", *self._concerned(waiver), SECURITY)

    def _of(self, waiver: Record, event: str, *to: Audience) -> Notice:
        about = {"waiver": waiver, "scope": ", ".join(waiver.scope.values()), "ends": to_text(waiver.expires_at)}
        return Notice(event, waiver.id, to, about, team=self._team(waiver))

    def _concerned(self, waiver: Record) -> tuple[Audience, ...]:
        team = self._team(waiver)
        return (Audience("person", waiver.owner), *((Audience("team", team),) if team else ()))

    def _team(self, waiver: Record) -> str | None:
        return self.audit.waivers.team_of(waiver)

    def _digests(self, now: datetime) -> Iterator[Notice]:
        """Once a period, to every team that has findings: what a team reads of itself."""
        days = self.audit.company.audit.digest_days
        period = int(now.timestamp() // timedelta(days=days).total_seconds())
        if self.audit.ledger.latest() is None or not self._begin(period, now):
            return
        since = to_text(now - timedelta(days=days))
        rows = self.audit.reader.ask(SELF, ("findings",), "SELECT DISTINCT team FROM findings")
        with_findings = {row["team"] for row in rows}
        for team in (one for one in self.audit.company.teams if one in with_findings):
            report = self.audit.report(Caller(SELF.username, frozenset({Role.REQUESTER}), frozenset({team})))
            context = {"team": team, "report": report, "since": since, "days": days, **_shown(report)}
            yield Notice("audit-digest", f"{team}/{days}/{period}", (Audience("team", team),), context, team=team)

    def _begin(self, period: int, now: datetime) -> bool:
        """Whether the digests of this period are still to be written: they cost a report for each team."""
        found = self.table.get("AUDIT-DIGESTS", "LAST")
        if found and found.body["period"] >= period:
            return False
        body = {"period": period, "at": now.astimezone(UTC).isoformat()}
        try:
            self.table.put(Document("AUDIT-DIGESTS", "LAST", body, found.version if found else 0))
        except Stale:
            return False  # somebody else writes them
        return True


def _shown(report: Report) -> dict[str, str]:
    score, coverage = report.total.score, report.total.coverage
    return {
        "score": "nothing was judged" if score is None else f"{int(score * 1000) / 10:g} %",
        "coverage": "nothing was expected" if coverage is None else f"{int(coverage * 1000) / 10:g} %",
        "age": "unknown" if report.age_seconds is None else f"{report.age_seconds / 3600:.1f} h",
    }
