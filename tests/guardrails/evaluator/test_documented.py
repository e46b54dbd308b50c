"""The evaluator against the documentation, row by row."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from guardrails.evaluator import answer
from guardrails.evaluator.operator import OPERATORS
from tests.guardrails.evaluator import (
    rows_conditions,
    rows_elements,
    rows_operators,
    rows_organization,
    rows_rcps,
    rows_unknowns,
    rows_variables,
)
from tests.guardrails.evaluator.rows_operators import FORMS, written
from tests.guardrails.evaluator.table import Json, Row

SUBJECTS = (rows_conditions, rows_elements, rows_organization, rows_rcps, rows_unknowns, rows_variables)
WRITTEN = [row for subject in SUBJECTS for row in subject.ROWS]
ROWS = [*WRITTEN, *rows_operators.ROWS]
SCP_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
RCP_ELEMENTS = SCP_ELEMENTS - {"NotAction", "Sid"} | {"Principal"}


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
    assert len(WRITTEN) >= 150
    assert all(row.source.startswith("https://docs.aws.amazon.com/") for row in ROWS)


def test_every_operator_has_rows_in_every_form_that_hold_and_that_do_not() -> None:
    decided = defaultdict(set)
    for row in ROWS:
        for _, statement in _statements(row):
            for operator in statement.get("Condition", {}):
                decided[operator].add(row.decision)

    forms = {written(base, form) for base in OPERATORS - {"Null"} for form in FORMS} | {"Null"}
    assert {form for form in forms if not {"allow", "deny"} <= decided[form]} == set()


def test_every_element_of_the_language_has_rows() -> None:
    used: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in ROWS:
        for field, statement in _statements(row):
            used[field, statement["Effect"]] |= set(statement)

    assert used["levels", "Deny"] >= SCP_ELEMENTS
    assert used["levels", "Allow"] >= SCP_ELEMENTS - {"Sid"}
    assert used["rcp_levels", "Deny"] >= RCP_ELEMENTS


def _statements(row: Row) -> Iterator[tuple[str, Json]]:
    for field in ("levels", "rcp_levels"):
        for policy in (policy for level in row.case.get(field) or [] for policy in level):
            if isinstance(policy, Mapping):
                statements = policy.get("Statement", [])
                yield from ((field, each) for each in (statements if isinstance(statements, list) else [statements]))
