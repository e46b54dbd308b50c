"""The numbers of a report: what holds, what was seen of it, and what to mend first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, computed_field

from audit.query.reader import Ask, Reader
from audit.run import Run
from vending.core.clock import Clock
from vending.core.identity import Caller

TREND = 30
"""How many runs the trend looks back."""


class Frozen(BaseModel):
    """A part of the report."""

    model_config = ConfigDict(frozen=True)


class Share(Frozen):
    """How a team, an OU or a control stands."""

    name: str
    title: str = ""
    counts: Mapping[str, int]
    """Findings by status."""
    expected_cells: int
    observed_cells: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def score(self) -> float | None:
        """Passes among what passed or failed, 0 to 1; None where nothing did. Says nothing about what was not seen."""
        judged = self.counts.get("pass", 0) + self.counts.get("fail", 0)
        return self.counts.get("pass", 0) / judged if judged else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def coverage(self) -> float | None:
        """Observed cells among the expected ones, 0 to 1; None where none is expected."""
        return self.observed_cells / self.expected_cells if self.expected_cells else None


class Unseen(Frozen):
    """An account and region of which a source did not tell everything."""

    source: str
    account_id: str
    name: str | None
    team: str | None
    ou: str | None
    region: str
    missing_cells: int
    reason: str


class Unchecked(Frozen):
    """What AWS answered, without checking it: nobody can see it."""

    source: str
    reason: str
    findings: int
    controls: int


class Fix(Frozen):
    """A control whose failures one kind of change closes; the ten that close most are reported."""

    source: str
    title: str
    severity: str
    controls: Sequence[str]
    """Ids of the controls of that title: the same rule has another name in each region."""
    findings: int
    accounts: int
    teams: Sequence[str]
    example: str
    """One of the resources."""


class Change(Frozen):
    """A change of state that the last run saw; up to fifty are reported."""

    control_id: str
    title: str
    severity: str
    from_status: str | None
    """None for what no run saw before: a resource, a control or an account that is new."""
    status: str
    account_id: str
    team: str | None
    region: str
    resource_id: str
    reason: str


class Point(Frozen):
    """How many findings failed, and how much was seen, after one run."""

    run_id: str
    at: datetime
    fail: int
    coverage: float


class Report(Frozen):
    """Everything the formats print."""

    company: str
    made_at: datetime
    viewer: str
    """What it covers: the whole organisation, or the teams of its reader."""
    run: Run | None
    """The run it is made of; None before the first."""
    total: Share
    by_team: Sequence[Share]
    by_ou: Sequence[Share]
    by_control: Sequence[Share]
    unseen: Sequence[Unseen]
    unchecked: Sequence[Unchecked]
    fixes: Sequence[Fix]
    first: bool
    """Whether no run ended before this one: then everything is new, and no change is listed."""
    changes: Sequence[Change]
    """What began to fail, new or not, what no longer fails, and what went out of sight."""
    trend: Sequence[Point]
    """Of the whole organisation, the oldest first; empty for readers who see only their teams."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def age_seconds(self) -> float | None:
        """How old the data is; None before the first run."""
        if self.run is None or self.run.ended_at is None:
            return None
        return max((self.made_at - self.run.ended_at).total_seconds(), 0.0)


def make_report(reader: Reader, caller: Caller, company: str, clock: Clock) -> Report:
    """The report on what the last run left, cut to what the caller may see; all its numbers are of one state."""
    head = reader.ledger.head()
    runs = reader.runs()
    last = {"run": head.run_id}
    first = head.sequence <= 1
    with reader.open(caller, ("findings", "transitions", "coverage", "accounts"), head) as ask:
        return Report(
            company=company,
            made_at=clock.now(),
            viewer=_viewer(caller),
            run=next((one for one in runs if one.id == head.run_id), None),
            total=_total(ask),
            by_team=_shares(ask, "coalesce(team, 'platform')", "''"),
            by_ou=_shares(ask, "ou", "''"),
            by_control=_shares(ask, "control_id", "any_value(title)"),
            unseen=[Unseen.model_validate(row) for row in ask(_UNSEEN, last)],
            unchecked=[Unchecked.model_validate(row) for row in ask(_UNCHECKED)],
            fixes=[Fix.model_validate(row) for row in ask(_FIXES)],
            first=first,
            changes=[] if first else [Change.model_validate(row) for row in ask(_CHANGES, last)],
            trend=_trend(runs) if caller.sees_everything else (),
        )


def _viewer(caller: Caller) -> str:
    if caller.sees_everything:
        return "the whole organisation"
    return ", ".join(sorted(caller.teams)) or "no team"


def _total(ask: Ask) -> Share:
    shares = _shares(ask, "'everything'", "''")
    return shares[0] if shares else Share(name="everything", counts={}, expected_cells=0, observed_cells=0)


def _shares(ask: Ask, name: str, title: str) -> list[Share]:
    return [Share.model_validate(_counted(row)) for row in ask(_SHARES.format(name=name, title=title))]


def _counted(row: Mapping[str, Any]) -> dict[str, Any]:
    statuses = ("fail", "unknown", "waived", "pass", "not_applicable")
    return {**row, "counts": {status: row[f"n_{status}"] for status in statuses}}


def _trend(runs: Sequence[Run]) -> list[Point]:
    ended = [run for run in reversed(runs) if run.coverage is not None and run.ended_at is not None]
    return [
        Point(run_id=run.id, at=run.ended_at, fail=run.counts.get("fail", 0), coverage=run.coverage)
        for run in ended[-TREND:]
        if run.ended_at is not None and run.coverage is not None
    ]


_SHARES = """
SELECT {name} AS name, {title} AS title,
       count(*) FILTER (status = 'fail') AS n_fail, count(*) FILTER (status = 'unknown') AS n_unknown,
       count(*) FILTER (status = 'waived') AS n_waived, count(*) FILTER (status = 'pass') AS n_pass,
       count(*) FILTER (status = 'not_applicable') AS n_not_applicable,
       count(DISTINCT (source, control_id, account_id, region)) FILTER (source <> 'waivers') AS expected_cells,
       count(DISTINCT (source, control_id, account_id, region)) FILTER (source <> 'waivers' AND observed)
         AS observed_cells
FROM findings GROUP BY 1 ORDER BY n_fail DESC, n_unknown DESC, name
"""
_UNSEEN = """
SELECT c.source, c.account_id, a.name, c.team, c.ou, c.region, c.expected - c.observed AS missing_cells, c.reason
FROM coverage c LEFT JOIN accounts a USING (account_id)
WHERE c.run_id = $run AND c.observed < c.expected
ORDER BY missing_cells DESC, c.account_id, c.region, c.source
"""
_UNCHECKED = """
SELECT source, reason, count(*) AS findings, count(DISTINCT control_id) AS controls
FROM findings WHERE status = 'unknown' AND observed GROUP BY ALL ORDER BY findings DESC, reason
"""
_FIXES = """
SELECT source, title, any_value(severity) AS severity, list_sort(list(DISTINCT control_id)) AS controls,
       count(*) AS findings, count(DISTINCT account_id) AS accounts,
       list_sort(list(DISTINCT coalesce(team, 'platform'))) AS teams, min(resource_id) AS example
FROM findings WHERE status = 'fail' GROUP BY source, title
ORDER BY findings DESC, list_position(['critical', 'high', 'medium', 'low', 'unrated'], any_value(severity)), title
LIMIT 10
"""
_CHANGES = """
SELECT control_id, title, severity, from_status, status, account_id, team, region, resource_id, reason
FROM transitions
WHERE run_id = $run
  AND (status = 'fail' OR from_status = 'fail' OR (from_status IS NOT NULL AND status = 'unknown'))
ORDER BY status <> 'fail', control_id, account_id, region, resource_id LIMIT 50
"""
