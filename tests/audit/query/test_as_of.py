"""What was known on a date."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from audit.finding import Seen, State
from audit.query.filters import Filters
from audit.service import Audit
from tests.audit.ground import NINE, batch_of, bucket, end_at, open_audit, person, reading, run_of
from tests.cloud import Cloud

HOURS = [NINE + timedelta(hours=n) for n in range(4)]


@pytest.fixture
def audit(cloud: Cloud, tmp_path: Path) -> Audit:
    """A bucket that was open, closed and open again, hour by hour."""
    audit = open_audit(cloud, tmp_path / "cache")
    cloud.clock.advance((NINE - cloud.clock.now()).total_seconds())
    for number, state in enumerate((State.FAIL, State.PASS, State.FAIL)):
        at = HOURS[number]
        batch = batch_of(tmp_path / "batches", [reading(Seen((bucket("shop", state, at),)), at=at)])
        run = run_of(number).model_copy(update={"started_at": at})
        audit.ledger.merge(batch, run, end_at(at))
        cloud.clock.advance(3600)
    return audit


def known(audit: Audit, moment: datetime | None, who: str = "ada") -> list[str]:
    return [one["status"] for one in audit.reader.all_findings(person(who), Filters(), moment)]


def test_findings_are_what_was_known_at_a_moment(audit: Audit) -> None:
    half = timedelta(minutes=30)

    assert known(audit, HOURS[0] - half) == []
    assert [known(audit, at + half) for at in HOURS[:3]] == [["fail"], ["pass"], ["fail"]]
    assert known(audit, None) == ["fail"]


def test_others_do_not_see_it_on_any_date(audit: Audit) -> None:
    assert all(known(audit, at, "tom") == [] for at in HOURS)


def test_sql_over_the_transitions_says_the_same(audit: Audit) -> None:
    moment = HOURS[1] + timedelta(minutes=30)
    asked = (
        "SELECT arg_max(status, observed_at) AS status FROM transitions "
        f"WHERE observed_at <= TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}' GROUP BY finding_id"
    )

    assert audit.reader.sql(person("ada"), asked).rows == [[status] for status in known(audit, moment)]


def test_pages_of_a_past_listing_stay_in_the_past(audit: Audit) -> None:
    moment = HOURS[1] + timedelta(minutes=30)

    page = audit.reader.findings(person("ada"), Filters(), 1, as_of=moment)

    assert [one["status"] for one in page.items] == ["pass"]
    assert page.next is None


def test_the_history_of_one_finding_is_the_same_with_and_without_the_finding(audit: Audit) -> None:
    (finding,) = audit.reader.all_findings(person("ada"), Filters())
    searched = audit.reader.history(person("ada"), finding["finding_id"])

    assert audit.reader.history(person("ada"), finding["finding_id"], finding) == searched
    assert [one["status"] for one in searched] == ["fail", "pass", "fail"]
