"""Conformance packs follow accounts that came or moved after guardrails were applied, by themselves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from guardrails.compiler.conformance import MOST_EXCLUDED, ConformancePack
from guardrails.enforcement.conformance_packs import DeployedPack
from guardrails.enforcement.packs import WantedPack, following_steps
from guardrails.following import Following
from tests.cloud import Cloud
from tests.guardrails.ground import OneTeam, make_account, root_id, unit_id
from tests.guardrails.mechanisms import CLASSES, WithEvery, small
from vending.core.aws import Aws

PACK = ConformancePack("eu-west-1", ("prod",), "{}", ("d.root",))
THERE = DeployedPack(PACK.name, PACK.region, frozenset(), "CREATE_SUCCESSFUL", "")


@pytest.fixture
def applied(easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> WithEvery:
    guardrails = WithEvery(aws, small(*CLASSES), easy_cloud.clock, OneTeam(easy_cloud), pause)
    guardrails.apply()
    return guardrails


def left_out(cloud: Cloud) -> set[str]:
    [pack] = cloud.client("config").describe_organization_conformance_packs()["OrganizationConformancePacks"]
    return set(pack["ExcludedAccounts"])


def test_an_account_that_came_after_the_last_apply_gets_the_packs_of_its_class_alone(
    easy_cloud: Cloud, applied: WithEvery
) -> None:
    inside, outside = make_account(easy_cloud, "Prod"), make_account(easy_cloud, "Security", "ledger")
    born, shut = make_account(easy_cloud, None, "born"), make_account(easy_cloud, "Quarantine", "shut")
    before = left_out(easy_cloud)

    [step] = applied.follow()

    assert outside not in before
    assert step.reason == "the accounts that it leaves out are not those of the other OUs"
    assert left_out(easy_cloud) == {*before, outside}
    assert not {inside, born, shut} & left_out(easy_cloud)
    assert applied.follow() == ()
    assert applied.drift() == ()


def test_packs_follow_every_ten_minutes_and_not_more_often(easy_cloud: Cloud, applied: WithEvery) -> None:
    following = Following(applied)
    moved = make_account(easy_cloud, "Security")

    first = following.tick()
    easy_cloud.client("organizations").move_account(
        AccountId=moved, SourceParentId=unit_id(easy_cloud, "Security"), DestinationParentId=root_id(easy_cloud)
    )
    soon = following.tick()
    easy_cloud.clock.advance(timedelta(minutes=10).total_seconds())
    later = following.tick()

    assert (first, soon, later) == (1, 0, 1)
    assert moved not in left_out(easy_cloud)


def test_following_makes_no_pack_and_takes_none_back(easy_cloud: Cloud, applied: WithEvery) -> None:
    make_account(easy_cloud, "Security")
    config = easy_cloud.client("config")
    [pack] = config.describe_organization_conformance_packs()["OrganizationConformancePacks"]
    name = pack["OrganizationConformancePackName"]
    config.delete_organization_conformance_pack(OrganizationConformancePackName=name)

    assert applied.follow() == ()
    assert config.describe_organization_conformance_packs()["OrganizationConformancePacks"] == []


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        ("CREATE_SUCCESSFUL", ["put"]),
        ("UPDATE_FAILED", ["put"]),
        ("UPDATE_IN_PROGRESS", []),
        ("DELETE_IN_PROGRESS", []),
        ("DELETE_FAILED", []),
    ],
)
def test_a_pack_that_aws_is_at_is_left_until_the_next_time(status: str, acts: list[str]) -> None:
    wanted = WantedPack(PACK, frozenset({"111122223333"}))

    steps = list(following_steps([wanted], [replace(THERE, status=status)]))

    assert [step.act for step in steps] == acts


def test_more_exclusions_than_aws_takes_are_left_to_the_plan_to_object_to() -> None:
    wanted = WantedPack(PACK, frozenset(f"{number:012}" for number in range(MOST_EXCLUDED + 1)))

    assert list(following_steps([wanted], [THERE])) == []
