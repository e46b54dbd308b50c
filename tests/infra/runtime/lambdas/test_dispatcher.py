import pytest
from pydantic import ValidationError

from infra.runtime.lambdas import dispatcher
from tests.infra.runtime.lambdas.conftest import CONTEXT
from vending.core.table import Table


def test_a_round_over_an_empty_table_does_nothing(table: Table) -> None:
    assert dispatcher.handler({}, CONTEXT) == {"done": 0}


def test_what_a_round_needs_is_built_once(table: Table) -> None:
    dispatcher.handler({}, CONTEXT)

    assert dispatcher.on_schedule() is dispatcher.on_schedule()


def test_a_missing_variable_is_named(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FREEHOLD_FUNCTION")

    with pytest.raises(ValidationError, match="function"):
        dispatcher.handler({}, CONTEXT)
