"""The SQL of advanced queries, on rows made by hand."""

import json
from typing import Any

import pytest
from moto.core.exceptions import ServiceException

from infra.local.config.query import parse

ROWS: list[dict[str, Any]] = [
    {"resourceId": "a", "size": 1, "tags": [{"key": "team", "value": "x"}, {"key": "tier", "value": "y"}]},
    {"resourceId": "b", "size": 20, "tags": [], "enabled": True},
    {"resourceId": "c", "configuration": {"rules": [{"name": "r", "state": "bad"}], "state": "bad"}},
]


def run(expression: str) -> list[Any]:
    return [json.loads(row) for row in parse(expression).run(ROWS)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("resourceId = 'a'", "a"),
        ("resourceId <> 'a'", "bc"),
        ("size > 1", "b"),
        ("size BETWEEN 1 AND 19", "a"),
        ("resourceId IN ('a', 'c')", "ac"),
        ("NOT resourceId IN ('a', 'c')", "b"),
        ("resourceId LIKE 'b%'", "b"),
        ("enabled = true", "b"),
        ("size = 1 OR (size = 20 AND resourceId = 'b')", "ab"),
        ("configuration.rules.state = 'bad'", "c"),
        ("size = 'one'", ""),
    ],
)
def test_conditions_choose_rows(condition: str, expected: str) -> None:
    assert "".join(row["resourceId"] for row in run(f"SELECT resourceId WHERE {condition}")) == expected


def test_conditions_on_a_list_match_across_its_elements() -> None:
    rows = run("SELECT resourceId WHERE tags.key = 'team' AND tags.value = 'y'")

    assert rows == [{"resourceId": "a"}]


def test_properties_keep_their_place_in_the_document() -> None:
    rows = run("SELECT resourceId, configuration.rules.name, configuration.state WHERE resourceId = 'c'")

    assert rows == [{"resourceId": "c", "configuration": {"rules": [{"name": "r"}], "state": "bad"}}]


def test_a_star_is_the_whole_row() -> None:
    assert run("SELECT * WHERE resourceId = 'b'") == [ROWS[1]]


def test_rows_are_ordered() -> None:
    assert [row["resourceId"] for row in run("SELECT resourceId ORDER BY resourceId DESC")] == ["c", "b", "a"]


def test_all_rows_are_counted() -> None:
    assert run("SELECT COUNT(*) WHERE size > 0") == [{"COUNT(*)": 2}]
    assert run("SELECT COUNT(*) WHERE size > 100") == [{"COUNT(*)": 0}]


def test_a_query_says_what_it_narrows() -> None:
    query = parse("SELECT a WHERE (resourceType = 'x') AND accountId IN ('1', '2') AND size > 1")

    assert query.wanted("resourceType") == ["x"]
    assert query.wanted("accountId") == ["1", "2"]
    assert query.wanted("awsRegion") is None


@pytest.mark.parametrize("condition", ["a = 'x' OR b = 'y'", "NOT a = 'x'"])
def test_what_is_not_required_narrows_nothing(condition: str) -> None:
    assert parse(f"SELECT a WHERE {condition}").wanted("a") is None


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "SELECT",
        "nonsense ((",
        "SELECT a FROM b",
        "SELECT a; SELECT b",
        "SELECT DISTINCT a",
        "SELECT a LIMIT 1",
        "SELECT a GROUP BY a HAVING COUNT(*) > 1",
        "SELECT a WHERE b IN (SELECT c)",
        "SELECT a WHERE lower(b) = 'c'",
        "SELECT a WHERE b = c",
        "SELECT a UNION SELECT b",
        "SELECT lower(a)",
        "DROP TABLE a",
    ],
)
def test_what_config_does_not_have_is_refused(expression: str) -> None:
    with pytest.raises(ServiceException, match="InvalidExpressionException"):
        parse(expression)
