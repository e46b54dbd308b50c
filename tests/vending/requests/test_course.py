from datetime import UTC, datetime, timedelta

from vending.requests.course import Stage, chart
from vending.requests.model import StepState, TimelineEntry

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PLANNED = ("Make", "Move", "Settings", "Verify")


def entry(step: str, state: StepState = StepState.DONE, minute: int = 0, detail: str = "") -> TimelineEntry:
    started = START + timedelta(minutes=minute)
    ended = started + timedelta(minutes=1) if state in (StepState.DONE, StepState.FAILED) else None
    return TimelineEntry(step=step, state=state, started_at=started, ended_at=ended, detail=detail)


def only_parts(stages: tuple[Stage, ...]) -> Stage:
    (stage,) = (stage for stage in stages if stage.parts)
    return stage


def test_before_anything_began_all_is_to_come() -> None:
    course = chart((), PLANNED, "Settings")

    assert course.stages == ()
    assert course.to_come == PLANNED


def test_what_began_stands_before_what_is_to_come() -> None:
    course = chart((entry("Make"), entry("Move", StepState.WAITING, 1, "its turn")), PLANNED, "Settings")

    assert [(stage.title, stage.state) for stage in course.stages] == [
        ("Make", StepState.DONE),
        ("Move", StepState.WAITING),
    ]
    assert course.stages[1].detail == "its turn"
    assert course.to_come == ("Settings", "Verify")


def test_settings_stand_together_and_are_under_way_until_something_follows() -> None:
    settings = (entry("EBS", minute=2), entry("VPC", minute=3))

    under_way = chart((entry("Move"), *settings), PLANNED, "Settings")
    after = chart((entry("Move"), *settings, entry("Verify", StepState.RUNNING, 4)), PLANNED, "Settings")

    assert only_parts(under_way.stages).state is StepState.RUNNING
    assert only_parts(under_way.stages).ended_at is None
    assert under_way.to_come == ("Verify",)
    together = only_parts(after.stages)
    assert (together.title, together.state, together.detail) == ("Settings", StepState.DONE, "2 put in place")
    assert (together.started_at, together.ended_at) == (settings[0].started_at, settings[1].ended_at)
    assert after.to_come == ()


def test_settings_stand_as_the_one_that_waits_or_failed() -> None:
    waiting = chart((entry("EBS"), entry("VPC", StepState.WAITING, 1, "EC2 to answer")), PLANNED, "Settings")
    failed = chart((entry("EBS"), entry("VPC", StepState.FAILED, 1, "denied")), PLANNED, "Settings")

    assert only_parts(waiting.stages).detail == "EC2 to answer"
    assert only_parts(failed.stages).state is StepState.FAILED
    assert only_parts(failed.stages).ended_at is not None


def test_a_second_round_counts_from_where_it_is() -> None:
    rounds = (entry("Make"), entry("Move", StepState.FAILED, 1), entry("Make", StepState.RUNNING, 60))

    course = chart(rounds, PLANNED, "Settings")

    assert [stage.title for stage in course.stages] == ["Make", "Move", "Make"]
    assert course.to_come == ("Move", "Settings", "Verify")
