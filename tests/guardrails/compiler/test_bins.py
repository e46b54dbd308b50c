"""Packing: whole statements, whatever order they come in, and a small edit changes few documents."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.compiler.bins import Groups, length, pack, spread, squeeze
from guardrails.compiler.minify import render
from tests.guardrails.ground import deny

Statements = list[dict[str, Any]]
STATEMENTS = [deny(f"S{n}", [f"s3:Action{m}" for m in range(n + 1)]) for n in range(12)]
ROOM = 1_500


def statement(sid: str, size: int) -> dict[str, Any]:
    return deny(sid, "s3:" + "x" * size)


some_statements = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=4), st.integers(1, 900), min_size=2).map(
    lambda sizes: [statement(sid, size) for sid, size in sizes.items()]
)


def contents(groups: Groups) -> set[tuple[int, str]]:
    return {(number, render(group)) for number, group in groups.items()}


def all_of(groups: Groups) -> list[str]:
    return sorted(render([each]) for group in groups.values() for each in group)


@given(some_statements, st.sampled_from([spread, squeeze]), st.randoms())
@settings(max_examples=60)
def test_no_document_is_too_long_no_statement_is_lost_and_order_means_nothing(
    statements: Statements, packing: Any, chance: Any
) -> None:
    groups = packing(statements, ROOM)

    assert all(len(render(group)) <= ROOM for group in groups.values())
    assert all_of(groups) == sorted(render([each]) for each in statements)
    assert packing(chance.sample(statements, len(statements)), ROOM) == groups


@given(some_statements, st.integers(1, 900), st.sampled_from(["change", "add", "remove"]))
@settings(max_examples=150)
def test_an_edit_packs_no_more_than_one_document_anew(statements: Statements, size: int, what: str) -> None:
    first, *rest = statements
    edited = {"change": [statement(first["Sid"], size), *rest], "add": [statement("new", size), *statements]}

    before, after = spread(statements, ROOM), spread(edited.get(what, rest), ROOM)

    gone, kept = contents(before) - contents(after), contents(before) & contents(after)
    touched = sum(len(content) for _, content in gone) - len(render([])) * len(gone)
    assert touched <= ROOM + length(first)
    assert {number for number, _ in kept}.isdisjoint(number for number, _ in contents(after) - kept)


def test_squeezing_needs_no_more_documents_than_first_fit() -> None:
    def first_fit(statements: Sequence[dict[str, Any]]) -> int:
        rooms: list[int] = []
        for size in sorted(map(length, statements), reverse=True):
            found = next((n for n, room in enumerate(rooms) if room >= size), None)
            rooms = [*rooms, ROOM] if found is None else rooms
            rooms[len(rooms) - 1 if found is None else found] -= size
        return len(rooms)

    for seed in range(20):
        sizes = [(seed * 31 + n * 97) % 700 + 1 for n in range(25)]
        statements = [statement(f"S{n}", size) for n, size in enumerate(sizes)]

        assert len(squeeze(statements, ROOM + len(render([])))) <= first_fit(statements)


def test_statements_are_spread_while_a_slot_is_left_for_swapping_and_squeezed_where_none_is() -> None:
    statements = [statement(f"S{n}", 300) for n in range(11)]
    roomy, tight = spread(statements, ROOM), squeeze(statements, ROOM)

    assert len(roomy) > len(tight)
    assert pack(statements, ROOM, len(roomy) + 1) == roomy
    assert pack(statements, ROOM, len(roomy)) == tight
    assert pack(statements, ROOM, 0) == tight


def test_a_document_is_filled_to_the_last_character() -> None:
    two = [deny("A", "s3:GetObject"), deny("B", "s3:PutObject")]
    exact = len(render(two))

    for packing in (spread, squeeze):
        assert len(packing(two, exact)) == 1
        assert len(packing(two, exact - 1)) == 2


def test_a_statement_that_is_too_long_has_a_document_of_its_own() -> None:
    for packing in (spread, squeeze):
        groups = packing([statement("Long", 2 * ROOM), statement("A", 10), statement("B", 10)], ROOM)

        assert [statement("Long", 2 * ROOM)] in groups.values()


def test_statements_of_one_sid_are_told_apart() -> None:
    twins = [statement("Same", 800 + n) for n in range(4)]

    assert all_of(spread(twins, ROOM)) == sorted(render([each]) for each in twins)


def test_the_length_of_a_statement_is_what_it_adds_to_a_document() -> None:
    one, two = STATEMENTS[:2]

    assert len(render([one, two])) - len(render([one])) == length(two)
