import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner

from infra.runtime.lambdas import workflow
from tests.vending.parts import asked
from vending.core.table import Table
from vending.requests.model import AccountRequest, State
from vending.requests.record import Record

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def runner() -> Iterator[DurableFunctionTestRunner]:
    """The official local runner in Lambda's place."""
    logging.getLogger("aws_durable_execution_sdk_python_testing").setLevel(logging.ERROR)
    with DurableFunctionTestRunner(handler=workflow.handler) as runner:
        yield runner
    runner._scheduler._loop.close()  # the runner leaves its event loop open


def test_an_execution_is_taken_as_far_as_it_goes(table: Table, runner: DurableFunctionTestRunner) -> None:
    table.put(_rejected("r-1").document())

    done = runner.run(input=json.dumps({"request_id": "r-1"}), execution_timeout=20)

    assert done.status.value == "SUCCEEDED"
    assert json.loads(str(done.result)) == State.REJECTED
    taken_up = table.get("REQUEST#r-1", "REQUEST")
    assert taken_up is not None
    assert taken_up.body["started"] is True


def _rejected(request_id: str) -> Record:
    return Record(
        id=request_id,
        state=State.REJECTED,
        asked=AccountRequest(**asked()),
        requester="ada",
        created_at=NOW,
        updated_at=NOW,
        email="aws+r-1@acme.example",
        rule="everything else",
        approvers_needed=1,
        rejected_by="grace",
    )
