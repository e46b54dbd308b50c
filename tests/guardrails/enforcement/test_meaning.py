"""What a plan changes for whom, where and by what: seen from the statements themselves, not from cases alone."""

from dataclasses import replace
from typing import Any

import pytest

from guardrails.compiler import Document, PolicyKind
from guardrails.enforcement.live import Live
from guardrails.enforcement.meaning import Flip, find_flips, summarise
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import make_plan
from guardrails.enforcement.room import Room, find_room
from guardrails.guardrail import Guardrail
from tests.guardrails.enforcement.test_plan import FULL, NAMES, of
from tests.guardrails.ground import catalogue, deny, document, policy

SANDBOX, DEV = (Node(f"ou-{c}", c.title(), c, ("r-1", f"ou-{c}")) for c in ("sandbox", "dev"))
FAR = "ap-southeast-2"
Said = tuple[str, str, str, str]


def flips(
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    kind: PolicyKind = PolicyKind.SCP,
    guardrails: tuple[Guardrail, ...] = (),
) -> tuple[Flip, ...]:
    """What it changes that one statement takes the place of another, in the sandbox and in dev."""
    other = deny("Other", "polly:DeleteLexicon")
    if kind is PolicyKind.RCP:
        other["Principal"] = "*"
    old, new = (
        tuple(document(policy(other, *([each] if each else [])), node.ou_class, kind) for node in (SANDBOX, DEV))
        for each in (before, after)
    )
    live = live_with(old)
    return find_flips(make_plan(new, (SANDBOX, DEV), live, NAMES).steps, (SANDBOX, DEV), live, guardrails)


def live_with(documents: tuple[Document, ...]) -> Live:
    """FullAWSAccess everywhere, and each document at the OU of its class."""
    objects = [of(each) for each in documents]
    attached: dict[str, tuple[str, ...]] = {"r-1": (FULL.id,), SANDBOX.id: (FULL.id,), DEV.id: (FULL.id,)}
    for one, each in zip(documents, objects, strict=True):
        attached[f"ou-{one.ou_class}"] += (each.id,)
    return Live({each.id: each for each in (FULL, *objects)}, attached)


def said(found: tuple[Flip, ...], who: str = "a person of the team") -> set[Said]:
    return {(flip.action, flip.region, flip.before, flip.after) for flip in found if flip.who == who}


def region(*allowed: str) -> dict[str, Any]:
    return deny("Region", "ec2:RunInstances", Condition={"StringNotEquals": {"aws:RequestedRegion": list(allowed)}})


def test_a_region_more_is_a_region_in_which_calls_are_answered_differently() -> None:
    found = flips(region("eu-west-1"), region("eu-west-1", "eu-central-1"))

    assert said(found) == {("ec2:RunInstances", "eu-central-1", "deny", "allow")}
    assert {flip.ou for flip in found} == {"Sandbox", "Dev"}


def test_a_guardrail_that_goes_away_is_told_though_no_case_is_left_to_tell_it() -> None:
    found = flips(deny("Gone", ["kms:ScheduleKeyDeletion", "kms:Disable*"]), None)

    assert said(found) == {
        ("kms:ScheduleKeyDeletion", "", "deny", "allow"),
        ("kms:Disable*", "", "deny", "allow"),
    }
    assert {(flip.guardrail, flip.call) for flip in found} == {("", "statement Gone")}


def test_of_a_longer_list_only_what_was_added_is_told() -> None:
    found = flips(
        deny("Keys", ["kms:ScheduleKeyDeletion"]), deny("Keys", ["kms:ScheduleKeyDeletion", "kms:DisableKey"])
    )

    assert said(found) == {("kms:DisableKey", "", "allow", "deny")}


def test_an_exemption_is_told_of_whom_it_is_for() -> None:
    exempt = {"ArnNotLike": {"aws:PrincipalArn": ["arn:*:iam::*:role/train/ranking"]}}

    found = flips(deny("Big", "ec2:RunInstances"), deny("Big", "ec2:RunInstances", Condition=exempt))

    assert {(flip.principal, flip.before, flip.after) for flip in found} == {("role/train/ranking", "deny", "allow")}


def test_what_a_call_has_to_carry_is_told_with_it() -> None:
    def within(days: str) -> dict[str, Any]:
        key = "kms:ScheduleKeyDeletionPendingWindowInDays"
        return deny("Window", "kms:ScheduleKeyDeletion", Condition={"NumericLessThan": {key: days}})

    found = flips(within("7"), within("30"))

    [words] = {flip.call for flip in found}
    assert words == "statement Window, with kms:ScheduleKeyDeletionPendingWindowInDays=7"


def test_an_rcp_is_asked_by_callers_from_outside_too() -> None:
    org = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}}
    closed = {**deny("Outside", "s3:GetObject", Condition=org), "Principal": "*"}

    found = flips(None, closed, PolicyKind.RCP)

    assert said(found, "a caller from outside") == {("s3:GetObject", "", "allow", "deny")}


def test_a_statement_is_told_by_the_guardrail_that_it_is_of() -> None:
    [leave] = [each for each in catalogue() if each.id == "org.leave"]
    only = replace(leave, statements=tuple(replace(each, sid="Mine") for each in leave.statements))

    found = flips(None, deny("Mine", "organizations:LeaveOrganization"), guardrails=(only,))

    assert {flip.guardrail for flip in found} == {"org.leave"}


def test_what_several_ous_and_actions_have_in_common_is_summed_up() -> None:
    found = summarise(flips(None, deny("Polly", ["polly:PutLexicon", "polly:GetLexicon"])))

    [people] = [change for change in found if change.who == "a person of the team"]
    assert (people.ous, people.actions) == (("Sandbox", "Dev"), ("polly:PutLexicon", "polly:GetLexicon"))
    assert (people.before, people.after, people.region) == ("allow", "deny", "")


def test_nothing_is_told_where_only_the_text_is_another_one() -> None:
    assert flips(deny("One", ["kms:DisableKey"]), deny("Two", "kms:DisableKey")) == ()


@pytest.mark.parametrize("kind", [PolicyKind.SCP, PolicyKind.RCP])
def test_room_is_what_ours_and_others_leave(kind: PolicyKind) -> None:
    ours = document(policy(deny("X", "s3:GetObject")), "sandbox", kind)

    found = find_room((ours,), (SANDBOX,), live_with(()))

    theirs = Room("Sandbox", PolicyKind.SCP, int(kind is PolicyKind.SCP), 1, 10)
    assert found == ((theirs,) if kind is PolicyKind.SCP else (theirs, Room("Sandbox", PolicyKind.RCP, 1, 0, 5)))
