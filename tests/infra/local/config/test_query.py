"""The SQL of advanced queries, on rows made by hand."""

import json
from typing import Any

import pytest
from moto.core.exceptions import ServiceException

from infra.local.config.query import parse

TEAM = {"key": "team", "value": "x"}
ROWS: list[dict[str, Any]] = [
    {
        "resourceId": "a",
        "kind": "web",
        "size": 1,
        "tags": [{"key": "team", "value": "x"}, {"key": "tier", "value": "y"}],
    },
    {"resourceId": "b", "kind": "web", "size": 20, "tags": [], "enabled": True},
    {"resourceId": "c", "kind": "batch", "configuration": {"rules": [{"name": "r", "state": "bad"}], "state": "bad"}},
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
        ("kind LIKE 'bat%'", "c"),
        ("kind LIKE 'batc_'", "c"),
        ("kind LIKE 'batch%'", "c"),
        ("kind LIKE 'bat_'", ""),
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


def test_a_star_is_the_scalar_properties_that_every_item_has() -> None:
    row = {"resourceId": "b", "resourceType": "AWS::EC2::VPC", "accountId": "1", "tags": [], "configuration": {"a": 1}}

    [shown] = parse("SELECT *").run([row])

    assert json.loads(shown) == {"resourceId": "b", "resourceType": "AWS::EC2::VPC", "accountId": "1"}


def test_rows_are_ordered() -> None:
    assert [row["resourceId"] for row in run("SELECT resourceId ORDER BY resourceId DESC")] == ["c", "b", "a"]


def test_all_rows_are_counted() -> None:
    assert run("SELECT COUNT(*) WHERE size > 0") == [{"COUNT(*)": 2}]
    assert run("SELECT COUNT(*) WHERE size > 100") == [{"COUNT(*)": 0}]


def test_functions_are_computed_over_groups() -> None:
    rows = run("SELECT kind, COUNT(*), SUM(size), AVG(size), MAX(resourceId) GROUP BY kind")

    assert rows == [
        {
            "kind": "batch",
            "COUNT(*)": 1,
            "SUM(size)": None,
            "AVG(size)": None,
            "MAX(resourceId)": "c",
        },
        {"kind": "web", "COUNT(*)": 2, "SUM(size)": 21, "AVG(size)": 10.5, "MAX(resourceId)": "b"},
    ]


def test_groups_are_ordered_by_a_function() -> None:
    query = parse("SELECT kind, COUNT(*) GROUP BY kind ORDER BY COUNT(*) DESC")

    assert [json.loads(row)["kind"] for row in query.run(ROWS)] == ["web", "batch"]
    assert not query.pages


def test_numbers_are_ordered_as_numbers() -> None:
    rows = [{"size": size} for size in (10, 9, 100)]

    assert [json.loads(row)["size"] for row in parse("SELECT size ORDER BY size").run(rows)] == [9, 10, 100]


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
        "SELECT ALL a",
        "SELECT a AS b",
        "SELECT a b",
        "SELECT a WHERE b IS NULL",
        "SELECT a WHERE b = NULL",
        "SELECT a WHERE b LIKE '%c'",
        "SELECT a WHERE b LIKE '_::EC2::Instance'",
        "SELECT a WHERE b LIKE 'ab%'",
        "SELECT a WHERE b LIKE 'abc%d'",
        "SELECT a WHERE 'b%' LIKE 'abc%'",
        "SELECT MAX(a, b)",
        "SELECT MAX(SUM(a))",
        "SELECT COUNT(DISTINCT a)",
        "SELECT a, COUNT(*)",
        "SELECT COUNT(*) ORDER BY a",
        "SELECT a ORDER BY COUNT(*)",
        "SELECT a, b, c, d, COUNT(*) GROUP BY a, b, c, d",
        "SELECT a, b, COUNT(*) GROUP BY a, b ORDER BY COUNT(*)",
        "SELECT a WHERE " + "(" * 3000 + "b = 'c'" + ")" * 3000,
    ],
)
def test_what_config_does_not_have_is_refused(expression: str) -> None:
    with pytest.raises(ServiceException, match="InvalidExpressionException"):
        parse(expression)
