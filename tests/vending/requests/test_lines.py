from datetime import timedelta

from tests.vending.ground import Ground
from tests.vending.requests.test_dispatcher import waiting
from vending.requests.lines import KEPT, SHORT
from vending.requests.model import State
from vending.requests.queue import LIMITS

TOKEN = timedelta(seconds=10)
"""How long CreateAccount's bucket takes for one more."""


def passed(ground: Ground) -> list[str]:
    return [name.removeprefix("gate of payments-") for name in ground.engine.woken]


def test_a_long_line_is_read_once_a_minute_and_passes_in_order_all_the_same(ground: Ground) -> None:
    records = [waiting(ground, f"payments-{n:02d}") for n in range(SHORT + 6)]
    dispatcher = ground.dispatcher

    reads = []
    for wait in (timedelta(0), TOKEN, TOKEN, KEPT):
        ground.cloud.clock.advance(wait.total_seconds())
        with ground.counted("dynamodb", "Query") as queries:
            dispatcher.tick()
        reads.append(len(queries))
        ground.at(records[len(passed(ground)) - 1].id, State.ENROLLING, gate=None)

    every = 1 + len(ground.gates)  # those under way, and each line
    assert reads == [every, every - 1, every - 1, every]
    first = LIMITS["create"].burst
    assert passed(ground)[: first + 2] == [f"{n:02d}" for n in range(first + 2)]
    assert len(set(passed(ground))) == len(passed(ground))


def test_who_comes_to_a_short_line_is_seen_at_once(ground: Ground) -> None:
    dispatcher = ground.dispatcher
    dispatcher.tick()
    waiting(ground, "payments-late")

    dispatcher.tick()

    assert passed(ground) == ["late"]
