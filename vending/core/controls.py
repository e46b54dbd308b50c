"""Control characters: what a terminal would obey instead of showing."""

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""C0, DEL and C1 (ISO/IEC 6429), line breaks and tabs included."""
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def has_controls(text: str) -> bool:
    """Whether a line of text holds anything that is not shown."""
    return CONTROL.search(text) is not None


def printable(text: str) -> str:
    """The text without what a terminal would obey; line feeds and tabs stay."""
    return _OBEYED.sub("", text)
