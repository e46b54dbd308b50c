"""What explains a finding, as its reader sees it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from audit.estate import AuditedAccount
from audit.finding import Cell, Observation, Reading, Seen, State
from audit.run import RunState
from audit.waivers.waiver import Proposal
from audit.why import Cause, Explanation, Kind
from tests.audit.conftest import Doors
from tests.audit.ground import (
    MANAGEMENT,
    PAYMENTS,
    RULE,
    SEARCH,
    batch_of,
    bucket,
    cell,
    end_at,
    person,
    reading,
    run_of,
)

SOURCES = ("config", "control-tower", "organizations", "baseline")


def run(
    doors: Doors, number: int, at: datetime, readings: Sequence[Reading], payments: AuditedAccount = PAYMENTS
) -> None:
    batch = batch_of(doors.folder, readings, (payments, SEARCH, MANAGEMENT), SOURCES)
    begun = run_of(number).model_copy(update={"started_at": at})
    doors.audit.ledger.merge(batch, begun, end_at(at, RunState.SUCCEEDED))


def shop(state: State, at: datetime) -> Reading:
    return reading(Seen((bucket("shop", state, at),)), at=at)


def policy(state: State, at: datetime) -> Reading:
    hangs = Observation("ou-1", "AWS::Organizations::OrganizationalUnit", state, "It is not attached.", at, "Dev")
    where = Cell("organizations", "policy/s3", MANAGEMENT.account_id, "eu-west-1")
    return reading(Seen((hangs,)), where, at)


def baseline(account: AuditedAccount, state: State, at: datetime) -> Reading:
    drift = Observation(account.account_id, "AWS::::Account", state, "The baseline has drifted.", at)
    where = Cell("control-tower", "baseline/AWSControlTowerBaseline", account.account_id, "eu-west-1")
    return reading(Seen((drift,)), where, at)


def explained(doors: Doors, username: str = "sam") -> Explanation:
    found = doors.api("sam").get("/findings", params={"q": "shop"}).json()["items"][0]["finding_id"]
    answer = doors.api(username).get(f"/findings/{found}/why")
    assert answer.status_code == 200, answer.text
    return Explanation.model_validate(answer.json())


def kinds(causes: Sequence[Cause]) -> list[Kind]:
    return [one.kind for one in causes]


def test_a_detached_policy_and_the_account_s_own_drift_are_near_but_not_another_s(doors: Doors) -> None:
    start = doors.cloud.clock.now() - timedelta(days=2)
    good = [shop(State.PASS, start), policy(State.PASS, start)]
    run(doors, 1, start, [*good, baseline(PAYMENTS, State.PASS, start), baseline(SEARCH, State.PASS, start)])
    drifted = start + timedelta(hours=20)
    broken = [shop(State.PASS, drifted), policy(State.FAIL, drifted)]
    run(doors, 2, drifted, [*broken, baseline(PAYMENTS, State.FAIL, drifted), baseline(SEARCH, State.FAIL, drifted)])
    at = drifted + timedelta(hours=3)
    still = [policy(State.FAIL, at), baseline(PAYMENTS, State.FAIL, at), baseline(SEARCH, State.FAIL, at)]
    run(doors, 3, at, [shop(State.FAIL, at), *still])

    told = explained(doors)

    assert sorted(kinds(told.causes)) == [Kind.DRIFT, Kind.POLICY]
    assert {one.seconds for one in told.causes} == {-3 * 3600}
    assert told.note == ""
    page = doors.signed_in("sam").get(f"/findings/{told.finding_id}").text
    assert "3 h before" in page
    assert "Nearness is no proof" in page
    assert kinds(explained(doors, "ada").causes) == [Kind.DRIFT]


def test_a_lapsed_waiver_explains_what_fails_again(doors: Doors) -> None:
    clock = doors.cloud.clock
    run(doors, 1, clock.now(), [shop(State.FAIL, clock.now())])
    until = clock.now() + timedelta(days=2)
    asked = Proposal(control_id=RULE, team="payments", reason="Moving.", ticket="SEC-1", expires_at=until)
    waiver = doors.audit.waivers.propose(person("sam"), asked)
    doors.audit.waivers.approve(person("rosa"), waiver.id)
    clock.advance(timedelta(days=3).total_seconds())

    (cause,) = explained(doors).causes

    assert (cause.kind, cause.seconds, cause.link) == (Kind.WAIVER, 0.0, f"/waivers/{waiver.id}")
    assert "SEC-1" in cause.sentence


def test_a_move_between_runs_explains_what_began_to_fail(doors: Doors) -> None:
    start = doors.cloud.clock.now() - timedelta(days=1)
    run(doors, 1, start, [shop(State.PASS, start)])
    at = start + timedelta(hours=2)
    moved = replace(PAYMENTS, ou="Prod")
    run(doors, 2, at, [shop(State.FAIL, at)], moved)

    (cause,) = explained(doors).causes

    assert (cause.kind, cause.seconds) == (Kind.MOVE, 0.0)
    assert "from the OU Dev to Prod" in cause.sentence


def test_what_was_done_to_the_account_here_is_told(doors: Doors) -> None:
    start = doors.cloud.clock.now()
    run(doors, 1, start, [shop(State.PASS, start)])
    table = doors.audit.waivers.book.table
    table.commit("omar", "opened the quarantine", SEARCH.account_id, {})
    doors.cloud.clock.advance(600)
    table.commit("omar", "lifted the quarantine", PAYMENTS.account_id, {})
    doors.cloud.clock.advance(600)
    at = doors.cloud.clock.now()
    run(doors, 2, at, [shop(State.FAIL, at)])

    (cause,) = explained(doors).causes

    assert (cause.kind, cause.sentence, cause.seconds) == (Kind.DEED, "omar: lifted the quarantine.", -600.0)


def test_where_nothing_is_known_nothing_is_guessed(doors: Doors) -> None:
    start = doors.cloud.clock.now() - timedelta(days=1)
    run(doors, 1, start, [shop(State.FAIL, start)])
    assert explained(doors).note == "It was so when the audit looked for the first time: why is not known."

    later = start + timedelta(hours=2)
    run(doors, 2, later, [shop(State.PASS, later)])

    assert explained(doors).causes == ()
    assert explained(doors).note == "Nothing that is known here happened near it: why is not known."


def test_nobody_is_told_why_of_what_is_not_theirs(doors: Doors) -> None:
    start = doors.cloud.clock.now()
    run(doors, 1, start, [reading(Seen((bucket("shop", State.FAIL, start),)), cell(SEARCH), start)])
    found = doors.api("sam").get("/findings").json()["items"][0]["finding_id"]

    assert doors.api("ada").get(f"/findings/{found}/why").status_code == 404
    assert doors.api("ada").get(f"/findings/{found}").status_code == 404
    assert doors.api("tom").get(f"/findings/{found}/why").status_code == 200
