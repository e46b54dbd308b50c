"""The numbers of a report: what holds, what was seen of it, what changed, what to mend first, how long that takes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, computed_field

from audit.query.filters import NOBODY
from audit.query.reader import Ask, Reader
from audit.reports import links, statements
from audit.reports.links import quoted
from audit.run import Run
from vending.core.clock import Clock
from vending.core.identity import Caller

TREND = 30
"""How many runs the trend looks back."""
WARNING_DAYS = 14
STATUSES = ("fail", "unknown", "waived", "pass", "not_applicable")
SHOWN = ("fail", "unknown", "waived", "pass")
"""The statuses of a chart's bar: what does not apply has no length."""
SEVERITIES = ("critical", "high", "medium", "low", "unrated")
WHO_MENDS = {
    "control-tower": "The platform team, in Control Tower: teams cannot change what it set up.",
    "organizations": "The platform team, by applying the guardrails: policies hang above the account.",
    "baseline": "The platform team, by applying the baseline: guardrails keep teams from its settings.",
}


class Frozen(BaseModel):
    """A part of the report."""

    model_config = ConfigDict(frozen=True)


class Share(Frozen):
    """How a team, an OU, a control or a framework stands."""

    name: str
    title: str = ""
    counts: Mapping[str, int]
    """Findings by status."""
    intents: int = 0
    """Failures, where what several rules that want the same say of one resource counts once."""
    expected_cells: int
    observed_cells: int
    filters: Mapping[str, str] = {}
    """The filters of `GET /findings` that give just these findings."""
    links: Mapping[str, str] = {}
    """For each status, for `score`, `coverage`, `intents` and `shown`: the page of the portal that shows the number."""

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
    link: str


class Unchecked(Frozen):
    """What AWS answered, without checking it: nobody can see it."""

    source: str
    reason: str
    findings: int
    controls: int
    link: str
    controls_link: str


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
    link: str
    controls_link: str
    accounts_link: str


class Beyond(Frozen):
    """What fails in a team's accounts, and the team cannot mend itself."""

    team: str
    source: str
    title: str
    severity: str
    findings: int
    accounts: int
    who: str
    """Who can, in a sentence."""
    link: str
    accounts_link: str


class Change(Frozen):
    """A change of state that the last run saw; up to fifty are reported."""

    finding_id: str
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


class Changed(Frozen):
    """How much changed with the last run."""

    began: int = Field(description="Findings that began to fail.")
    mended: int = Field(description="Findings that failed before and do not any more, or are gone.")
    lost: int = Field(description="Findings that went out of sight.")
    links: Mapping[str, str]


class Mending(Frozen):
    """How long failures of a severity take to be mended: what began and was mended in the last 90 days."""

    severity: str
    mended: int
    median_hours: float | None
    p90_hours: float | None
    open: int
    oldest_days: float | None
    """Age of the oldest failure that is open."""
    link: str
    open_link: str


class Ending(Frozen):
    """A waiver that is about to end: what it covers fails again then."""

    id: str
    control_id: str
    reason: str
    ticket: str
    owner: str
    team: str | None
    account_id: str | None
    expires_at: datetime
    findings: int
    link: str


class Point(Frozen):
    """How many findings were in which state, and how much was seen, after one run."""

    run_id: str
    at: datetime
    fail: int
    passes: int
    unknown: int
    coverage: float
    link: str


class Report(Frozen):
    """Everything the formats print."""

    company: str
    made_at: datetime
    viewer: str
    """What it covers: the whole organisation, or the teams of its reader."""
    run: Run | None
    """The run it is made of; None before the first."""
    previous: str | None
    """The run that it is compared with."""
    total: Share
    by_team: Sequence[Share]
    by_ou: Sequence[Share]
    by_framework: Sequence[Share]
    """A finding counts for each framework that asks for its control."""
    by_control: Sequence[Share]
    unseen: Sequence[Unseen]
    unchecked: Sequence[Unchecked]
    fixes: Sequence[Fix]
    beyond: Sequence[Beyond]
    first: bool
    """Whether no run ended before this one: then everything is new, and no change is listed."""
    changed: Changed | None
    """None for the first run."""
    changes: Sequence[Change]
    """What began to fail, new or not, what no longer fails, and what went out of sight."""
    mending: Sequence[Mending]
    ending: Sequence[Ending]
    trend: Sequence[Point]
    """Of the whole organisation, the oldest first; empty for readers who see only their teams."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def age_seconds(self) -> float | None:
        """How old the data is; None before the first run."""
        if self.run is None or self.run.ended_at is None:
            return None
        return max((self.made_at - self.run.ended_at).total_seconds(), 0.0)


def make_report(reader: Reader, caller: Caller, company: str, clock: Clock, warning_days: int = WARNING_DAYS) -> Report:
    """The report on what the last run left, cut to what the caller may see; all its numbers are of one state."""
    head = reader.ledger.head()
    runs = reader.runs()
    last = {"run": head.run_id}
    run = next((one for one in runs if one.id == head.run_id), None)
    ended = [one for one in runs if one.coverage is not None and one.ended_at is not None]
    first = len(ended) <= 1
    with reader.open(caller, ("findings", "transitions", "coverage", "accounts", "waivers"), head) as ask:
        return Report(
            company=company,
            made_at=clock.now(),
            viewer=_viewer(caller),
            run=run,
            previous=ended[1].id if not first else None,
            total=_total(ask),
            by_team=_shares(ask, "team", f"coalesce(team, '{NOBODY}')"),
            by_ou=_shares(ask, "ou", "ou"),
            by_framework=_shares(ask, "framework", "framework", rows=statements.BY_FRAMEWORK),
            by_control=_shares(ask, "control", "control_id", title="any_value(title)"),
            unseen=[_unseen(row, last["run"]) for row in ask(statements.UNSEEN, last)],
            unchecked=[_unchecked(row) for row in ask(statements.UNCHECKED)],
            fixes=[_fix(row) for row in ask(statements.FIXES)],
            beyond=[_beyond(row) for row in ask(statements.BEYOND)],
            first=first,
            changed=None if first else _changed(ask, str(head.run_id)),
            changes=[] if first else [Change.model_validate(row) for row in ask(statements.CHANGES, last)],
            mending=_mending(ask),
            ending=[_ending(row) for row in ask(statements.ENDING, {"days": warning_days})],
            trend=_trend(ended) if caller.sees_everything else (),
        )


def _viewer(caller: Caller) -> str:
    if caller.sees_everything:
        return "the whole organisation"
    return ", ".join(sorted(caller.teams)) or "no team"


def _total(ask: Ask) -> Share:
    shares = _shares(ask, "", "'everything'")
    return shares[0] if shares else Share(name="everything", counts={}, expected_cells=0, observed_cells=0)


def _shares(ask: Ask, field: str, key: str, title: str = "''", rows: str = "findings") -> list[Share]:
    statement = statements.SHARES.format(key=key, title=title, rows=rows)
    return [_share(row, field) for row in ask(statement) if row["key"] is not None]


def _share(row: Mapping[str, Any], field: str) -> Share:
    filters = {field: row["key"]} if field else {}
    where = _condition(field, row["key"])
    return Share(
        name="platform" if (field, row["key"]) == ("team", NOBODY) else row["key"],
        title=row["title"],
        counts={status: row[f"n_{status}"] for status in STATUSES},
        intents=row["intents"],
        expected_cells=row["expected_cells"],
        observed_cells=row["observed_cells"],
        filters=filters,
        links={status: links.listed(filters, status=status) for status in STATUSES}
        | {"shown": links.listed({**filters, "status": SHOWN})}
        | {"intents": links.intents(where), "score": links.score(where), "coverage": links.coverage(where)},
    )


def _condition(field: str, key: str) -> str:
    """The same choice in SQL."""
    if not field:
        return "true"
    if (field, key) == ("team", NOBODY):
        return "team IS NULL"
    if field == "framework":
        return f"len(list_filter(frameworks, lambda x: starts_with(ltrim(x, '≈'), {quoted(key + ' ')}))) > 0"
    return f"{'control_id' if field == 'control' else field} = {quoted(key)}"


def _unseen(row: Mapping[str, Any], run_id: str | None) -> Unseen:
    where = " AND ".join(f"{name} = {quoted(row[name])}" for name in ("account_id", "region", "source"))
    link = links.asked(
        "SELECT expected - observed AS missing, expected, observed, reason FROM coverage "  # noqa: S608 - shown only
        f"WHERE run_id = {quoted(str(run_id))} AND {where}"
    )
    return Unseen.model_validate({**row, "link": link})


def _unchecked(row: Mapping[str, Any]) -> Unchecked:
    same = f"source = {quoted(row['source'])} AND reason = {quoted(row['reason'])}"
    link = links.asked(f"SELECT * FROM findings WHERE status = 'unknown' AND observed AND {same}")  # noqa: S608 - shown only
    by_control = (
        "SELECT control_id, count(*) AS n FROM findings "  # noqa: S608 - shown only
        f"WHERE status = 'unknown' AND observed AND {same} GROUP BY ALL"
    )
    return Unchecked.model_validate({**row, "link": link, "controls_link": links.asked(by_control)})


def _fix(row: Mapping[str, Any]) -> Fix:
    where = _failing(row)
    told = {
        "link": links.asked(f"SELECT * FROM findings WHERE {where}"),  # noqa: S608 - shown only
        "controls_link": links.asked(f"SELECT control_id, count(*) AS n FROM findings WHERE {where} GROUP BY ALL"),  # noqa: S608
        "accounts_link": links.asked(f"SELECT account_id, count(*) AS n FROM findings WHERE {where} GROUP BY ALL"),  # noqa: S608
    }
    return Fix.model_validate({**row, **told})


def _beyond(row: Mapping[str, Any]) -> Beyond:
    where = f"{_failing(row)} AND team = {quoted(row['team'])}"
    link = links.asked(f"SELECT * FROM findings WHERE {where}")  # noqa: S608 - shown only
    by_account = links.asked(f"SELECT account_id, count(*) AS n FROM findings WHERE {where} GROUP BY ALL")  # noqa: S608
    return Beyond.model_validate({**row, "who": WHO_MENDS[row["source"]], "link": link, "accounts_link": by_account})


def _failing(row: Mapping[str, Any]) -> str:
    return f"status = 'fail' AND source = {quoted(row['source'])} AND title = {quoted(row['title'])}"


def _changed(ask: Ask, run_id: str) -> Changed:
    (row,) = ask(statements.CHANGED, {"run": run_id})
    conditions = {
        "began": "status = 'fail'",
        "mended": "from_status = 'fail' AND status <> 'unknown'",
        "lost": "from_status IS NOT NULL AND status = 'unknown'",
    }
    start = f"SELECT * FROM transitions WHERE run_id = {quoted(run_id)} AND "  # noqa: S608 - shown only
    return Changed.model_validate(
        {**row, "links": {name: links.asked(start + is_) for name, is_ in conditions.items()}}
    )


def _mending(ask: Ask) -> list[Mending]:
    mended = {row["severity"]: row for row in ask(statements.MENDED)}
    still = {row["severity"]: row for row in ask(statements.OPEN)}
    none = {"mended": 0, "median_hours": None, "p90_hours": None, "open": 0, "oldest_days": None}
    told = {"link": links.asked(statements.MENDED)}
    return [
        Mending.model_validate(
            {
                **none,
                **mended.get(severity, {}),
                **still.get(severity, {}),
                **told,
                "severity": severity,
                "open_link": links.listed({"status": "fail", "severity": severity}),
            }
        )
        for severity in SEVERITIES
        if severity in mended or severity in still
    ]


def _ending(row: Mapping[str, Any]) -> Ending:
    return Ending.model_validate({**row, "link": links.listed({"waiver": row["id"]})})


def _trend(ended: Sequence[Run]) -> list[Point]:
    """The runs that ended, the oldest first; they come the latest first."""
    return [_point(run, run.ended_at, run.coverage) for run in reversed(ended[:TREND]) if run.ended_at is not None]


def _point(run: Run, at: datetime, coverage: float | None) -> Point:
    return Point(
        run_id=run.id,
        at=at,
        fail=run.counts.get("fail", 0),
        passes=run.counts.get("pass", 0),
        unknown=run.counts.get("unknown", 0),
        coverage=coverage or 0.0,
        link=links.of_run(run.id),
    )
