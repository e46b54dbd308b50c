"""What a command prints: data on stdout as a table, JSON or CSV; talk and errors on stderr."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from vending.core.controls import printable
from vending.core.errors import BadInput, FreeholdError


class Output(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def print_json(value: Any) -> None:
    """One JSON document, indented."""
    print(json.dumps(value, indent=2, default=str))  # noqa: T201


def print_items(items: Iterable[Mapping[str, Any]], columns: Sequence[str], output: Output) -> None:
    """A list: a table of `columns`, `{"items": [...]}`, or CSV of `columns`."""
    rows = list(items)
    if output is Output.JSON:
        print_json({"items": rows})
    elif output is Output.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)
    else:
        _print_table(columns, [[_cell(row.get(column)) for column in columns] for row in rows])


def print_thing(thing: Mapping[str, Any], output: Output) -> None:
    """One thing: a table or CSV of its fields, or JSON."""
    if output is Output.JSON:
        print_json(thing)
    else:
        print_items(({"field": name, "value": value} for name, value in thing.items()), ("field", "value"), output)


def say(sentence: str) -> None:
    """Talk: to stderr, so that stdout stays data; nothing in it commands the terminal."""
    print(printable(sentence), file=sys.stderr)  # noqa: T201


def say_error(error: FreeholdError) -> None:
    """An error in words: the sentence, the way out, and every field."""
    say(f"freehold: {error.sentence}")
    if isinstance(error, BadInput):
        _say_fields(error)
    elif error.remedy:
        say(f"  {error.remedy}")


def _say_fields(error: BadInput) -> None:
    """The remedy beside what it is for: below the first field where the sentence is about that, else at the end."""
    about_first = bool(error.errors) and error.errors[0].field in error.sentence
    fields = [
        f"{item.field}: {_sentence(item.reason)} {item.remedy}".rstrip() for item in error.errors[int(about_first) :]
    ]
    for line in (error.remedy, *fields) if about_first else (*fields, error.remedy):
        if line:
            say(f"  {line}")


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console()
    console.print(table, soft_wrap=False) if console.is_terminal else Console(width=200).print(table)


def _sentence(reason: str) -> str:
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def _cell(value: Any) -> str:
    """For people: a list of plain values without brackets and quotes."""
    if isinstance(value, (list, tuple)) and not any(isinstance(item, (dict, list, tuple)) for item in value):
        return ", ".join(map(_text, value))
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
