"""A run becomes visible all at once or not at all, whoever else writes and whatever breaks off."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from audit.finding import Seen, State
from audit.ledger.head import HEAD, Head
from audit.ledger.ledger import Ledger
from audit.ledger.store import DamagedFile, Store
from audit.run import Run, RunState
from tests.audit.ground import BUCKET, SEARCH, batch_of, bucket, cell, connect_again, end, reading, run_of
from tests.audit.ledger.book import LATER, Book, fails, passes
from tests.cloud import Cloud
from vending.core.errors import AwsDenied, AwsMissing, NotFound


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
