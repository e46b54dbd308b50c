import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from vending.core.errors import BadInput, Conflict, FieldError
from vending.core.output import Output, print_items, print_json, print_thing, say, say_error

ROWS: list[Mapping[str, Any]] = [
    {"id": "a", "tags": {"x": "1"}, "none": None, "at": datetime(2026, 11, 20, tzinfo=UTC)},
    {"id": "b", "tags": {}, "none": None, "more": "not a column"},
]
COLUMNS = ("id", "tags", "none")


def test_a_list_as_json_is_items_with_all_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    print_items(iter(ROWS), COLUMNS, Output.JSON)

    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["items"]
    assert told["items"][1]["more"] == "not a column"
    assert told["items"][0]["at"].startswith("2026-11-20")


def test_a_list_as_csv_has_the_columns_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    print_items(ROWS, COLUMNS, Output.CSV)

    told = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert told == [["id", "tags", "none"], ["a", '{"x": "1"}', ""], ["b", "{}", ""]]


def test_a_list_as_a_table_has_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_items(ROWS, COLUMNS, Output.TABLE)

    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "tags", "none"]
    assert [line.split()[0] for line in lines] == ["a", "b"]


def test_what_looks_like_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_items([{"id": "[bold]x[/bold] [/]"}], ("id",), Output.TABLE)

    assert "[bold]x[/bold] [/]" in capsys.readouterr().out


def test_nothing_that_is_printed_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_items([{"id": "a\x1b[31mred\x9b0m\rb"}], ("id",), Output.TABLE)
    say("a\x1b]0;title\x07b")

    told = capsys.readouterr()
    assert "a[31mred0mb" in told.out
    assert told.err == "a]0;titleb\n"


@pytest.mark.parametrize("output", Output)
def test_an_empty_list_is_printed_without_items(output: Output, capsys: pytest.CaptureFixture[str]) -> None:
    print_items([], COLUMNS, output)

    told = capsys.readouterr().out
    assert json.loads(told) == {"items": []} if output is Output.JSON else len(told.splitlines()) == 1


def test_one_thing_is_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    print_thing({"id": "a", "tags": {"x": "1"}}, Output.TABLE)
    print_thing({"id": "a"}, Output.CSV)
    print_thing({"id": "a"}, Output.JSON)

    told = capsys.readouterr().out
    assert "id" in told
    assert "field,value\r\nid,a\r\n" in told
    assert told.endswith('{\n  "id": "a"\n}\n')


def test_talk_and_errors_leave_the_data_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([])
    say("working")
    say_error(Conflict("It is ready.", "Leave it."))

    captured = capsys.readouterr()
    assert captured.out == "[]\n"
    assert captured.err == "working\nfreehold: It is ready.\n  Leave it.\n"


def test_every_wrong_field_is_told_with_its_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    first = FieldError("team", "there is no team 'x'", "Did you mean 'y'?")
    second = FieldError("name", "too short", "Use 3.")

    say_error(BadInput.of(first, second))

    assert capsys.readouterr().err.splitlines() == [
        "freehold: team: there is no team 'x' (and 1 more)",
        "  Did you mean 'y'?",
        "  name: too short. Use 3.",
    ]
