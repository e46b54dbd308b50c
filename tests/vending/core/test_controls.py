import pytest

from vending.core.controls import has_controls, printable


@pytest.mark.parametrize("text", ["a\x1bb", "a\nb", "\t", "\x7f", "a\x9bb", "\x00"])
def test_what_is_not_shown_is_found(text: str) -> None:
    assert has_controls(text)


@pytest.mark.parametrize("text", ["", "a b", "größer 日本語 🙂"])
def test_text_of_any_language_is_left_alone(text: str) -> None:
    assert not has_controls(text)
    assert printable(text) == text


def test_lines_stay_lines() -> None:
    assert printable("a\r\n\x1b[1mb\tc") == "a\n[1mb\tc"
