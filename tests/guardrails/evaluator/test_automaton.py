"""Shortest examples for every way in which patterns match together."""

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.evaluator.automaton import MOST_STATES, Pattern, examples
from guardrails.evaluator.text import Matcher, read_text, render_arn, render_plain

NONE: dict[str, tuple[str, ...]] = {}


def pattern(text: str, *, segments: bool = False) -> Pattern:
    """The pattern of a text without variables."""
    parts = read_text(text, variables=False).resolved(NONE)
    assert parts is not None
    return Pattern(parts, segments)


def answers(texts: list[str], value: str) -> tuple[bool, ...]:
    """Which of the texts the value matches, by the matcher that judges."""
    return tuple(Matcher((read_text(text, variables=False),), render_plain).matches(value, NONE) for text in texts)


def test_two_patterns_give_up_to_four_examples() -> None:
    found, complete = examples((pattern("a*"), pattern("*b")))

    assert complete
    assert {answers(["a*", "*b"], value) for value in found} == {
        (False, False),
        (True, False),
        (False, True),
        (True, True),
    }


def test_an_arn_pattern_stops_at_colons() -> None:
    found, _ = examples((pattern("arn:*:x", segments=True), pattern("arn:*:x")))

    arn = Matcher((read_text("arn:*:x", variables=False),), render_arn)
    assert {(arn.matches(value, NONE), *answers(["arn:*:x"], value)) for value in found} == {
        (False, False),
        (False, True),
        (True, True),
    }


@settings(max_examples=60)
@given(st.lists(st.text("ab*?", max_size=4), min_size=1, max_size=3), st.text("abz", max_size=6))
def test_every_value_has_an_example_that_matches_the_same(texts: list[str], value: str) -> None:
    found, complete = examples(tuple(pattern(text) for text in texts))

    assert complete
    assert answers(texts, value) in {answers(texts, example) for example in found}


def test_it_says_when_it_did_not_look_everywhere() -> None:
    many = tuple(pattern(f"*{letter * 9}*{letter * 9}*") for letter in "abcdef")

    found, complete = examples(many)

    assert not complete
    assert len(found) <= MOST_STATES
