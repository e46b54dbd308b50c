import pytest

from infra.local.faults.fault import FailLater, failure_reasons
from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.core.errors import Stale
from vending.requests.record import Record
from vending.workflow.causes import MEANINGS
from vending.workflow.step import Done, Parked, Pending
from vending.workflow.steps import create_account
from vending.workflow.steps.await_account import PASSING, STEP, TRIES


def failed(ground: Ground, reason: str, times: int = 1) -> Record:
    """A request whose creation is going to fail for `reason`, and has had the time to."""
    ground.spoil(FailLater(kind="fail_later", calls="organizations.CreateAccount", reason=reason, count=times))
    record = ground.creating()
    ground.run(create_account.STEP, record)
    ground.cloud.clock.advance(3600)
    return record


def look(ground: Ground, record: Record) -> Parked:
    with pytest.raises(Parked) as parked:
        ground.run(STEP, record)
    return parked.value


def test_it_waits_until_the_account_is_there(ground: Ground) -> None:
    record = ground.creating()
    ground.run(create_account.STEP, record)

    waiting = ground.run(STEP, record)
    ground.cloud.clock.advance(3600)
    done = ground.run(STEP, record)

    [account] = ground.accounts_named(record.asked.name)
    assert isinstance(waiting, Pending)
    assert done == Done(f"account {account['Id']}")
    assert ground.records.get(record.id).account_id == account["Id"]


def test_a_second_look_asks_aws_nothing(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    with ground.counted("organizations", "DescribeCreateAccountStatus") as calls:
        done = ground.run(STEP, record)

    assert done == Done(f"account {record.account_id}")
    assert calls == []


@pytest.mark.parametrize("reason", [reason for reason in failure_reasons() if reason not in PASSING])
def test_every_documented_failure_parks_with_its_own_words(ground: Ground, reason: str) -> None:
    record = failed(ground, reason)

    parked = look(ground, record)

    assert parked.cause.code == reason
    assert parked.sentence == MEANINGS[reason].sentence


def test_what_aws_says_passes_is_asked_again_and_parks_only_when_it_does_not(ground: Ground) -> None:
    record = failed(ground, "INTERNAL_FAILURE", TRIES)

    waited = []
    for _ in range(TRIES - 1):
        waited += [ground.run(STEP, record), ground.run(STEP, record)]
        ground.cloud.clock.advance(3600)
    parked = look(ground, record)

    assert all(isinstance(one, Pending) for one in waited)
    assert parked.cause.code == "INTERNAL_FAILURE"
    assert ground.accounts_named(record.asked.name) == []


def test_one_failure_that_passes_makes_one_account_after_all(ground: Ground) -> None:
    record = failed(ground, "INTERNAL_FAILURE")

    ground.run(STEP, record)
    ground.run(STEP, record)
    ground.cloud.clock.advance(3600)
    done = ground.run(STEP, record)

    [account] = ground.accounts_named(record.asked.name)
    assert done == Done(f"account {account['Id']}")


def test_a_worker_that_died_after_reading_the_failure_reads_it_again(ground: Ground) -> None:
    record = failed(ground, "INVALID_ADDRESS")

    first, again = look(ground, record), look(ground, record)

    assert first.cause == again.cause


def test_nothing_is_left_in_the_way_of_another_try(ground: Ground) -> None:
    record = failed(ground, "INVALID_ADDRESS")
    look(ground, record)

    resumed = ground.at(record.id, creation_failed=None)
    with ground.counted("organizations", "CreateAccount") as calls:
        asked_again = ground.run(create_account.STEP, resumed)

    assert (resumed.creation_id, resumed.asked_aws_at, resumed.email) == (None, None, record.email)
    assert isinstance(asked_again, Done)
    assert len(calls) == 1


def test_a_taken_e_mail_is_burned_and_another_one_is_reserved(ground: Ground) -> None:
    record = failed(ground, "EMAIL_ALREADY_EXISTS")

    look(ground, record)

    after = ground.records.get(record.id)
    assert after.email != record.email
    assert after.email_id in after.email
    for email in (record.email, after.email):
        held = ground.services.table.get(f"EMAIL#{email}", "EMAIL")
        assert held is not None
        assert held.body["request_id"] == record.id


def test_an_e_mail_taken_by_an_account_of_our_own_is_that_account(ground: Ground) -> None:
    """An earlier call took place after all: its answer was lost, and the list of creations did not show it in time."""
    record = ground.creating()
    ground.cloud.client("organizations").create_account(Email=record.email, AccountName=record.asked.name)
    ground.cloud.clock.advance(3600)
    ground.run(create_account.STEP, record)
    ground.cloud.clock.advance(3600)

    done = ground.run(STEP, record)

    [account] = ground.accounts_named(record.asked.name)
    assert done == Done(f"account {account['Id']}")


def test_while_an_account_of_our_own_may_be_under_way_its_e_mail_is_not_given_up(ground: Ground) -> None:
    """Another worker's call took place, and AWS was slow to show it: this one's creation fails before that one ends."""
    record = ground.creating()
    ground.cloud.client("organizations").create_account(Email=record.email, AccountName=record.asked.name)
    ground.run(create_account.STEP, record)
    later = ground.run(STEP, record)
    ground.cloud.clock.advance(3600)

    done = ground.run(STEP, record)

    [account] = ground.accounts_named(record.asked.name)
    assert isinstance(later, Pending)
    assert done == Done(f"account {account['Id']}")
    assert ground.records.get(record.id).email == record.email


def test_a_worker_that_sees_a_failure_late_does_not_undo_what_another_did_about_it(ground: Ground) -> None:
    record = ground.records.get(failed(ground, "INVALID_ADDRESS").id)
    look(ground, record)
    ground.at(record.id, creation_failed=None)
    ground.run(create_account.STEP, record)
    asked_anew = ground.records.get(record.id)

    with pytest.raises(Stale):
        STEP.run(ground.services, record)

    assert ground.records.get(record.id) == asked_anew


def test_a_cancelled_request_can_end_once_aws_has_made_nothing(ground: Ground) -> None:
    record = failed(ground, "INVALID_ADDRESS")
    look(ground, record)

    cancelled = ground.desk.cancel(person("ada"), record.id)

    assert cancelled.state.value == "cancelled"
