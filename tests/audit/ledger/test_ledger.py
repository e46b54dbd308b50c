"""How readings become the state of findings, and how that state is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from audit.finding import UNREAD, Cell, Held, Observation, Seen, State, Unchanged, Unknown
from audit.ledger.workshop import FILES
from tests.audit.ground import NINE, PAYMENTS, SEARCH, bucket, cell, reading
from tests.audit.ledger.book import EVEN_LATER, LATER, Book, fails, naive, passes


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


def test_an_annotation_that_was_read_stands_while_the_failure_does(book: Book) -> None:
    book.merge(fails())

    book.merge(reading(Seen((bucket("open", State.FAIL, LATER, UNREAD),)), at=LATER))
    stood = book.finding()
    book.merge(passes(LATER + timedelta(minutes=1)))
    book.merge(reading(Seen((bucket("open", State.FAIL, EVEN_LATER, UNREAD),)), at=EVEN_LATER))

    assert stood["reason"] == "It is public."
    assert stood["last_seen"] == naive(LATER)
    assert book.finding()["reason"] == UNREAD, "it fails again, for what reason nobody read"


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


def test_many_small_files_of_history_become_one(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.ledger.workshop.FILES", 2)
    for hour in range(4):
        at = NINE + timedelta(hours=hour)
        book.merge(fails(at) if hour % 2 == 0 else passes(at))

    assert len(book.ledger.head().transitions) <= 2 < FILES
    assert book.changes() == [(None, "fail"), ("fail", "pass"), ("pass", "fail"), ("fail", "pass")]
