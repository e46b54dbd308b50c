"""Reads the line of a case. Levels written just as in a line before are not read again.

Thousands of cases usually share the few policies of one organisation, and these are nearly all of the text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from guardrails.evaluator.document import read_json, unique
from vending.core.errors import BadInput

_MOST_REMEMBERED = 64
_LEVELS = ("levels", "rcp_levels")
_SPACE = re.compile(r"[ \t\r\n]*")


class _NotPlain(Exception):
    """The line is not what the quick reader understands."""


def _not_plain(_: object) -> NoReturn:
    raise _NotPlain


_DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: unique("-", pairs), parse_constant=_not_plain)


@dataclass(frozen=True)
class Written:
    """A value of JSON, known again by its text."""

    text: str
    value: Any = field(compare=False)


@dataclass
class CaseReader:
    """Remembers the levels it has read, the most recent first."""

    _seen: list[Written] = field(default_factory=list)

    def read(self, line: str, place: str) -> object:
        """What JSON makes of the line, with `levels` and `rcp_levels` as Written. Raises BadInput."""
        try:
            return self._fields(line)
        except (_NotPlain, ValueError, RecursionError, BadInput):
            content = read_json(line, place)
        return _written(content) if isinstance(content, Mapping) else content

    def _fields(self, line: str) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        place = _expect("{", line, 0)
        while True:
            key, place = _DECODER.raw_decode(line, place)
            if not isinstance(key, str) or key in fields:
                raise _NotPlain
            place = _expect(":", line, place)
            read = self._levels if key in _LEVELS else _DECODER.raw_decode
            fields[key], place = read(line, place)
            place = _skip_space(line, place)
            if line[place : place + 1] == "}":
                break
            place = _expect(",", line, place)
        if line[place + 1 :].strip():
            raise _NotPlain
        return fields

    def _levels(self, line: str, start: int) -> tuple[Written, int]:
        """A list ends where its text ends, so a line that goes on with a known text has that list there."""
        for written in self._seen:
            if line.startswith(written.text, start):
                return written, start + len(written.text)
        value, end = _DECODER.raw_decode(line, start)
        written = Written(line[start:end], value)
        if isinstance(value, list):
            self._seen.insert(0, written)
            del self._seen[_MOST_REMEMBERED:]
        return written, end


def _expect(char: str, line: str, place: int) -> int:
    """The place after this character and the spaces around it."""
    at = _skip_space(line, place)
    if line[at : at + 1] != char:
        raise _NotPlain
    return _skip_space(line, at + 1)


def _skip_space(line: str, place: int) -> int:
    match = _SPACE.match(line, place)
    return match.end() if match else place


def _written(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Written(repr(value), value) if key in _LEVELS else value for key, value in content.items()}
