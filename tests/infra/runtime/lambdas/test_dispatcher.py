import pytest
from pydantic import ValidationError

from infra.runtime.lambdas import dispatcher
from tests.infra.runtime.lambdas.conftest import CONTEXT
from vending.core.table import Table


def test_a_round_over_an_empty_table_wakes_nobody(table: Table) -> None:
    assert dispatcher.handler({}, CONTEXT) == {"woken": 0}


def test_what_a_round_needs_is_built_once(table: Table) -> None:
    dispatcher.handler({}, CONTEXT)

    assert dispatcher.dispatcher() is dispatcher.dispatcher()


def test_a_missing_variable_is_named(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREEHOLD_FUNCTION")

    with pytest.raises(ValidationError, match="function"):
        dispatcher.handler({}, CONTEXT)
