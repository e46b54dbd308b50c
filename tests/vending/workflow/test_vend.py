from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.vending.line import Line
from tests.vending.parts import asked, connect, person
from vending.core.errors import Conflict, NotAllowed, Stale
from vending.requests.model import State, StepState


@pytest.fixture
def line(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Line]:
    line = Line(cloud, connect(cloud, monkeypatch), tmp_path)
    yield line
    line.stop()


def test_a_sandbox_is_made_without_anybody_s_approval(line: Line) -> None:
    request = line.ask()

    ready = line.until_over(request.id)

    assert (ready.state, ready.parked) == (State.READY, None)
    [account] = line.accounts_of(request.id)
    assert account["Id"] == ready.account_id
    assert account["Email"] == ready.email
    assert {entry.state for entry in ready.timeline} == {StepState.DONE}


def test_a_ready_account_is_in_its_ou_open_and_proved(line: Line) -> None:
    ready = line.until_over(line.ask().id)

    account = line.accounts.show(person("ada"), str(ready.account_id))
    evidence = line.accounts.evidence(person("ada"), str(ready.account_id))

    assert (account.ou, account.team, account.state) == ("Sandbox", "payments", "active")
    assert not line.baseline.isolated(account.account_id)
    assert evidence.items
    assert evidence.missing == ()


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
    line.until(request.id, lambda seen: seen.state in (State.CREATING, State.ENROLLING))
    line.desk.cancel(person("ada"), request.id)

    parked = line.until_over(request.id)

    assert parked.parked is not None
    assert parked.parked.code == "cancelled"
    if parked.account_id:
        assert line.baseline.isolated(parked.account_id)


def test_what_does_not_hold_is_not_handed_over(line: Line) -> None:
    request = line.ask()
    line.until(request.id, lambda seen: seen.state is State.VERIFYING or seen.state is State.READY)
    ready = line.until_over(request.id)

    member = line.cloud.session(str(ready.account_id))
    member.client("ec2").disable_ebs_encryption_by_default()
    evidence = line.accounts.verify(person("omar"), str(ready.account_id))

    assert [item.id for item in evidence.missing] == ["ebs.enc/eu-west-1"]


def test_the_same_key_and_body_is_the_same_request(line: Line) -> None:
    first = line.desk.submit(person("ada"), asked(), "one key")

    again = line.desk.submit(person("ada"), asked(), "one key")

    assert again.id == first.id


def test_several_requests_at_once_are_all_made(line: Line) -> None:
    ids = [line.ask(name=f"payments-{n}").id for n in range(4)]

    states = [line.until_over(id_).state for id_ in ids]

    assert states == [State.READY] * 4
    assert all(len(line.accounts_of(id_)) == 1 for id_ in ids)
