from collections.abc import Mapping
from typing import Any

import pytest

from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.core.errors import Stale
from vending.requests.model import Request, State
from vending.requests.turn import KEPT, Turn

DEV: Mapping[str, Any] = {"template": "workload-dev", "monthly_budget_usd": 4000}
"""With an earlier one of 5,000 two of these are more than the 12,000 of the team."""


def judged(ground: Ground, *requests: str) -> list[State]:
    return sorted(ground.records.get(request).state for request in requests)


def test_two_requests_at_once_do_not_both_fit_into_what_the_team_has_left(ground: Ground) -> None:
    ground.ask(name="first", template="workload-dev", monthly_budget_usd=5000)
    rival: list[Request] = []

    with ground.meanwhile("dynamodb", "TransactWriteItems", lambda: rival.append(ground.ask(name="rival", **DEV))):
        mine = ground.ask(name="mine", **DEV)

    assert judged(ground, mine.id, rival[0].id) == [State.AWAITING_APPROVAL, State.QUEUED]
    assert "13,000 of the team's 12,000" in ground.records.get(mine.id).rule_because


def test_an_edit_and_a_request_at_once_do_not_either(ground: Ground) -> None:
    first = ground.ask(name="first", template="workload-dev", monthly_budget_usd=1000)
    patch, rival = {"monthly_budget_usd": 5000}, []
    ground.ask(name="second", **DEV)

    with ground.meanwhile("dynamodb", "TransactWriteItems", lambda: rival.append(ground.ask(name="rival", **DEV))):
        edited = ground.desk.edit(person("ada"), first.id, patch, first.etag)

    assert judged(ground, edited.id, rival[0].id) == [State.AWAITING_APPROVAL, State.QUEUED]


def test_a_request_whose_team_is_never_at_rest_is_refused_and_nothing_is_written(ground: Ground) -> None:
    first = ground.ask(name="first")

    def again() -> None:
        turn = Turn.read(ground.services.table, "payments")
        ground.services.table.put(turn.taken_by(first.id, 1))

    with ground.busy("dynamodb", "TransactWriteItems", again), pytest.raises(Stale, match="same moment"):
        ground.ask(name="second")

    assert [record.id for record in ground.records.of_team("payments")] == [first.id]


def test_what_an_index_does_not_show_yet_counts_all_the_same(ground: Ground) -> None:
    request = ground.ask()
    turn = Turn.read(ground.services.table, "payments")

    behind = Turn("search", 1, turn.latest).requests(ground.records)
    known = turn.requests(ground.records)

    assert behind == ()
    assert [record.id for record in known] == [request.id]


def test_a_turn_names_the_last_requests_only() -> None:
    turn = Turn("payments", 3, {f"req-{number}": 1 for number in range(KEPT)})

    taken = turn.taken_by("req-7", 2)

    assert len(taken.body["latest"]) == KEPT
    assert list(taken.body["latest"].items())[-1] == ("req-7", 2)
    assert taken.version == 3
