"""How readings become the state of findings, and how that state is kept."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit.finding import Cell, Held, Observation, Reading, Seen, State, Unchanged, Unknown
from audit.ledger.head import HEAD, Head
from audit.ledger.ledger import Ledger
from audit.ledger.store import DamagedFile, Store
from audit.ledger.workshop import FILES
from audit.run import Run, RunState
from tests.audit.ground import (
    BUCKET,
    NINE,
    PAYMENTS,
    SEARCH,
    batch_of,
    bucket,
    cell,
    connect_again,
    end,
    make_ledger,
    reading,
    run_of,
)
from tests.cloud import Cloud
from vending.core.errors import AwsDenied, AwsMissing, NotFound

LATER = NINE + timedelta(hours=1)
EVEN_LATER = NINE + timedelta(hours=2)
Row = dict[str, Any]


class Book:
    """A ledger with short words for merging readings and looking at what is kept."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.folder = folder
        self.ledger = make_ledger(cloud, folder / "cache")
        self.runs = 0

    def merge(self, *readings: Reading, **options: Any) -> Run:
        self.runs += 1
        return self.ledger.merge(batch_of(self.folder / "batches", readings, **options), run_of(self.runs), end)

    def rows(self, kind: str) -> list[Row]:
        files = self.ledger.fetch(getattr(self.ledger.head(), kind))
        return list(query("SELECT * FROM read_parquet($files) ORDER BY ALL", files)) if files else []

    def states(self) -> dict[str, str]:
        return {row["resource_id"]: row["state"] for row in self.rows("findings")}

    def finding(self, resource: str = "open") -> Row:
        return next(row for row in self.rows("findings") if row["resource_id"] == resource)

    def changes(self, resource: str = "open") -> list[tuple[str | None, str]]:
        rows = sorted(self.rows("transitions"), key=lambda row: row["observed_at"])
        return [(row["from_status"], row["status"]) for row in rows if row["resource_id"] == resource]


def query(statement: str, files: list[Path]) -> Iterator[Row]:
    with duckdb.connect() as connection:
        found = connection.execute(statement, {"files": [str(one) for one in files]})
        names = [name for name, *_ in found.description or ()]
        yield from (dict(zip(names, row, strict=True)) for row in found.fetchall())


@pytest.fixture
def book(cloud: Cloud, tmp_path: Path) -> Book:
    (tmp_path / "batches").mkdir()
    return Book(cloud, tmp_path)


def fails(at: Any = NINE) -> Reading:
    return reading(Seen((bucket("open", State.FAIL, at, "It is public."),)), at=at)


def passes(at: Any = LATER) -> Reading:
    return reading(Seen((bucket("open", State.PASS, at),)), at=at)


def naive(moment: Any) -> Any:
    return moment.replace(tzinfo=None)


def test_what_fails_first_is_a_finding_with_its_owner_of_then(book: Book) -> None:
    book.merge(fails())

    finding = book.finding()
    assert finding["state"] == "fail"
    assert finding["reason"] == "It is public."
    assert finding["team"] == "payments"
    assert finding["severity"] == "high"
    assert finding["first_seen"] == finding["last_seen"] == finding["changed_at"] == naive(NINE)
    assert book.changes() == [(None, "fail")]


def test_what_is_mended_passes_and_remembers_when_it_was_first_seen(book: Book) -> None:
    book.merge(fails())

    book.merge(passes(LATER))

    finding = book.finding()
    assert finding["state"] == "pass"
    assert finding["first_seen"] == naive(NINE)
    assert finding["changed_at"] == finding["last_seen"] == naive(LATER)
    assert book.changes() == [(None, "fail"), ("fail", "pass")]


def test_what_stays_as_it_is_leaves_no_transition(book: Book) -> None:
    book.merge(fails())

    book.merge(fails(LATER))

    assert book.changes() == [(None, "fail")]
    assert book.finding()["changed_at"] == naive(NINE)
    assert book.finding()["last_seen"] == naive(LATER)


def test_a_cell_that_does_not_answer_makes_what_was_known_unknown_with_the_reason(book: Book) -> None:
    book.merge(passes(NINE))

    book.merge(reading(Unknown("OUTDATED since yesterday."), at=LATER))

    finding = book.finding()
    assert (finding["state"], finding["reason"]) == ("unknown", "OUTDATED since yesterday.")
    assert finding["last_seen"] == naive(NINE)
    assert not finding["observed"]


def test_a_failure_that_went_out_of_sight_and_came_back_is_not_reopened(book: Book) -> None:
    book.merge(fails())
    book.merge(reading(Unknown("No answer."), at=LATER))

    book.merge(fails(EVEN_LATER))

    assert book.changes() == [(None, "fail"), ("fail", "unknown"), ("unknown", "fail")]
    assert book.finding()["times_failed"] == 1


def test_a_failure_that_was_mended_and_came_back_is_reopened(book: Book) -> None:
    book.merge(fails())
    book.merge(passes(LATER))

    book.merge(fails(EVEN_LATER))

    assert book.finding()["times_failed"] == 2


def test_a_cell_of_which_nothing_is_known_is_an_unknown_finding_of_the_account(book: Book) -> None:
    book.merge(reading(Unknown("It does not record.")))

    (finding,) = book.rows("findings")
    assert finding["resource_id"] == PAYMENTS.account_id
    assert finding["resource_type"] == "AWS::::Account"
    assert finding["state"] == "unknown"
    assert finding["last_seen"] is None


def test_the_stand_in_for_an_unknown_cell_goes_when_the_cell_answers(book: Book) -> None:
    book.merge(reading(Unknown("It does not record.")))

    book.merge(passes(LATER))

    assert book.states() == {PAYMENTS.account_id: "gone", "open": "pass"}


def test_a_resource_that_is_no_longer_reported_is_gone(book: Book) -> None:
    book.merge(fails())

    book.merge(reading(Seen((bucket("other", State.PASS, LATER),)), at=LATER))

    assert book.states() == {"open": "gone", "other": "pass"}
    assert book.changes() == [(None, "fail"), ("fail", "gone")]


def test_what_is_no_longer_expected_is_gone(book: Book) -> None:
    book.merge(fails(), reading(Seen((bucket("far", State.PASS),)), cell(SEARCH)))

    book.merge(reading(Seen((bucket("far", State.PASS, LATER),)), cell(SEARCH), LATER))

    assert book.states() == {"far": "pass", "open": "gone"}


OTHER = "OrgConfigRule-other-abcdefgh"


@pytest.mark.parametrize(
    ("left", "accounts", "reason"),
    [
        (cell(SEARCH), (PAYMENTS, SEARCH), "AWS does not report this resource any more."),
        (cell(), (PAYMENTS, SEARCH), "AWS does not report this resource any more."),
        (cell(PAYMENTS, OTHER), (PAYMENTS,), "AWS reports neither its control nor this resource any more."),
        (cell(SEARCH), (SEARCH,), "It is no longer expected: its account is gone."),
    ],
    ids=["its cell is gone", "its cell is left", "its control is gone", "its account is gone"],
)
def test_the_reason_says_what_is_gone_and_no_more(book: Book, left: Cell, accounts: Any, reason: str) -> None:
    book.merge(fails())

    book.merge(reading(Seen((bucket("other", State.PASS, LATER),)), left, LATER), accounts=accounts)

    assert (book.finding()["state"], book.finding()["reason"]) == ("gone", reason)


def test_an_unchanged_cell_keeps_what_it_held_and_counts_as_seen(book: Book) -> None:
    book.merge(passes(NINE))

    book.merge(reading(Unchanged(), at=LATER))

    assert book.states() == {"open": "pass"}
    assert book.finding()["last_seen"] == naive(LATER)


def test_sources_that_took_no_part_are_left_alone(book: Book) -> None:
    elsewhere = Cell("control-tower", "landing-zone/drift", PAYMENTS.account_id, "eu-west-1")
    book.merge(fails(), reading(Seen((bucket("zone", State.PASS),)), elsewhere), sources=("config", "control-tower"))

    book.merge(passes(LATER), sources=("config",))

    assert book.states() == {"open": "pass", "zone": "pass"}


def test_a_reading_older_than_what_is_known_changes_nothing(book: Book) -> None:
    book.merge(passes(LATER))

    book.merge(fails(NINE))

    assert book.states() == {"open": "pass"}
    assert book.changes() == [(None, "pass")]


def test_merging_the_same_readings_again_changes_nothing(book: Book) -> None:
    book.merge(fails())
    before = book.rows("findings")

    book.merge(fails())

    assert book.rows("findings") == before
    assert len(book.rows("transitions")) == 1


def test_a_run_that_is_visible_already_is_not_merged_twice(book: Book) -> None:
    first = book.merge(fails())
    book.runs = 0

    again = book.merge(passes())

    assert again == first
    assert book.states() == {"open": "fail"}


def test_history_keeps_the_owner_of_then_and_findings_follow_the_account(book: Book) -> None:
    book.merge(fails())

    moved = replace(PAYMENTS, team="ledger")
    book.merge(passes(LATER), accounts=(moved,))

    assert book.finding()["team"] == "ledger"
    assert [row["team"] for row in sorted(book.rows("transitions"), key=lambda row: row["observed_at"])] == [
        "payments",
        "ledger",
    ]


def test_a_finding_about_an_ou_keeps_the_ou_it_is_about(book: Book) -> None:
    about = Observation("arn:ou", "AWS::ControlTower::EnabledControl", State.PASS, "", NINE, ou="Prod")
    book.merge(reading(Seen((about,))))

    book.merge(reading(Unknown("No answer."), at=LATER))

    assert book.finding("arn:ou")["ou"] == "Prod"


def test_coverage_counts_the_cells_of_each_place_and_says_why(book: Book) -> None:
    book.merge(
        fails(),
        reading(Unknown("It is OUTDATED."), cell(control="other")),
        reading(Unknown("It is OUTDATED."), cell(control="third")),
        reading(Unknown("It FAILED."), cell(SEARCH)),
    )

    told = {row["account_id"]: (row["expected"], row["observed"], row["reason"]) for row in book.rows("coverage")}
    assert told == {
        PAYMENTS.account_id: (3, 1, "It is OUTDATED."),
        SEARCH.account_id: (1, 0, "It FAILED."),
    }


def test_what_is_held_is_told_by_cell(book: Book) -> None:
    book.merge(reading(Seen((bucket("a", State.PASS), bucket("b", State.PASS), bucket("c", State.FAIL)))))

    assert book.ledger.held("config") == {cell(): Held(passes=2, others=1)}


def test_where_accounts_were_is_told_by_their_latest_place(book: Book) -> None:
    there, moved = reading(Seen((bucket("open", State.FAIL),))), replace(PAYMENTS, ou="Sandbox")
    book.merge(there)

    before = book.ledger.ous("config")
    book.merge(replace(there, answer=Unchanged(), observed_at=LATER), accounts=(moved, SEARCH))

    assert before == {PAYMENTS.account_id: "Dev"}
    assert book.ledger.ous("config") == {PAYMENTS.account_id: "Sandbox"}


def test_a_collector_that_loses_the_race_merges_on_what_the_winner_left(
    book: Book, cloud: Cloud, tmp_path: Path
) -> None:
    rival = Ledger(Store(connect_again(cloud), BUCKET, tmp_path / "rival"), cloud.clock)
    overtaken = False

    def finish(run: Run, counts: Mapping[str, int]) -> Run:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            both = [reading(Seen((bucket("theirs", State.FAIL),)), cell(SEARCH)), fails()]
            rival.merge(batch_of(tmp_path / "batches", both), run_of(98), end)
        return end(run, counts)

    mine = [reading(Seen((bucket("theirs", State.FAIL, LATER),)), cell(SEARCH), LATER), passes(LATER)]
    book.ledger.merge(batch_of(tmp_path / "batches", mine), run_of(99), finish)

    assert {run.id for run in book.ledger.runs()} == {"run-98", "run-99"}
    assert book.changes() == [(None, "fail"), ("fail", "pass")]
    assert book.ledger.head().sequence == 2


def test_a_run_that_breaks_off_while_it_merges_leaves_the_last_good_state(book: Book) -> None:
    book.merge(fails())
    before = book.ledger.head()

    def break_off(run: Run, counts: Mapping[str, int]) -> Run:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        book.ledger.merge(batch_of(book.folder / "batches", [passes()]), run_of(2), break_off)

    assert book.ledger.head() == before
    assert book.states() == {"open": "fail"}


def test_a_file_that_was_altered_is_named_and_nothing_changes(book: Book, cloud: Cloud, tmp_path: Path) -> None:
    book.merge(fails())
    (stored,) = book.ledger.head().findings
    cloud.client("s3").put_object(Bucket=BUCKET, Key=stored.key, Body=b"PAR1 cut off")
    elsewhere = Ledger(Store(connect_again(cloud), BUCKET, tmp_path / "elsewhere"), cloud.clock)
    before = book.ledger.head()

    with pytest.raises(DamagedFile, match=stored.digest):
        elsewhere.merge(batch_of(tmp_path / "batches", [passes()]), run_of(2), end)

    assert book.ledger.head() == before


def test_a_head_that_is_none_is_named(book: Book, cloud: Cloud) -> None:
    cloud.client("s3").put_object(Bucket=BUCKET, Key=HEAD, Body=b"{")

    with pytest.raises(DamagedFile, match="head cannot be read"):
        book.ledger.head()


def test_a_ledger_without_a_bucket_says_so(cloud: Cloud, tmp_path: Path) -> None:
    ledger = Ledger(Store(connect_again(cloud), "nobody-made-this-bucket", tmp_path), cloud.clock)

    with pytest.raises(AwsMissing, match="NoSuchBucket"):
        ledger.head()


def test_runs_under_way_are_listed_with_those_that_ended(book: Book) -> None:
    book.merge(fails())
    book.ledger.record(run_of(7).model_copy(update={"started_at": LATER}))

    assert [(run.id, run.state) for run in book.ledger.runs()] == [
        ("run-7", RunState.RUNNING),
        ("run-1", RunState.SUCCEEDED),
    ]
    assert book.ledger.latest() == book.ledger.run("run-1")


@contextmanager
def before_call(cloud: Cloud, number: int, act: Callable[[], object]) -> Iterator[list[str]]:
    """Acts just before the call to S3 of that number; answers what was called up to then."""
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)
        if len(calls) == number:
            act()

    events = cloud.client("s3").meta.events
    events.register("before-call.s3", count)
    try:
        yield calls
    finally:
        events.unregister("before-call.s3", count)


@pytest.mark.parametrize("number", range(1, 7))
def test_a_run_is_there_at_whatever_moment_it_ends(book: Book, cloud: Cloud, number: int) -> None:
    book.merge(fails())
    book.ledger.record(run_of(7))
    batch = batch_of(book.folder / "batches", [passes()])

    with before_call(cloud, number, lambda: book.ledger.merge(batch, run_of(7), end)):
        run = book.ledger.run("run-7")

    assert run.state in (RunState.RUNNING, RunState.SUCCEEDED)
    assert book.ledger.run("run-7").state in (RunState.RUNNING, RunState.SUCCEEDED)
    assert sorted(one.id for one in book.ledger.runs()) == ["run-1", "run-7"]


@pytest.mark.parametrize("call", range(1, 15))
def test_a_run_is_there_at_every_moment_of_its_end(book: Book, cloud: Cloud, tmp_path: Path, call: int) -> None:
    book.ledger.record(run_of(7))
    watcher = Ledger(Store(connect_again(cloud), BUCKET, tmp_path / "watcher"), cloud.clock)
    seen: list[RunState] = []

    with before_call(cloud, call, lambda: seen.append(watcher.run("run-7").state)):
        book.ledger.merge(batch_of(book.folder / "batches", [fails()]), run_of(7), end)

    assert set(seen) <= {RunState.RUNNING, RunState.SUCCEEDED}
    assert watcher.run("run-7").state is RunState.SUCCEEDED


def test_a_run_nobody_started_is_not_found(book: Book) -> None:
    with pytest.raises(NotFound, match="run-404"):
        book.ledger.run("run-404")


def test_a_run_is_sealed_over_the_ledger_before_and_after_it_before_it_is_visible(book: Book) -> None:
    first = book.merge(fails())
    seen: list[tuple[str | None, str | None, int]] = []

    def seal(run: Run, before: Head, after: Head) -> str:
        seen.append((before.run_id, after.run_id, book.ledger.head().sequence))
        return f"manifest of {run.id}"

    batch = batch_of(book.folder / "batches", [passes()])
    book.ledger.merge(batch, run_of(2), end, seal)

    assert first.manifest is None
    assert seen == [("run-1", "run-2", 1)]
    assert book.ledger.run("run-2").manifest == "manifest of run-2"


def test_a_run_that_cannot_be_sealed_is_not_visible(book: Book) -> None:
    def refuse(_run: Run, _before: Head, _after: Head) -> str:
        raise AwsDenied("KMS does not sign.")

    with pytest.raises(AwsDenied):
        book.ledger.merge(batch_of(book.folder / "batches", [fails()]), run_of(1), end, refuse)

    assert book.ledger.head().sequence == 0


def test_many_small_files_of_history_become_one(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.ledger.workshop.FILES", 2)
    for hour in range(4):
        at = NINE + timedelta(hours=hour)
        book.merge(fails(at) if hour % 2 == 0 else passes(at))

    assert len(book.ledger.head().transitions) <= 2 < FILES
    assert book.changes() == [(None, "fail"), ("fail", "pass"), ("pass", "fail"), ("fail", "pass")]
