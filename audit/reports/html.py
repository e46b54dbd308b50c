"""The report as one HTML file: styles and charts inside, nothing loaded from elsewhere, good on paper."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audit.reports.links import of_run as run_link
from audit.reports.report import SHOWN, Report, Share

MEDIA_TYPE = "text/html; charset=utf-8"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The content security policy it carries inside: whatever is in it, nothing is loaded and nothing runs."""
ROW_HEIGHT = 30
BAR_WIDTH = 560


@dataclass(frozen=True)
class Segment:
    """A piece of a bar, in the chart's units."""

    status: str
    count: int
    x: float
    width: float


def write_html(report: Report, portal: str = "") -> bytes:
    """The whole file; `portal` is the portal's address, to which its numbers link."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=_percent, age=_age, hours=_hours, days=_days)
    template = environment.get_template("report.html")
    longest = max((_length(share) for share in report.by_team), default=0)
    return template.render(
        report=report,
        policy=POLICY,
        portal=portal.rstrip("/"),
        bars=[(share, _segments(share, longest)) for share in report.by_team],
        row_height=ROW_HEIGHT,
        bar_width=BAR_WIDTH,
        trend=_points(report),
        of_run=run_link(report.run.id) if report.run else "/audit",
    ).encode()


def _segments(share: Share, longest: int) -> list[Segment]:
    """A bar whose length is the number of findings; the longest bar fills the chart."""
    segments = []
    x = 0.0
    for status in SHOWN:
        count = share.counts.get(status, 0)
        width = BAR_WIDTH * count / longest if longest else 0.0
        if count:
            segments.append(Segment(status, count, round(x, 1), round(max(width, 1.0), 1)))
        x += width
    return segments


def _length(share: Share) -> int:
    return sum(share.counts.get(status, 0) for status in SHOWN)


def _points(report: Report) -> list[tuple[str, str]]:
    """The failing findings after each run as points of a line, 600 wide and 90 high; none where there is no line."""
    if len(report.trend) < 2:
        return []
    most = max(point.fail for point in report.trend) or 1
    step = 600 / (len(report.trend) - 1)
    return [(f"{i * step:.1f}", f"{100 - 90 * point.fail / most:.1f}") for i, point in enumerate(report.trend)]


def _percent(share: float | None) -> str:
    """A share in percent, rounded down: what is not whole never reads as 100 %."""
    if share is None:
        return "none"
    return f"{int(share * 1000) / 10:g} %"


def _hours(hours: float | None) -> str:
    if hours is None:
        return "none"
    return f"{hours / 24:.1f} d" if hours >= 48 else f"{hours:.1f} h"


def _days(days: float | None) -> str:
    return "none" if days is None else _hours(days * 24)


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "no data yet"
    span = timedelta(seconds=seconds)
    if span.days:
        return f"{span.days} d {span.seconds // 3600} h old"
    if seconds >= 3600:
        return f"{span.seconds // 3600} h {span.seconds % 3600 // 60} min old"
    return f"{span.seconds // 60} min old" if seconds >= 60 else f"{span.seconds} s old"
