"""The product's own statements in Athena's words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from audit.finding import FIELDS
from audit.pages import EXAMPLES
from audit.query.athena import for_athena
from audit.query.filters import ORDER, Filters
from audit.query.views import COMPLIANCE
from audit.service import Audit
from tests.audit.ground import NINE, PAYMENTS, RULE, fill_ledger, open_audit, person
from tests.cloud import Cloud

ASKED = (
    Filters(),
    Filters(status=("fail", "unknown"), severity=("high",), since=NINE),
    Filters(control=(RULE,), account=(PAYMENTS.account_id,), region=("eu-west-1",)),
    Filters(team=("payments", "-"), ou=("Dev",), source=("config",), framework=("NIST",)),
    replace(Filters(), q="shop public") if "q" in Filters.__dataclass_fields__ else Filters(),
)


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for asked in ASKED:
        listing = f"SELECT {', '.join(FIELDS)} FROM findings WHERE {asked.where} ORDER BY {ORDER} LIMIT 50 OFFSET 0"
        yield listing, asked.parameters
        yield f"SELECT status, count(*) AS n FROM findings WHERE {asked.where} GROUP BY ALL", asked.parameters
    yield "SELECT * FROM transitions WHERE finding_id = $id ORDER BY observed_at DESC", {"id": "abc"}
    yield COMPLIANCE.format(findings="findings", status="status"), {}
    yield from ((example, {}) for example in EXAMPLES)


@pytest.mark.parametrize(("statement", "parameters"), list(statements()))
def test_a_statement_of_ours_is_one_of_athenas(statement: str, parameters: dict[str, Any]) -> None:
    told = for_athena(statement, parameters)

    again = sqlglot.parse_one(told, read="athena")
    assert not list(again.find_all(sqlglot.exp.Placeholder, sqlglot.exp.Parameter))
    assert not [word for word in ("&&", "[-", "GROUP BY ALL", "ORDER BY ALL", "LIST_") if word in told]


@pytest.fixture
def audit(cloud: Cloud, tmp_path: Path) -> Audit:
    audit = open_audit(cloud, tmp_path / "cache")
    cloud.clock.advance(max((NINE - cloud.clock.now()).total_seconds(), 0) + 3600)
    fill_ledger(audit.ledger, tmp_path / "batches")
    return audit


def test_it_answers_what_the_original_answers(audit: Audit) -> None:
    """No Athena is in reach: its words are taught to DuckDB, which then has to answer the same."""
    with audit.reader.open(person("sam"), ("findings", "transitions", "coverage")) as ask:
        ask("CREATE MACRO arrays_overlap(a, b) AS list_has_any(a, b)")
        ask("CREATE MACRO element_at(a, n) AS list_extract(a, n)")
        for statement, parameters in statements():
            back = sqlglot.transpile(for_athena(statement, parameters), read="athena", write="duckdb")[0]
            assert _sorted(ask(back)) == _sorted(ask(statement, parameters)), statement


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(map(str, rows))
