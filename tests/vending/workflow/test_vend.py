from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.faults.fault import DropConnection
from tests.cloud import Cloud
from tests.vending.line import Line
from tests.vending.parts import connect, person
from vending.core.errors import Conflict, NotAllowed, Stale
from vending.requests.model import State, StepState
from vending.workflow.steps import isolate


@pytest.fixture
def line(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Line]:
    line = Line(cloud, connect(cloud, monkeypatch), tmp_path)
    yield line
    line.stop()


def test_production_waits_for_an_approver_who_is_not_the_requester(line: Line) -> None:
    request = line.ask(template="workload-prod")

    with pytest.raises(NotAllowed):
        line.desk.approve(person("ada"), request.id)
    line.desk.approve(person("grace"), request.id, request.hash)
    ready = line.until_over(request.id)

    assert request.state is State.AWAITING_APPROVAL
    assert ready.state is State.READY
    assert [approval.by for approval in ready.approvals] == ["grace"]


def test_a_regulated_account_needs_two_different_approvers(line: Line) -> None:
    request = line.ask(template="regulated", data_class="restricted")

    line.desk.approve(person("grace"), request.id)
    with pytest.raises(Conflict):
        line.desk.approve(person("grace"), request.id)
    waiting = line.desk.get(person("ada"), request.id)
    line.desk.approve(person("rosa"), request.id)

    assert waiting.state is State.AWAITING_APPROVAL
    assert line.until_over(request.id).state is State.READY


def test_an_approval_is_bound_to_what_was_asked(line: Line) -> None:
    request = line.ask(template="workload-prod")
    edited = line.desk.edit(person("ada"), request.id, {"monthly_budget_usd": 200}, request.etag)

    with pytest.raises(Conflict, match="hash"):
        line.desk.approve(person("grace"), request.id, request.hash)

    assert edited.hash != request.hash
    assert edited.approvals == ()


def test_an_edit_of_what_was_read_before_another_edit_is_refused(line: Line) -> None:
    request = line.ask(template="workload-prod")
    line.desk.edit(person("ada"), request.id, {"purpose": "something else"}, request.etag)

    with pytest.raises(Stale):
        line.desk.edit(person("ada"), request.id, {"purpose": "a third thing"}, request.etag)


def test_a_rejected_request_ends_with_its_reason_and_frees_its_name(line: Line) -> None:
    request = line.ask(template="workload-prod")

    rejected = line.desk.reject(person("rosa"), request.id, "use the shared one", request.hash)
    again = line.ask(name=request.name, template="workload-prod", purpose="asked again, better")

    assert (rejected.state, rejected.reason) == (State.REJECTED, "use the shared one")
    assert again.id != request.id
    assert line.accounts_of(request.id) == []


def test_a_taken_e_mail_parks_the_request_and_resuming_makes_it_under_the_same_id(line: Line) -> None:
    request = line.ask(template="workload-prod")
    line.cloud.client("organizations").create_account(Email=request.email, AccountName="somebody-elses")
    line.desk.approve(person("grace"), request.id)

    parked = line.until_over(request.id)
    line.desk.resume(person("ada"), request.id)
    ready = line.until_over(request.id)

    assert parked.state is State.PARKED
    assert parked.parked is not None
    assert parked.parked.code == "EMAIL_ALREADY_EXISTS"
    assert ready.state is State.READY
    assert ready.email != request.email
    assert len(line.accounts_of(request.id)) == 1


def test_cancelling_before_aws_was_asked_ends_the_request(line: Line) -> None:
    request = line.ask(template="workload-prod")

    cancelled = line.desk.cancel(person("ada"), request.id)

    assert cancelled.state is State.CANCELLED
    assert line.accounts_of(request.id) == []


def test_cancelling_afterwards_parks_the_account_in_quarantine(line: Line) -> None:
    request = line.ask()
    line.until(request.id, lambda _: line.records.get(request.id).asked_aws_at is not None)
    line.desk.cancel(person("ada"), request.id)

    parked = line.until_over(request.id)

    [account] = line.accounts_of(request.id)
    assert parked.parked is not None
    assert parked.parked.code == "cancelled"
    assert parked.account_id == account["Id"]
    assert line.baseline.isolated(account["Id"])
    assert line.accounts.show(person("ada"), account["Id"]).state == "quarantined"
    assert [entry.state for entry in parked.timeline if entry.step == isolate.STEP.title] == [StepState.DONE]


def test_a_dropped_connection_keeps_no_account_from_its_quarantine(line: Line) -> None:
    request = line.ask()
    line.until(request.id, lambda seen: seen.state is State.ENROLLING)
    line.cloud.state.faults.add([DropConnection(kind="drop_connection", calls="organizations.AttachPolicy", count=3)])
    line.desk.cancel(person("ada"), request.id)

    parked = line.until_over(request.id)

    assert parked.parked is not None
    assert "could not be put in quarantine" not in parked.parked.sentence
    assert line.cloud.state.faults.by_call["organizations.AttachPolicy"] == 3


def test_an_account_that_cannot_be_closed_is_parked_and_the_operator_told(line: Line) -> None:
    request = line.ask()
    line.until(request.id, lambda seen: seen.state is State.ENROLLING)
    line.cloud.state.faults.add([DropConnection(kind="drop_connection", calls="organizations.AttachPolicy")])
    line.desk.cancel(person("ada"), request.id)

    parked = line.until_over(request.id)

    assert parked.parked is not None
    assert parked.parked.sentence.startswith("ada cancelled the request")
    assert "could not be put in quarantine: AWS did not answer organizations:attach_policy" in parked.parked.sentence
    assert parked.parked.who == "operator"


def test_a_request_cancelled_between_two_steps_has_no_step_that_failed(line: Line) -> None:
    request = line.ask()
    line.until(request.id, lambda _: line.records.get(request.id).asked_aws_at is not None)
    line.until(request.id, lambda seen: seen.state is State.ENROLLING)
    line.desk.cancel(person("ada"), request.id)

    parked = line.until_over(request.id)

    assert parked.parked is not None
    assert parked.parked.code == "cancelled"
    assert {entry.state for entry in parked.timeline} == {StepState.DONE}


def test_a_request_edited_in_the_queue_is_not_made_without_the_approval_it_needs_now(line: Line) -> None:
    request = line.ask()
    queued = line.until_queued(request.id)
    line.desk.edit(person("ada"), request.id, {"template": "workload-prod"}, queued.etag)
    line.until(request.id, lambda _: line.records.get(request.id).callback is not None)

    waiting = line.desk.get(person("ada"), request.id)
    line.desk.approve(person("grace"), request.id)
    ready = line.until_over(request.id)

    [account] = line.accounts_of(request.id)
    assert (waiting.state, line.records.get(request.id).round) == (State.AWAITING_APPROVAL, 1)
    assert (ready.state, ready.template) == (State.READY, "workload-prod")
    assert line.accounts.show(person("ada"), account["Id"]).ou == "Prod"


def test_a_request_cancelled_in_the_queue_ends_its_execution(line: Line) -> None:
    request = line.ask()
    line.until_queued(request.id)

    line.desk.cancel(person("ada"), request.id)
    line.until(request.id, lambda _: line.records.open() == ())

    assert line.accounts_of(request.id) == []
    assert line.records.get(request.id).gate is None


def test_several_requests_at_once_are_all_made(line: Line) -> None:
    ids = [line.ask(name=f"payments-{n}").id for n in range(4)]

    states = [line.until_over(id_).state for id_ in ids]

    assert states == [State.READY] * 4
    assert all(len(line.accounts_of(id_)) == 1 for id_ in ids)
