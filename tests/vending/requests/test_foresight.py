"""What can be known before AWS is asked is refused before AWS is asked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.local.faults.fault import ServerError
from tests.vending.ground import Ground
from tests.vending.parts import asked, person
from vending.core.errors import BadInput, Conflict
from vending.ports import Holds
from vending.requests.model import State
from vending.requests.outlook import KEPT
from vending.requests.record import reservation

POLICY = {
    "costcenter": {
        "tag_key": {"@@assign": "CostCenter"},
        "tag_value": {"@@assign": ["100", "2*"]},
        "enforced_for": {"@@assign": ["organizations:account"]},
    },
    "service": {"tag_value": {"@@assign": ["only-reported"]}},
}


def refused(ground: Ground, **changes: Any) -> BadInput:
    before = ground.services.table.count("all", "requests")
    with pytest.raises(BadInput) as caught:
        ground.ask(**changes)
    assert ground.services.table.count("all", "requests") == before
    return caught.value


def bind_tags(ground: Ground, tags: Mapping[str, Any]) -> None:
    organizations = ground.cloud.client("organizations")
    made = organizations.create_policy(
        Type="TAG_POLICY", Name="tags", Description="", Content=json.dumps({"tags": tags})
    )
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)


def test_an_ou_that_is_not_there_is_told_before(ground: Ground) -> None:
    company = ground.services.company
    ou_classes = {**company.ou_classes, "sandbox": "Sandpit"}

    error = refused(ground.governed_by(company.model_copy(update={"ou_classes": ou_classes})))

    assert (error.errors[0].field, error.errors[0].reason) == ("template", "the organisation has no OU named Sandpit")


def test_an_ou_that_is_not_registered_is_told_before(ground: Ground) -> None:
    organizations = ground.cloud.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.create_organizational_unit(ParentId=root, Name="Fresh")
    company = ground.services.company
    ou_classes = {**company.ou_classes, "sandbox": "Fresh"}

    error = refused(ground.governed_by(company.model_copy(update={"ou_classes": ou_classes})))

    assert error.errors[0].reason == "the OU Fresh is not registered with Control Tower"


def test_without_room_nobody_is_let_in_and_closed_accounts_count(ground: Ground) -> None:
    first = ground.ask()
    made = ground.make_account(ground.at(first.id))
    ground.at(first.id, State.READY)
    ground.cloud.client("organizations").close_account(AccountId=made.account_id)
    ground.cloud.clock.advance(3600)
    there = len(ground.organization.recent().accounts)
    ground.cloud.limits.change("organizations.accounts", there)
    ground.cloud.clock.advance(3600)

    with pytest.raises(Conflict) as caught:
        ground.ask(name="payments-two")

    used = f"{there} of {there} accounts are there (1 of them closed, which count for 90 days)"
    assert caught.value.sentence == f"There is no room for another account: {used}."
    assert "raise the Organizations quota" in caught.value.remedy


def test_an_open_invitation_takes_the_room_of_an_account_until_it_is_cancelled(ground: Ground) -> None:
    organizations, there = ground.cloud.client("organizations"), len(ground.organization.recent().accounts)
    ground.cloud.limits.change("organizations.accounts", there + 1)
    invited = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": "999999999999"})

    with pytest.raises(Conflict, match="1 more are invited"):
        ground.ask()
    organizations.cancel_handshake(HandshakeId=invited["Handshake"]["Id"])
    ground.cloud.clock.advance(KEPT.total_seconds())

    assert ground.ask().state is State.QUEUED


def test_those_that_are_promised_take_room_and_those_that_wait_for_approval_do_not(ground: Ground) -> None:
    there = len(ground.organization.recent().accounts)
    ground.cloud.limits.change("organizations.accounts", there + 2)
    ground.ask(name="payments-prod", template="workload-prod")

    ground.ask(name="payments-one")
    quota = ground.desk.plan(person("ada"), asked(name="payments-two")).quota
    ground.ask(name="payments-two")
    with pytest.raises(Conflict, match="2 more are under way"):
        ground.ask(name="payments-three")

    assert (quota.limit, quota.used, quota.waiting, quota.left) == (there + 2, there, 1, 1)


def test_what_aws_does_not_tell_is_unknown_and_stops_nobody(ground: Ground) -> None:
    ground.spoil(ServerError(kind="server_error", calls="service-quotas.GetServiceQuota"))

    plan = ground.desk.plan(person("ada"), asked())
    made = ground.ask()

    assert (plan.quota.limit, plan.quota.check.holds) == (None, Holds.UNKNOWN)
    assert "AWS refused service-quotas:GetServiceQuota" in plan.quota.unknown
    assert made.state is State.QUEUED


@pytest.mark.parametrize(
    ("tags", "field", "reason"),
    [
        ({"costcenter": "100"}, "tags.costcenter", "the tag policy wants the key written 'CostCenter'"),
        ({"CostCenter": "300"}, "tags.CostCenter", "the tag policy allows 100, 2*, not '300'"),
    ],
)
def test_a_tag_that_the_policy_forbids_is_named(ground: Ground, tags: dict[str, str], field: str, reason: str) -> None:
    bind_tags(ground, POLICY)

    error = refused(ground, tags=tags)

    assert [(found.field, found.reason) for found in error.errors] == [(field, reason)]


@pytest.mark.parametrize("tags", [{"CostCenter": "250"}, {"service": "anything"}, {}])
def test_a_tag_that_fits_or_is_only_reported_passes(ground: Ground, tags: dict[str, str]) -> None:
    bind_tags(ground, POLICY)

    assert ground.ask(tags=tags).state is State.QUEUED


def test_a_tag_policy_against_the_platform_s_own_tags_is_the_platform_s_to_mend(ground: Ground) -> None:
    enforced = {"tag_value": {"@@assign": ["x"]}, "enforced_for": {"@@assign": ["organizations:*"]}}
    bind_tags(ground, {"freehold:team": enforced})

    with pytest.raises(Conflict, match="The tag policy allows x, not 'payments'"):
        ground.ask()


def test_an_email_that_was_given_out_is_never_given_out_again(ground: Ground) -> None:
    ground = ground.governed_by(ground.services.company.model_copy(update={"email": "aws+{name}@acme.example"}))
    burned = reservation("EMAIL", "aws+payments-one@acme.example", "req-0", ground.cloud.clock.now())
    ground.services.table.put(burned)

    error = refused(ground, name="payments-one")

    assert error.errors[0].field == "name"
    assert "which was given to another account before" in error.errors[0].reason


def test_an_email_of_an_account_that_others_made_is_known_too(ground: Ground) -> None:
    ground = ground.governed_by(ground.services.company.model_copy(update={"email": "aws+{name}@acme.example"}))

    error = refused(ground, name="audit")

    assert "is the address of account" in error.errors[0].reason


@pytest.mark.parametrize("pattern", ["a {id}@acme.example", "{id}@acme", "a,{id}@acme.example", ".{id}@acme.example"])
def test_an_address_that_aws_would_not_take_is_told_before(ground: Ground, pattern: str) -> None:
    error = refused(ground.governed_by(ground.services.company.model_copy(update={"email": pattern})))

    assert "which is no address that AWS takes" in error.errors[0].reason


def test_a_plan_says_when_it_would_be_ready_and_what_was_found_out(ground: Ground) -> None:
    plan = ground.desk.plan(person("ada"), asked())
    later = ground.desk.plan(person("ada"), asked(template="workload-prod"))

    assert plan.ready_at
    assert (plan.ready_at - ground.cloud.clock.now()).total_seconds() > 600
    assert later.ready_at is None
    assert {check.id: check.holds for check in plan.checks} == dict.fromkeys(
        ("quota", "ou", "email", "tags"), Holds.YES
    )


def test_an_edit_is_checked_like_a_new_request(ground: Ground) -> None:
    bind_tags(ground, POLICY)
    waiting = ground.ask(template="workload-prod")

    with pytest.raises(BadInput, match="CostCenter"):
        ground.desk.edit(person("ada"), waiting.id, {"tags": {"CostCenter": "300"}}, "*")
