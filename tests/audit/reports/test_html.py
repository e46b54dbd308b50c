"""The report as a file that people open and print."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from audit.finding import Seen, State
from audit.reports.html import write_html
from audit.reports.report import make_report
from audit.service import Audit
from tests.audit.ground import (
    NINE,
    PAYMENTS,
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
def page(cloud: Cloud, tmp_path: Path) -> str:
    audit = open_audit(cloud, tmp_path / "cache")
    fill_ledger(audit.ledger, tmp_path / "batches")
    fill_ledger(audit.ledger, tmp_path / "batches", 2, NINE + timedelta(hours=1))
    return write_html(make_report(audit.reader, person("sam"), "acme", audit.clock)).decode()


def page_after(audit: Audit) -> str:
    return write_html(make_report(audit.reader, person("sam"), "acme", audit.clock)).decode()


def test_a_new_failure_is_told_and_called_new(cloud: Cloud, tmp_path: Path) -> None:
    audit = open_audit(cloud, tmp_path / "cache")
    fill_ledger(audit.ledger, tmp_path / "batches")
    later = NINE + timedelta(hours=1)
    opened = reading(Seen((bucket("opened", State.FAIL, later, "It is public."),)), cell(PAYMENTS), later)

    audit.ledger.merge(batch_of(tmp_path / "batches", [opened]), run_of(2), end_at(later))

    page = page_after(audit)
    assert 'new → <b class="word fail">fail</b>' in page
    assert "No finding began to fail" not in page


def test_the_first_run_says_that_everything_is_new(cloud: Cloud, tmp_path: Path) -> None:
    audit = open_audit(cloud, tmp_path / "cache")
    fill_ledger(audit.ledger, tmp_path / "batches")

    page = page_after(audit)

    assert "This is the first run: everything it saw is new, 3 of it fail." in re.sub(r"<[^>]+>", "", page)
    assert "No finding began to fail" not in page


class Elements(HTMLParser):
    """Every element with its attributes, and whether all that were opened were closed."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_loads_nothing_and_runs_nothing(page: str) -> None:
    elements = Elements(page).found

    assert not {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object", "embed", "audio", "video"}
    assert not [name for _, attributes in elements for name in attributes if name in ("src", "srcset")]
    assert {tag for tag, attributes in elements if "href" in attributes} == {"a"}
    assert "url(" not in page
    assert "@import" not in page
    assert any("default-src 'none'" in (attributes.get("content") or "") for _, attributes in elements)


def test_it_is_whole_html_with_a_chart(page: str) -> None:
    elements = Elements(page)

    assert elements.open == []
    assert [tag for tag, _ in elements.found].count("svg") == 2
    assert sum(tag == "rect" for tag, _ in elements.found) >= 4
    assert all(float(a["width"] or 0) <= 560 for tag, a in elements.found if tag == "rect")


def test_every_number_a_reader_needs_first_is_there(page: str) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert "91.8 %" in text
    assert "75 %" in text
    assert "6 of 8 expected answers seen" in text
    assert "This run is partial" in text
    assert "The source is OUTDATED." in text
    assert "Mend these first" in text
    assert "old" in text


def test_every_number_links_to_its_query(page: str) -> None:
    """Beside numbers: names, times, what AWS said, and what describes a chart to those who do not see it."""
    body = page.split("<body>")[1]
    for told in ("title", "desc", "code", "time", "caption"):
        body = re.sub(rf"<{told}[ >].*?</{told}>", "", body)
    body = re.sub(r'<p class="notice">.*?</p>', "", body)
    linked = re.sub(r"<a [^>]*>.*?</a>", "", body, flags=re.DOTALL)

    cells = re.findall(r'<td class="n">(.*?)</td>', linked)
    prose = re.findall(r"<(?:p|li|text)[^>]*>([^<]*)", linked)

    assert cells
    assert set(cells) == {""}
    assert [text for text in prose if re.search(r"\d", text)] == []


def test_what_a_team_names_its_things_is_only_text(cloud: Cloud, tmp_path: Path) -> None:
    audit = open_audit(cloud, tmp_path / "cache")
    fill_ledger(audit.ledger, tmp_path / "batches")

    page = write_html(make_report(audit.reader, person("sam"), "<script>alert(1)</script>", audit.clock)).decode()

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


STYLES = Path("audit/reports/report.html").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", line)) for line in STYLES.splitlines() if "--ground: #" in line
)
BACKGROUNDS = ("ground", "notice", "line")


@pytest.mark.parametrize("name", [name for name in LIGHT if name not in BACKGROUNDS])
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_in_every_colour_can_be_read(colours: dict[str, str], name: str) -> None:
    assert contrast(colours[name], colours["ground"]) >= 4.5
    assert contrast(colours["ink"], colours["notice"]) >= 4.5


def test_every_colour_follows_the_readers_preference_and_paper_stays_white() -> None:
    named_once = re.sub(r"--\w+: #[0-9a-f]{6}", "", STYLES)

    assert LIGHT.keys() == DARK.keys()
    assert not re.search(r"#[0-9a-f]{3,6}\b", named_once)
    assert "@media screen and (prefers-color-scheme: dark)" in STYLES


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
