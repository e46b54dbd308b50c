import threading
from typing import Any

import pytest

from tests.vending.ground import Ground
from tests.vending.parts import asked, person
from vending.core.errors import BadInput, Conflict, FreeholdError, Malformed, NotAllowed, NotFound, Stale
from vending.requests.model import Cause, Request, State
from vending.requests.record import Gate

ADA, TOM, GRACE, ROSA, OMAR, SAM = map(person, ("ada", "tom", "grace", "rosa", "omar", "sam"))
BROKEN = Cause(code="INTERNAL_FAILURE", sentence="AWS failed.", remedy="Resume it.", who="operator")


def queued(ground: Ground, request: Request, *, granted: bool = False) -> None:
    """Let the request wait at the gate of CreateAccount, as the worker would."""
    now = ground.services.clock.now()
    gate = Gate(name="create", callback=f"gate of {request.id}", since=now, granted_at=now if granted else None)
    ground.engine.asleep.add(gate.callback)
    ground.at(request.id, State.QUEUED, gate=gate, started=True)


def names(error: pytest.ExceptionInfo[BadInput]) -> list[str]:
    return [found.field for found in error.value.errors]


class TestAsking:
    def test_a_request_starts_its_execution(self, ground: Ground) -> None:
        request = ground.ask()

        assert ground.engine.started == [request.id]
        assert request.state is State.QUEUED

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"team": "nobody"}, "team"),
            ({"regions": ["us-west-2"]}, "regions"),
            ({"monthly_budget_usd": -1}, "monthly_budget_usd"),
            ({"name": "Security!"}, "name"),
        ],
    )
    def test_what_is_wrong_is_named_by_submit_and_by_plan_and_nothing_is_written(
        self, ground: Ground, change: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(BadInput) as submitted:
            ground.ask(**change)
        with pytest.raises(BadInput) as planned:
            ground.desk.plan(ADA, asked(**change))

        assert names(submitted) == names(planned) == [field]
        assert ground.desk.list(SAM).items == ()
        assert list(ground.services.table.log()) == []

    def test_the_name_of_an_account_that_freehold_did_not_make_is_taken_too(self, ground: Ground) -> None:
        ground.cloud.client("organizations").create_account(Email="x@acme.example", AccountName="old-lab")
        ground.cloud.clock.advance(3600)

        with pytest.raises(BadInput, match="old-lab"):
            ground.ask(name="old-lab")

    def test_an_e_mail_that_would_be_too_long_is_refused_by_its_length(self, ground: Ground) -> None:
        long = ground.services.company.model_copy(update={"email": "aws+{name}-{team}@a-rather-long-name.acme.example"})

        with pytest.raises(BadInput, match="AWS takes 64"):
            ground.governed_by(long).ask(name="p" * 40)

    def test_a_plan_says_who_must_agree_and_what_will_be_done(self, ground: Ground) -> None:
        plan = ground.desk.plan(ADA, asked(template="regulated", data_class="restricted"))

        assert (plan.approvers_needed, plan.rule, plan.ou) == (2, "card and health data", "Regulated")
        assert plan.steps[0].step == "Ask AWS for the account"
        assert plan.seconds == sum(step.seconds for step in plan.steps)
        assert ground.desk.list(SAM).items == ()

    def test_what_the_team_s_budget_does_not_cover_needs_an_approver(self, ground: Ground) -> None:
        ground.ask(name="payments-prod", template="workload-prod", monthly_budget_usd=11_950)

        request = ground.ask(monthly_budget_usd=100)

        assert (request.state, request.rule) == (State.AWAITING_APPROVAL, "everything else")

    def test_a_key_belongs_to_its_caller(self, ground: Ground) -> None:
        first = ground.desk.submit(ADA, asked(), "k")

        second = ground.desk.submit(TOM, asked(team="search", name="search-lab"), "k")

        assert first.id != second.id

    def test_a_key_used_for_another_body_is_refused(self, ground: Ground) -> None:
        ground.desk.submit(ADA, asked(), "k")

        with pytest.raises(BadInput) as refused:
            ground.desk.submit(ADA, asked(purpose="something else"), "k")

        assert names(refused) == ["Idempotency-Key"]

    @pytest.mark.parametrize("keys", [("k1", "k2"), ("k", "k")])
    def test_of_two_at_the_same_moment_for_one_name_one_is_made(self, ground: Ground, keys: tuple[str, str]) -> None:
        together = threading.Barrier(2)
        outcomes: list[Request | FreeholdError] = []

        def submit(key: str) -> None:
            together.wait()
            try:
                outcomes.append(ground.desk.submit(ADA, asked(), key))
            except FreeholdError as error:
                outcomes.append(error)

        threads = [threading.Thread(target=submit, args=(key,)) for key in keys]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        made = {outcome.id for outcome in outcomes if isinstance(outcome, Request)}
        assert len(made) == 1
        assert len(ground.desk.list(SAM).items) == 1
        assert all(isinstance(o, (Request, BadInput)) for o in outcomes)

    def test_people_are_offered_their_own_teams(self, ground: Ground) -> None:
        assert list(ground.desk.choices(ADA).teams) == ["payments"]
        assert set(ground.desk.choices(OMAR).teams) == set(ground.services.company.teams)


class TestSeeing:
    def test_another_team_s_request_does_not_exist(self, ground: Ground) -> None:
        request = ground.ask()

        for act in (ground.desk.get, ground.desk.cancel, ground.desk.resume, ground.desk.approve):
            with pytest.raises(NotFound) as others:
                act(TOM, request.id)
            with pytest.raises(NotFound) as nobodys:
                act(TOM, "req-0")
            assert others.value.sentence.replace(request.id, "req-0") == nobodys.value.sentence
            assert others.value.remedy == nobodys.value.remedy

    def test_pages_follow_each_other_newest_first_without_gap_or_repetition(self, ground: Ground) -> None:
        ids = [ground.ask(name=f"payments-{n}").id for n in range(5)]
        ground.ask(team="search", name="search-lab", who="tom")

        first = ground.desk.list(ADA, limit=2)
        second = ground.desk.list(ADA, limit=2, cursor=first.next)
        third = ground.desk.list(ADA, limit=2, cursor=second.next)

        assert [r.id for page in (first, second, third) for r in page.items] == sorted(ids, reverse=True)

    def test_a_list_is_of_one_state_if_wanted(self, ground: Ground) -> None:
        ground.ask()
        waiting = ground.ask(name="payments-prod", template="workload-prod")

        assert [r.id for r in ground.desk.list(SAM, states=["awaiting_approval"]).items] == [waiting.id]
        with pytest.raises(BadInput, match="no state 'waiting'"):
            ground.desk.list(SAM, states=["waiting"])

    @pytest.mark.parametrize("cursor", ["!", "e30=", "MQ==", "WzEsMiwzLDRd", "é"])
    def test_a_cursor_that_is_none_is_refused(self, ground: Ground, cursor: str) -> None:
        with pytest.raises(BadInput) as refused:
            ground.desk.list(SAM, cursor=cursor)

        assert names(refused) == ["cursor"]

    def test_a_cursor_of_another_team_s_list_is_refused(self, ground: Ground) -> None:
        for n in range(2):
            ground.ask(name=f"payments-{n}")
        page = ground.desk.list(SAM, team="payments", limit=1)

        with pytest.raises(BadInput):
            ground.desk.list(SAM, team="search", cursor=page.next)

    def test_who_waits_at_a_gate_has_a_place_and_a_date(self, ground: Ground) -> None:
        first, second = ground.ask(name="payments-1"), ground.ask(name="payments-2")
        queued(ground, first)
        ground.cloud.clock.advance(1)
        queued(ground, second)

        seen = ground.desk.get(ADA, second.id)

        assert seen.position == 2
        assert seen.eta is not None
        assert seen.waiting_for == "its turn: AWS makes five accounts at a time (place 2)"


class TestDeciding:
    @pytest.mark.parametrize("who", ["tom", "omar", "sam"])
    def test_only_approvers_decide(self, ground: Ground, who: str) -> None:
        request = ground.ask(template="workload-prod")

        with pytest.raises((NotAllowed, NotFound)):
            ground.desk.approve(person(who), request.id)
        with pytest.raises((NotAllowed, NotFound)):
            ground.desk.reject(person(who), request.id, "no")

    def test_nobody_decides_on_their_own_team_s_request(self, ground: Ground) -> None:
        request = ground.ask(template="workload-prod")
        company = ground.services.company
        approver_in_team = company.caller("grace", ("team-payments", *company.people["grace"].groups))

        with pytest.raises(NotAllowed):
            ground.desk.approve(approver_in_team, request.id)

    def test_an_approval_wakes_the_sleeping_workflow(self, ground: Ground) -> None:
        request = ground.ask(template="workload-prod")
        ground.at(request.id, State.AWAITING_APPROVAL, callback="asleep")
        ground.engine.asleep.add("asleep")

        approved = ground.desk.approve(GRACE, request.id, request.hash)

        assert approved.state is State.QUEUED
        assert ground.engine.woken == ["asleep"]

    def test_there_is_nothing_to_decide_on_what_was_approved_automatically(self, ground: Ground) -> None:
        request = ground.ask()

        with pytest.raises(Conflict, match="awaits no decision"):
            ground.desk.approve(GRACE, request.id)

    def test_a_rejection_needs_a_reason(self, ground: Ground) -> None:
        request = ground.ask(template="workload-prod")

        with pytest.raises(BadInput) as refused:
            ground.desk.reject(GRACE, request.id, "  ")

        assert names(refused) == ["reason"]

    def test_a_reason_that_would_command_a_terminal_is_refused(self, ground: Ground) -> None:
        request = ground.ask(template="workload-prod")

        with pytest.raises(BadInput) as refused:
            ground.desk.reject(GRACE, request.id, "no \x1b[2J")

        assert names(refused) == ["reason"]

    def test_what_aws_was_asked_for_is_not_rejected_any_more(self, ground: Ground) -> None:
        request = ground.ask(template="workload-prod")
        ground.at(request.id, State.AWAITING_APPROVAL, asked_aws_at=ground.services.clock.now())

        with pytest.raises(Conflict):
            ground.desk.reject(GRACE, request.id, "no")


class TestWithdrawing:
    def test_a_cancelled_request_gives_its_name_and_its_e_mail_back(self, ground: Ground) -> None:
        by_name = ground.services.company.model_copy(update={"email": "aws+{name}@acme.example"})
        ground = ground.governed_by(by_name)
        request = ground.ask()

        ground.desk.cancel(ADA, request.id)
        again = ground.ask(purpose="asked once more")

        assert (again.name, again.email) == (request.name, request.email)

    def test_a_request_cancelled_in_the_queue_leaves_it_and_wakes_its_workflow(self, ground: Ground) -> None:
        request = ground.ask()
        queued(ground, request)

        cancelled = ground.desk.cancel(ADA, request.id)

        assert (cancelled.state, cancelled.position) == (State.CANCELLED, None)
        assert ground.engine.woken == [f"gate of {request.id}"]

    @pytest.mark.parametrize("state", [State.READY, State.REJECTED, State.CANCELLED])
    def test_what_has_ended_is_neither_cancelled_nor_edited_nor_resumed(self, ground: Ground, state: State) -> None:
        request = ground.ask()
        ground.at(request.id, state)
        etag = ground.desk.get(ADA, request.id).etag

        with pytest.raises(Conflict):
            ground.desk.cancel(ADA, request.id)
        with pytest.raises(Conflict):
            ground.desk.resume(ADA, request.id)
        with pytest.raises(Conflict) as refused:
            ground.desk.edit(ADA, request.id, {"purpose": "another one"}, etag)

        assert not isinstance(refused.value, Stale)
        assert ground.desk.get(ADA, request.id).state is state

    def test_a_request_aws_was_asked_for_goes_on_until_its_account_can_be_closed(self, ground: Ground) -> None:
        request = ground.ask()
        ground.at(request.id, State.CREATING, asked_aws_at=ground.services.clock.now())

        cancelled = ground.desk.cancel(ADA, request.id)

        assert cancelled.state is State.CREATING
        assert cancelled.cancel_wanted_by == "ada"
        with pytest.raises(Conflict, match="ada cancelled the request already"):
            ground.desk.cancel(OMAR, request.id)


class TestResuming:
    def test_a_parked_request_goes_on_in_another_round(self, ground: Ground) -> None:
        request = ground.ask()
        ground.engine.asleep.add("asleep")
        ground.at(request.id, State.PARKED, parked=BROKEN, callback="asleep", creation_failed="INTERNAL_FAILURE")

        resumed = ground.desk.resume(OMAR, request.id)

        record = ground.records.get(request.id)
        assert (resumed.state, resumed.parked, record.round, record.creation_failed) == (State.QUEUED, None, 2, None)
        assert ground.engine.woken == ["asleep"]

    def test_only_what_is_parked_is_resumed(self, ground: Ground) -> None:
        request = ground.ask()

        with pytest.raises(Conflict, match="not parked"):
            ground.desk.resume(ADA, request.id)


class TestEditing:
    def edit(self, ground: Ground, request_id: str, patch: Any, who: str = "ada") -> Request:
        etag = ground.desk.get(OMAR, request_id).etag
        return ground.desk.edit(person(who), request_id, patch, f'"{etag}"')

    def test_a_merge_patch_merges_tags_and_null_removes_one(self, ground: Ground) -> None:
        request = ground.ask(tags={"service": "gateway", "stage": "lab"})

        edited = self.edit(ground, request.id, {"tags": {"stage": None, "cost": "4711"}})

        assert edited.tags == {"service": "gateway", "cost": "4711"}

    def test_null_for_what_must_be_there_names_the_field(self, ground: Ground) -> None:
        request = ground.ask()

        with pytest.raises(BadInput) as refused:
            self.edit(ground, request.id, {"purpose": None})

        assert names(refused) == ["purpose"]

    @pytest.mark.parametrize("patch", [[], "text", None, 7])
    def test_a_patch_that_is_no_object_is_refused(self, ground: Ground, patch: Any) -> None:
        request = ground.ask()

        with pytest.raises(Malformed):
            self.edit(ground, request.id, patch)

    def test_an_edit_in_the_queue_keeps_its_place(self, ground: Ground) -> None:
        request = ground.ask()
        queued(ground, request)

        edited = self.edit(ground, request.id, {"purpose": "a better one"})
        woken = ground.dispatcher.tick()

        assert (edited.state, edited.position) == (State.QUEUED, 1)
        assert woken == 1
        assert ground.engine.woken == [f"gate of {request.id}"]

    @pytest.mark.parametrize("granted", [False, True])
    def test_an_edit_that_needs_approval_leaves_the_queue(self, ground: Ground, granted: bool) -> None:
        request = ground.ask()
        queued(ground, request, granted=granted)

        edited = self.edit(ground, request.id, {"data_class": "confidential", "template": "workload-prod"})
        ground.dispatcher.tick()

        gate = ground.records.get(request.id).gate
        assert (edited.state, edited.position) == (State.AWAITING_APPROVAL, None)
        assert ground.engine.woken == [f"gate of {request.id}"]
        assert gate is None or granted == (gate.granted_at is not None)

    def test_a_new_name_is_taken_and_the_old_one_given_back(self, ground: Ground) -> None:
        by_name = ground.services.company.model_copy(update={"email": "aws+{name}@acme.example"})
        ground = ground.governed_by(by_name)
        request = ground.ask()

        renamed = self.edit(ground, request.id, {"name": "payments-two"})
        other = ground.ask(purpose="takes the free name")

        assert renamed.email == "aws+payments-two@acme.example"
        assert other.name == request.name
        with pytest.raises(BadInput, match="payments-two"):
            ground.ask(name="payments-two")

    def test_an_edit_is_checked_like_a_new_request(self, ground: Ground) -> None:
        request = ground.ask()
        ground.ask(name="payments-two")

        with pytest.raises(BadInput) as taken:
            self.edit(ground, request.id, {"name": "payments-two"})
        with pytest.raises(NotAllowed):
            self.edit(ground, request.id, {"team": "search"})

        assert names(taken) == ["name"]

    def test_while_aws_may_have_made_it_the_name_is_fixed(self, ground: Ground) -> None:
        request = ground.ask()
        ground.at(request.id, State.PARKED, parked=BROKEN, asked_aws_at=ground.services.clock.now())

        with pytest.raises(BadInput) as refused:
            self.edit(ground, request.id, {"name": "payments-two"})
        edited = self.edit(ground, request.id, {"purpose": "something better"})

        assert names(refused) == ["name"]
        assert edited.state is State.QUEUED

    def test_what_is_being_made_is_not_edited(self, ground: Ground) -> None:
        request = ground.ask()
        ground.at(request.id, State.CREATING, asked_aws_at=ground.services.clock.now())

        with pytest.raises(Conflict, match="is creating and cannot be edited"):
            self.edit(ground, request.id, {"purpose": "too late"})

    def test_approvals_lapse(self, ground: Ground) -> None:
        request = ground.ask(template="regulated", data_class="restricted")
        ground.desk.approve(GRACE, request.id)

        edited = self.edit(ground, request.id, {"monthly_budget_usd": 200})

        assert edited.approvals == ()
        assert ground.desk.approve(GRACE, request.id).state is State.AWAITING_APPROVAL
        assert ground.desk.approve(ROSA, request.id).state is State.QUEUED
