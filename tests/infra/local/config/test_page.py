"""Pages over candidates that cost something to make."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.core.exceptions import ServiceException

from infra.local.config.page import Candidate, listed, page_size, read_page


def choose(item: int, keep: bool) -> int | None:
    return item if keep else None


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 7))
def test_pages_together_hold_every_item_once_in_order(kept: list[bool], size: int) -> None:
    candidates = [Candidate((f"{i:03}",), partial(choose, i, keep)) for i, keep in enumerate(kept)]

    found: list[int] = []
    token, pages = None, 0
    while True:
        page = read_page(candidates, token, size, {"Rule": "x"})
        found, token, pages = found + page.items, page.token, pages + 1
        if token is None:
            break

    assert found == [i for i, keep in enumerate(kept) if keep]
    assert pages == max(1, -(-len(kept) // size))


def test_only_what_is_on_the_page_is_made() -> None:
    made: list[int] = []
    candidates: list[Candidate[None]] = [Candidate((f"{i}",), partial(made.append, i)) for i in range(9)]
    first = read_page(candidates, None, 3, {})

    read_page(candidates, first.token, 3, {})

    assert made == [0, 1, 2, 3, 4, 5]


def test_what_was_put_between_two_pages_moves_nothing() -> None:
    first = read_page(listed([(("b",), "b"), (("d",), "d")]), None, 1, {})

    second = read_page(listed([(("a",), "a"), (("b",), "b"), (("c",), "c"), (("d",), "d")]), first.token, 5, {})

    assert second.items == ["c", "d"]


@pytest.mark.parametrize(("asked", "expected"), [(None, 50), (0, 50), (7, 7), (100, 100)])
def test_nothing_and_nought_ask_for_the_default(asked: int | None, expected: int) -> None:
    assert page_size(asked, 50, 100) == expected


@pytest.mark.parametrize("asked", [-1, 101])
def test_a_page_has_its_bounds(asked: int) -> None:
    with pytest.raises(ServiceException, match="InvalidLimitException"):
        page_size(asked, 50, 100)
