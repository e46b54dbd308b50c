from typing import Any

from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.notices.book import TEMPLATES, NoticeBook
from vending.notices.letter import Letter
from vending.requests.deadlines import Deadlines
from vending.requests.herald import Herald
from vending.requests.model import Cause, State

PORTAL = "https://freehold.acme.example"
CAUSE = Cause(code="EMAIL_ALREADY_EXISTS", sentence="It is in use.", remedy="Edit it.", who="requester")


def book(ground: Ground) -> NoticeBook:
    return NoticeBook(ground.services.company, ground.services.table, ground.cloud.clock, PORTAL, (TEMPLATES,))


def tell(ground: Ground) -> list[Letter]:
    """One round; what was told so far, oldest first."""
    Herald(ground.services.company, ground.services.table, ground.records, book(ground)).tell()
    return list(reversed(book(ground).page(person("sam")).items))


def told(ground: Ground) -> list[str]:
    return [letter.event for letter in tell(ground)]


def audiences(letter: Letter) -> set[str]:
    return {str(copy.audience) for copy in letter.deliveries}


def log(ground: Ground, request_id: str, what: str, **update: Any) -> None:
    """A change as the worker logs it."""
    ground.records.change(request_id, "workflow", what, lambda r: r.model_copy(update=update))


def test_approvers_are_told_that_their_decision_is_wanted_once(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")

    assert (told(ground), told(ground)) == (["decision-wanted"], ["decision-wanted"])

    [letter] = tell(ground)
    assert audiences(letter) == {"approvers"}
    assert letter.subject == "payments waits for your decision on payments-sandbox"
    assert f"{PORTAL}/requests/{waiting.id}" in letter.text
    assert "Rule: everything else (workload-prod is of class prod" in letter.text


def test_a_request_that_needs_nobody_tells_nobody(ground: Ground) -> None:
    ground.ask()

    assert told(ground) == []


def test_a_change_lapses_what_was_approved_and_wants_a_new_decision(ground: Ground) -> None:
    waiting = ground.ask(template="regulated", data_class="restricted")
    ground.desk.approve(person("grace"), waiting.id)
    tell(ground)

    ground.desk.edit(person("ada"), waiting.id, {"monthly_budget_usd": 200}, "*")

    letters = tell(ground)
    [lapsed] = [letter for letter in letters if letter.event == "approval-lapsed"]
    [anew] = [letter for letter in letters if letter.event == "decision-wanted" and "200 USD" in letter.text]
    assert audiences(lapsed) == {"person ada", "team payments", "person grace"}
    assert "the request was changed" in lapsed.text
    assert "It was changed since it was asked for" in anew.text


def test_ready_parked_and_rejected_are_told_to_whom_it_concerns(ground: Ground) -> None:
    made, stuck, refused = (ground.ask(name=f"payments-{n}", template="workload-prod") for n in "abc")
    tell(ground)

    log(ground, made.id, "ready", state=State.READY, account_id="111122223333")
    log(ground, stuck.id, "parked", state=State.PARKED, parked=CAUSE)
    ground.desk.reject(person("grace"), refused.id, "use the other one")

    letters = {letter.event: letter for letter in tell(ground)}
    ready, parked, rejected = (letters[f"request-{what}"] for what in ("ready", "parked", "rejected"))
    assert audiences(ready) == {"person ada", "team payments"}
    assert audiences(parked) == {"person ada", "team payments"}
    assert audiences(rejected) == {"person ada", "team payments"}
    assert f"{PORTAL}/accounts/111122223333" in ready.text
    assert "What to do: Edit it." in parked.text
    assert "grace rejected the request for payments-c of payments: use the other one" in rejected.text


def test_operators_read_what_aws_calls_the_call_and_the_team_does_not(ground: Ground) -> None:
    stuck = ground.ask()
    log(ground, stuck.id, "parked", state=State.PARKED, parked=CAUSE.model_copy(update={"aws_request_id": "aws-1"}))

    letters = {letter.event: letter for letter in tell(ground)}

    assert audiences(letters["request-stuck"]) == {"operators"}
    assert "AWS's id of the call: aws-1" in letters["request-stuck"].text
    assert "aws-1" not in letters["request-parked"].text
    assert [letter.event for letter in book(ground).page(person("ada")).items] == ["request-parked"]
    by = {name: ground.desk.get(person(name), stuck.id).parked for name in ("ada", "omar")}
    assert {name: cause.aws_request_id for name, cause in by.items() if cause} == {"ada": "", "omar": "aws-1"}


def test_a_request_that_parks_again_is_told_again(ground: Ground) -> None:
    stuck = ground.ask()
    for _ in range(2):
        log(ground, stuck.id, "parked", state=State.PARKED, parked=CAUSE)
        tell(ground)
        ground.desk.resume(person("ada"), stuck.id)

    assert sorted(told(ground)) == ["request-parked", "request-parked", "request-stuck", "request-stuck"]


def test_everybody_who_must_know_is_told_of_a_broken_glass(ground: Ground) -> None:
    waiting = ground.ask(template="workload-prod")
    ground.desk.approve(person("omar"), waiting.id, break_glass=True, reason="pay day")

    [letter] = tell(ground)

    assert letter.subject == "Break-glass: omar approved payments-sandbox of payments alone"
    expected = {"approvers", "security", "operators", "escalation", "person ada", "team payments"}
    assert audiences(letter) == expected
    assert "pay day" in letter.text


def test_time_is_told_too(ground: Ground) -> None:
    ground.ask(template="workload-prod")
    deadlines = Deadlines(ground.services.company, ground.records, ground.cloud.clock)
    for _ in range(3):
        ground.cloud.clock.advance(24 * 3600)
        while deadlines.enforce():
            """Whatever is due."""

    letters = tell(ground)

    events = [letter.event for letter in letters]
    assert events.count("decision-reminder") == 1, "what is told late is told once"
    [escalated] = [letter for letter in letters if letter.event == "decision-escalated"]
    assert audiences(escalated) == {"escalation", "approvers"}
    assert "For 72 hours" in escalated.text


def test_who_died_before_writing_down_how_far_it_came_tells_nothing_twice(ground: Ground) -> None:
    ground.ask(template="workload-prod")
    tell(ground)
    place = ground.services.table.get("NOTICES", "PLACE")
    assert place

    ground.services.table.put(type(place)(place.pk, place.sk, {"seq": 0}, place.version))

    assert told(ground) == ["decision-wanted"]
