from dataclasses import replace
from datetime import timedelta

from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.core.errors import AwsThrottled
from vending.requests.engine import Engine, Execution
from vending.requests.model import State
from vending.requests.queue import CREATE, LIMITS, enrol_gate
from vending.requests.record import Gate, Record


def waiting(ground: Ground, name: str, gate: str = CREATE, **update: object) -> Record:
    """A request at a gate, its workflow asleep."""
    request = ground.ask(name=name)
    callback = f"gate of {name}"
    ground.engine.asleep.add(callback)
    ground.cloud.clock.advance(1)
    place = Gate(name=gate, callback=callback, since=ground.services.clock.now())
    return ground.at(request.id, State.QUEUED, gate=place, started=True, **update)


def test_an_execution_whose_start_was_lost_is_started(ground: Ground) -> None:
    request = ground.ask()
    ground.engine.started.clear()

    woken = ground.dispatcher.tick()

    assert woken == 1
    assert ground.engine.started == [request.id]


def test_a_request_that_waits_for_a_person_is_left_asleep(ground: Ground) -> None:
    request = ground.ask(template="workload-prod")
    ground.at(request.id, State.AWAITING_APPROVAL, started=True, callback="asleep")
    ground.engine.asleep.add("asleep")

    assert ground.dispatcher.tick() == 0


def test_a_decision_whose_wake_up_was_lost_is_delivered(ground: Ground) -> None:
    request = ground.ask(template="workload-prod")
    ground.at(request.id, State.QUEUED, started=True, callback="asleep")
    ground.engine.asleep.add("asleep")

    assert [ground.dispatcher.tick() for _ in range(2)] == [1, 0]
    assert ground.engine.woken == ["asleep"]


def test_a_rejection_whose_wake_up_was_lost_is_delivered(ground: Ground) -> None:
    request = ground.ask(template="workload-prod")
    ground.at(request.id, State.REJECTED, started=True, callback="asleep")
    ground.engine.asleep.add("asleep")

    ground.dispatcher.tick()

    assert ground.engine.woken == ["asleep"]


def test_waiting_requests_pass_as_far_as_aws_allows(ground: Ground) -> None:
    records = [waiting(ground, f"payments-{n}") for n in range(LIMITS[CREATE].burst + 1)]

    ground.dispatcher.tick()

    granted = [ground.records.get(record.id).gate for record in records]
    assert [gate is not None and gate.granted_at is not None for gate in granted] == [True, True, True, False]
    assert ground.engine.woken == ["gate of payments-0", "gate of payments-1", "gate of payments-2"]


def test_a_place_that_is_given_up_is_free_for_the_next(ground: Ground) -> None:
    first = waiting(ground, "payments-1", enrol_gate("Sandbox"))
    waiting(ground, "payments-2", enrol_gate("Sandbox"))
    ground.dispatcher.tick()
    ground.at(first.id, State.BASELINING, gate=None)

    ground.dispatcher.tick()

    assert ground.engine.woken == ["gate of payments-1", "gate of payments-2"]


def test_a_round_that_is_repeated_changes_nothing(ground: Ground) -> None:
    waiting(ground, "payments-1")
    ground.dispatcher.tick()
    log = len(list(ground.services.table.log()))

    again = ground.dispatcher.tick()

    assert again == 0
    assert len(list(ground.services.table.log())) == log


def test_two_dispatchers_let_nobody_in_twice(ground: Ground) -> None:
    record = waiting(ground, "payments-1")
    slow = replace(ground.dispatcher)
    ground.dispatcher.tick()
    granted = ground.records.get(record.id)
    ground.cloud.clock.advance(60)

    slow._grant(record)  # decides on what it read before the other's grant

    assert ground.records.get(record.id).gate == granted.gate


def test_who_queues_anew_is_not_let_in_by_a_decision_on_the_old_place(ground: Ground) -> None:
    before = waiting(ground, "payments-1")
    ground.engine.asleep.add("new place")
    place = Gate(name=CREATE, callback="new place", since=ground.services.clock.now() + timedelta(seconds=5))
    ground.at(before.id, State.QUEUED, gate=place)

    ground.dispatcher._grant(before)

    assert ground.engine.woken == []
    assert ground.records.get(before.id).gate == place


def test_a_cancelled_request_at_a_gate_is_woken_to_end_and_takes_nobody_s_turn(ground: Ground) -> None:
    cancelled = waiting(ground, "payments-1", enrol_gate("Sandbox"), cancel_wanted_by="ada")
    next_one = waiting(ground, "payments-2", enrol_gate("Sandbox"))

    ground.dispatcher.tick()

    gates = [ground.records.get(record.id).gate for record in (cancelled, next_one)]
    assert [gate is not None and gate.granted_at is not None for gate in gates] == [False, True]
    assert set(ground.engine.woken) == {"gate of payments-1", "gate of payments-2"}


def test_a_request_that_fails_delays_no_other(ground: Ground) -> None:
    class Choosy:
        """An engine that is throttled for one request."""

        def start(self, execution: Execution) -> None:
            if execution.request_id == bad.id:
                raise AwsThrottled("slow down")
            ground.engine.start(execution)

        def broken(self) -> frozenset[Execution]:
            raise AwsThrottled("slow down")

        def complete(self, callback: str, result: str) -> None:
            ground.engine.complete(callback, result)

    bad, good = ground.ask(name="payments-1"), ground.ask(name="payments-2")
    ground.engine.started.clear()
    engine: Engine = Choosy()

    woken = replace(ground.dispatcher, engine=engine).tick()

    assert woken == 1
    assert ground.engine.started == [good.id]
    assert ground.desk.get(person("ada"), bad.id).state is State.QUEUED
