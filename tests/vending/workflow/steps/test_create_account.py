from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.faults.fault import LoseAnswer
from tests.vending.ground import Ground
from tests.vending.parts import person
from tests.vending.web.ground import Session
from vending.core.aws import Aws
from vending.core.errors import AwsDenied, AwsFailed, AwsThrottled
from vending.requests.model import State
from vending.workflow.step import Done, Parked, Pending
from vending.workflow.steps.create_account import DOUBT, STEP, made_before, tags_of

LISTED_AT_ONCE = 8 * 20
"""Calls that AWS takes in a row, times the entries of a page."""


def test_aws_is_asked_once_and_the_answer_is_kept(ground: Ground) -> None:
    record = ground.creating()

    with ground.counted("organizations", "CreateAccount") as calls:
        outcomes = [ground.run(STEP, record) for _ in range(3)]

    kept = ground.records.get(record.id)
    assert len(calls) == 1
    assert outcomes == [Done(f"AWS calls it {kept.creation_id}")] * 3


def test_the_account_carries_the_request_s_id_and_its_team_s_tags(ground: Ground) -> None:
    record = ground.creating(tags={"service": "gateway"})
    ground.run(STEP, record)
    ground.cloud.clock.advance(3600)

    [account] = ground.accounts_named(record.asked.name)
    listed = ground.cloud.client("organizations").list_tags_for_resource(ResourceId=account["Id"])["Tags"]

    assert account["Email"] == record.email
    assert {tag["Key"]: tag["Value"] for tag in listed} == tags_of(record)
    assert tags_of(record)["freehold:request-id"] == record.id
    assert tags_of(record)["service"] == "gateway"


def test_a_call_whose_answer_was_lost_is_looked_up_and_not_made_again(ground: Ground) -> None:
    record = ground.creating()
    ground.spoil(LoseAnswer(kind="lose_answer", calls="organizations.CreateAccount", count=1))

    outcome = ground.run(STEP, record)
    with ground.counted("organizations", "CreateAccount") as calls:
        under_way = ground.run(STEP, record)
        ground.cloud.clock.advance(3600)
        found = ground.run(STEP, record)

    [account] = ground.accounts_named(record.asked.name)
    assert isinstance(outcome, Pending)
    assert isinstance(under_way, Pending)
    assert found == Done(f"AWS calls it {account['Id']}")
    assert ground.records.get(record.id).account_id == account["Id"]
    assert calls == []


def test_among_more_creations_than_aws_lists_at_once_a_lost_answer_is_found_at_the_first_look(ground: Ground) -> None:
    def pause(seconds: float) -> None:
        ground.cloud.clock.advance(seconds)

    patient = Aws(Session(ground.cloud), ground.services.aws.home_region, pause=pause)
    for number in range(LISTED_AT_ONCE):
        named = {"Email": f"x{number}@acme.example", "AccountName": f"other-{number}"}
        ground.cloud.client("organizations").create_account(**named)
        ground.cloud.clock.advance(3600)
    record = ground.creating()
    ground.spoil(LoseAnswer(kind="lose_answer", calls="organizations.CreateAccount", count=1))
    ground.run(STEP, record)
    ground.cloud.clock.advance(3600)
    ground.cloud.limits.enforced = True

    found = replace(ground, services=replace(ground.services, aws=patient)).run(STEP, record)

    ground.cloud.limits.enforced = False
    [account] = ground.accounts_named(record.asked.name)
    assert found == Done(f"AWS calls it {account['Id']}")


def test_a_call_that_never_arrived_is_made_again_after_a_time_of_doubt(ground: Ground) -> None:
    record = ground.creating()
    ground.at(record.id, asked_aws_at=ground.services.clock.now())

    with ground.counted("organizations", "CreateAccount") as calls:
        doubtful = ground.run(STEP, record)
        ground.cloud.clock.advance(DOUBT.total_seconds() - 1)
        still_doubtful = ground.run(STEP, record)
        in_doubt = len(calls)
        ground.cloud.clock.advance(1)
        done = ground.run(STEP, record)

    assert isinstance(doubtful, Pending)
    assert isinstance(still_doubtful, Pending)
    assert in_doubt == 0
    assert isinstance(done, Done)
    assert len(calls) == 1


def test_somebody_else_s_account_of_the_same_name_is_not_taken(ground: Ground) -> None:
    record = ground.creating()
    ground.at(record.id, asked_aws_at=ground.services.clock.now() - timedelta(hours=1))
    ground.cloud.client("organizations").create_account(Email="x@acme.example", AccountName=record.asked.name)

    under_way = ground.run(STEP, record)
    ground.cloud.clock.advance(3600)
    asked = ground.run(STEP, record)
    ground.cloud.clock.advance(3600)

    assert isinstance(under_way, Pending)
    assert isinstance(asked, Done)
    assert made_before(ground.services, record) is not None
    assert {a["Email"] for a in ground.accounts_named(record.asked.name)} == {"x@acme.example", record.email}


def test_what_aws_refuses_at_once_leaves_no_doubt(ground: Ground) -> None:
    record = ground.creating()

    with (
        ground.refused("organizations", "CreateAccount", "AccessDeniedException"),
        pytest.raises(AwsDenied) as denied,
    ):
        ground.run(STEP, record)

    assert denied.value.aws_request_id == "aws-request-1"
    assert ground.records.get(record.id).asked_aws_at is None


def test_a_refusal_does_not_settle_the_doubt_about_an_earlier_call(ground: Ground) -> None:
    earlier = ground.services.clock.now() - timedelta(hours=1)
    record = ground.at(ground.creating().id, asked_aws_at=earlier)

    with (
        ground.refused("organizations", "CreateAccount", "TooManyRequestsException"),
        pytest.raises(AwsThrottled),
    ):
        ground.run(STEP, record)

    assert ground.records.get(record.id).asked_aws_at == earlier


@pytest.mark.parametrize("reason", ["ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"])
def test_a_limit_that_passes_by_waiting_is_waited_for(ground: Ground, reason: str) -> None:
    record = ground.creating()

    with (
        ground.refused("organizations", "CreateAccount", "ConstraintViolationException", reason),
        pytest.raises(AwsThrottled),
    ):
        ground.run(STEP, record)

    assert isinstance(ground.run(STEP, record), Done)


def test_an_edit_that_comes_just_before_the_call_holds_it_back(ground: Ground) -> None:
    record = ground.creating()
    etag = ground.desk.get(person("ada"), record.id).etag
    ground.desk.edit(person("ada"), record.id, {"purpose": "something better"}, etag)

    with ground.counted("organizations", "CreateAccount") as calls:
        outcome = STEP.run(ground.services, record)

    assert isinstance(outcome, Pending)
    assert calls == []
    assert ground.records.get(record.id).asked_aws_at is None


def test_of_two_workers_that_ask_at_the_same_moment_one_asks_aws(ground: Ground) -> None:
    record = ground.creating()

    first, second = (STEP.run(ground.services, record) for _ in range(2))

    assert (type(first), type(second)) == (Done, Pending)
    assert ground.records.get(record.id).creation_id is not None


def test_a_refusal_does_not_settle_the_doubt_about_another_worker_s_call(ground: Ground) -> None:
    record = ground.creating()

    def ask_beside() -> None:
        ground.at(record.id, asked_aws_at=ground.cloud.clock.now() + timedelta(minutes=1))

    with (
        ground.meanwhile("organizations", "CreateAccount", ask_beside),
        ground.refused("organizations", "CreateAccount", "TooManyRequestsException"),
        pytest.raises(AwsFailed),
    ):
        STEP.run(ground.services, record)

    assert ground.records.get(record.id).asked_aws_at is not None


def test_a_cancellation_that_comes_just_before_the_call_holds_it_back(ground: Ground) -> None:
    record = ground.creating()
    ground.desk.cancel(person("ada"), record.id)

    with ground.counted("organizations", "CreateAccount") as calls:
        STEP.run(ground.services, record)

    assert calls == []
    assert ground.records.get(record.id).state is State.CANCELLED


def test_a_cancelled_request_in_doubt_is_looked_up_and_never_asked_again(ground: Ground) -> None:
    record = ground.creating()
    ground.at(record.id, asked_aws_at=ground.services.clock.now())
    ground.desk.cancel(person("ada"), record.id)

    with ground.counted("organizations", "CreateAccount") as calls:
        doubtful = ground.run(STEP, record)
        ground.cloud.clock.advance(DOUBT.total_seconds())
        with pytest.raises(Parked) as parked:
            ground.run(STEP, record)

    assert isinstance(doubtful, Pending)
    assert parked.value.cause.code == "cancelled"
    assert "made no account" in parked.value.sentence
    assert calls == []
    assert ground.records.get(record.id).asked_aws_at is None
