"""The evaluator against the documentation, row by row."""

import pytest

from guardrails.evaluator import answer
from tests.guardrails.evaluator import rows_conditions, rows_elements, rows_organization
from tests.guardrails.evaluator.table import Row

ROWS = [*rows_conditions.ROWS, *rows_elements.ROWS, *rows_organization.ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.behaviour)
def test_it_decides_as_documented(row: Row) -> None:
    reply = answer(row.case)

    assert reply["decision"] == row.decision, row.source
    assert tuple(reply["missing"]) == tuple(sorted(row.missing))
    if row.decision == "allow":
        assert reply["because"] is None
    if row.because is not None:
        assert tuple(reply["because"].values()) == row.because


def test_every_row_names_its_source() -> None:
    assert len(ROWS) >= 150
    assert all(row.source.startswith("https://docs.aws.amazon.com/") for row in ROWS)
