from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.requests.deadlines import Deadlines
from vending.requests.model import Request, State
from vending.requests.record import Gate

HOUR = 3600
DAY = 24 * HOUR


def enforce(ground: Ground, after: float = 0) -> int:
    ground.cloud.clock.advance(after)
    return Deadlines(ground.services.company, ground.records, ground.cloud.clock).enforce()


def regulated(ground: Ground) -> Request:
    return ground.ask(name="payments-vault", template="regulated", data_class="restricted")


def logged(ground: Ground, what: str) -> int:
    return sum(entry.what == what for entry in ground.services.table.log())


def test_approvers_are_reminded_each_day_and_others_told_once_after_three(ground: Ground) -> None:
    regulated(ground)

    rounds = [enforce(ground, 12 * HOUR) for _ in range(10)]

    assert (logged(ground, "approvers reminded"), logged(ground, "decision escalated")) == (4, 1)
    assert sum(rounds) == 5
    assert enforce(ground) == 0, "a round at the same moment does nothing"


def test_an_approval_lapses_two_weeks_after_it_was_given_and_the_request_waits_anew(ground: Ground) -> None:
    waiting = regulated(ground)
    ground.desk.approve(person("grace"), waiting.id)

    enforce(ground, 14 * DAY - 1)
    assert [a.by for a in ground.desk.get(person("sam"), waiting.id).approvals] == ["grace"]
    while enforce(ground):
        """Reminders are due as well."""
    enforce(ground, 1)

    found = ground.desk.get(person("sam"), waiting.id)
    assert (found.state, found.approvals) == (State.AWAITING_APPROVAL, ())
    assert found.lapsed
    assert (found.lapsed.by, found.lapsed.because) == (("grace",), "it was given more than 14 days ago")
    ground.desk.approve(person("grace"), waiting.id)
    assert ground.desk.approve(person("rosa"), waiting.id).state is State.QUEUED


def test_only_the_approval_that_is_old_lapses(ground: Ground) -> None:
    waiting = regulated(ground)
    ground.desk.approve(person("grace"), waiting.id)
    ground.cloud.clock.advance(DAY)
    ground.desk.approve(person("rosa"), waiting.id)

    enforce(ground, 13 * DAY)

    found = ground.desk.get(person("sam"), waiting.id)
    assert [approval.by for approval in found.approvals] == ["rosa"]
    assert found.state is State.AWAITING_APPROVAL


def test_a_queued_request_goes_back_to_its_approvers_and_its_workflow_is_woken(ground: Ground) -> None:
    waiting = regulated(ground)
    for name in ("grace", "rosa"):
        ground.desk.approve(person(name), waiting.id)
    gate = Gate(name="create", callback="cb-1", since=ground.cloud.clock.now())
    ground.at(waiting.id, State.QUEUED, gate=gate, started=True)
    ground.engine.asleep.add("cb-1")

    enforce(ground, 14 * DAY)
    ground.dispatcher.tick()

    assert ground.records.get(waiting.id).state is State.AWAITING_APPROVAL
    assert ground.engine.woken == ["cb-1"]


def test_a_parked_request_stays_parked_and_needs_its_approvals_when_it_is_taken_up(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")
    ground.desk.approve(person("grace"), waiting.id)
    ground.at(waiting.id, State.PARKED)

    enforce(ground, 14 * DAY)

    assert ground.records.get(waiting.id).state is State.PARKED
    assert ground.desk.resume(person("ada"), waiting.id).state is State.AWAITING_APPROVAL


def test_once_aws_was_asked_the_approval_has_done_its_work(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")
    ground.desk.approve(person("grace"), waiting.id)
    ground.at(waiting.id, State.PARKED, asked_aws_at=ground.cloud.clock.now())

    assert enforce(ground, 30 * DAY) == 0
    assert ground.desk.resume(person("ada"), waiting.id).state is State.QUEUED


def test_what_nobody_decides_on_is_rejected_after_a_month_and_gives_its_name_back(ground: Ground) -> None:
    waiting = regulated(ground)
    enforce(ground, 30 * DAY - 1)
    while enforce(ground):
        """Others are told, and approvers reminded."""

    before = ground.desk.get(person("ada"), waiting.id).state
    enforce(ground, 1)

    ended = ground.desk.get(person("ada"), waiting.id)
    assert before is State.AWAITING_APPROVAL
    assert (ended.state, ended.rejected_by, ended.reason) == (
        State.REJECTED,
        "Freehold",
        "nobody decided within 30 days",
    )
    assert logged(ground, "nobody decided") == 1
    assert ground.ask(name=waiting.name, purpose="asked again").id != waiting.id, "the name is free again"


def test_a_request_whose_account_exists_is_never_given_up(ground: Ground) -> None:
    waiting = regulated(ground)
    ground.at(waiting.id, State.AWAITING_APPROVAL, asked_aws_at=ground.cloud.clock.now(), account_id="111122223333")

    for _ in range(5):
        enforce(ground, 30 * DAY)

    assert ground.desk.get(person("ada"), waiting.id).state is State.AWAITING_APPROVAL
