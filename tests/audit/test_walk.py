"""Every page of the audit, walked through by its own links: what each of them owes its reader."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest

from audit.finding import Control, Seen, State
from audit.ledger.batch import Batch, write_batch
from audit.query.filters import Filters
from tests.audit.conftest import Doors
from tests.audit.ground import PAYMENTS, RULE, SEARCH, bucket, cell, end_at, person, reading, run_of
from tests.audit.waivers.test_waivers import approved

OURS = ("/findings", "/audit", "/waivers")
AGAIN = "OrgConfigRule-no-public-buckets-zyxwvuts"
"""The same rule under another name."""


@dataclass
class Page(HTMLParser):
    """What of a page's structure its readers depend on."""

    links: list[str] = field(default_factory=list)
    landmarks: set[str] = field(default_factory=set)
    headings: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    """The ids of what can be filled in."""
    labels: set[str] = field(default_factory=set)
    tables: list[set[str]] = field(default_factory=list)
    """The kinds of elements in each table; a column's header without a scope counts as `th`."""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self.links.append(told.get("href") or "")
        elif tag in ("main", "header", "nav"):
            self.landmarks.add(tag)
        elif tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        elif tag in ("input", "select", "textarea") and told.get("type") != "hidden":
            self.fields.append(told.get("id") or "")
        elif tag == "label":
            self.labels.add(told.get("for") or "")
        elif tag == "table":
            self.tables.append(set())
        elif self.tables:
            self.tables[-1].add("scoped" if tag == "th" and told.get("scope") else tag)


def walk(doors: Doors, username: str) -> Iterator[tuple[str, str]]:
    """Every kind of page that can be reached, with one address of each: a kind is a path without ids."""
    browser = doors.signed_in(username)
    ahead, met = list(OURS), set[str]()
    while ahead:
        address = ahead.pop(0)
        path = address.split("?")[0]
        parts = path.split("/")
        kind = "/".join(parts[:2] + ["*"] * (len(parts) - 2)) if parts[-1] not in ("query", "new", "report") else path
        if kind in met or not path.startswith(OURS) or path == "/audit/report":
            continue
        met.add(kind)
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.text)
        yield address, answer.text
        ahead += read(answer.text).links


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


@pytest.fixture
def walked(doors: Doors) -> dict[str, str]:
    doors.fill(at=doors.cloud.clock.now())
    approved(doors)
    return dict(walk(doors, "sam"))


def test_every_page_says_how_old_its_data_is_and_can_be_read_by_all(walked: dict[str, str]) -> None:
    assert len(walked) == 7, list(walked)

    for address, text in walked.items():
        page = read(text)
        assert address.startswith("/waivers/new") or "of what was expected was seen" in text, address
        assert page.landmarks == {"main", "header", "nav"}, address
        assert page.headings.count("h1") == 1, address
        assert page.headings[0] == "h1", address
        assert set(page.fields) <= page.labels, address
        assert all({"caption", "scoped"} <= table and "th" not in table for table in page.tables), address


def test_no_page_or_answer_shows_another_teams_findings(doors: Doors) -> None:
    doors.fill(at=doors.cloud.clock.now())
    theirs = doors.audit.reader.findings(person("tom"), Filters(), 50).items
    pages = dict(walk(doors, "ada"))
    program = doors.api("ada")
    sql = [{"sql": f"SELECT * FROM {view}"} for view in ("findings", "transitions", "coverage", "accounts", "waivers")]
    answers = {
        **{path: program.get(path) for path in ("/findings", "/findings/facets", "/waivers", "/reports/latest")},
        **{f"export {form}": program.get(f"/findings/export?format={form}") for form in ("csv", "json", "ocsf")},
        **{one["sql"]: program.post("/findings/query", json=one) for one in sql},
    }

    told = pages | {name: answer.text for name, answer in answers.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    for name, text in told.items():
        assert SEARCH.account_id not in text, name
        assert "index-1" not in text, name
    assert theirs
    hidden = f"/findings/{theirs[0]['finding_id']}"
    assert [program.get(path).status_code for path in (hidden, f"{hidden}/why")] == [404, 404]
    assert doors.signed_in("ada").get(hidden).status_code == 404


def test_a_rule_deployed_twice_is_one_intent_with_two_references(doors: Doors) -> None:
    at = doors.cloud.clock.now()
    shop = Seen((bucket("shop", State.FAIL, at, "It is public."),))
    place = doors.folder / "twice"
    place.mkdir(parents=True)
    batch = Batch(place, ("config",))
    with write_batch(batch) as writer:
        for name in (RULE, AGAIN):
            writer.add(reading(shop, cell(PAYMENTS, name), at))
    same = Control("config", RULE, "No public bucket", intent="S3_BUCKET_PUBLIC_READ_PROHIBITED")
    batch.describe((same, replace(same, control_id=AGAIN)), (PAYMENTS, SEARCH))
    doors.audit.ledger.merge(batch, run_of(1), end_at(at))
    program = doors.api("ada")

    first, second = program.get("/findings").json()["items"]
    shown = program.get(f"/findings/{first['finding_id']}").json()
    report = program.get("/reports/latest", headers={"Accept": "application/json"}).json()

    assert [one["finding_id"] for one in shown["references"]] == [second["finding_id"]]
    assert shown["intent"] == same.intent
    assert (report["total"]["counts"]["fail"], report["total"]["intents"]) == (2, 1)
    page = doors.signed_in("ada").get(f"/findings/{first['finding_id']}").text
    assert f'<a href="/findings/{second["finding_id"]}">{second["control_id"]}</a>' in page
    assert "where rules that want the same count once" in doors.signed_in("ada").get("/audit/report").text
