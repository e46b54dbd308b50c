"""Lines of cases are read as JSON reads them, known levels or not."""

import json

import pytest

from guardrails.evaluator.case_line import CaseReader, Written
from tests.guardrails.evaluator.table import FULL_ACCESS, Json, case, deny, policy
from vending.core.errors import BadInput


def plain(read: object) -> object:
    """With the levels as JSON gives them."""
    assert isinstance(read, dict)
    return {key: value.value if isinstance(value, Written) else value for key, value in read.items()}


FULL: Json = case([[FULL_ACCESS]], rcp_levels=[])
MORE: Json = case([[FULL_ACCESS], [FULL_ACCESS, policy(deny())]], rcp_levels=None)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_line_is_read_as_json_reads_it(indent: int | None) -> None:
    reader = CaseReader()

    for content in (FULL, MORE, FULL, {"levels": [], "id": 1}, {}, MORE):
        assert plain(reader.read(json.dumps(content, indent=indent), "line 1")) == content


def test_known_levels_are_not_read_again() -> None:
    reader = CaseReader()
    first = reader.read(json.dumps(FULL), "line 1")

    second = reader.read(json.dumps(FULL | {"action": "s3:PutObject"}), "line 2")

    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert second["levels"] is first["levels"]


def test_levels_that_begin_like_known_ones_are_their_own() -> None:
    reader = CaseReader()
    reader.read('{"levels": []}', "line 1")

    assert plain(reader.read('{"levels": [[]]}', "line 2")) == {"levels": [[]]}


@pytest.mark.parametrize("line", ['{"id": 1,}', '{"id" 1}', '{"id": 1} x', "{1: 2}", '{"id": 1, "id": 2}', "{", ""])
def test_what_is_no_json_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(BadInput, match="line 7"):
        CaseReader().read(line, "line 7")
