"""Controls and conformance packs on the local cloud: begun, polled, found missing, and brought back."""

from collections.abc import Callable
from typing import Any

import pytest

from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.step import Act
from guardrails.service import GateClosed
from tests.cloud import Cloud
from tests.guardrails.ground import OneTeam, attached, make_account, unit_id
from tests.guardrails.mechanisms import CLASSES, EVERY, Later, WithEvery, control, small
from vending.core.aws import Aws


@pytest.fixture
def every(easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]) -> WithEvery:
    guardrails = WithEvery(aws, small(*CLASSES), easy_cloud.clock, OneTeam(easy_cloud), pause)
    guardrails.apply()
    return guardrails


def ou_arn(cloud: Cloud, name: str) -> str:
    unit = cloud.client("organizations").describe_organizational_unit(OrganizationalUnitId=unit_id(cloud, name))
    return str(unit["OrganizationalUnit"]["Arn"])


def controls(cloud: Cloud, ou: str) -> dict[str, Any]:
    """What is enabled on an OU, by the end of the control's ARN."""
    found = cloud.client("controltower").list_enabled_controls(targetIdentifier=ou_arn(cloud, ou))["enabledControls"]
    names = {each["Arn"]: each["Aliases"][0] for each in catalogue(cloud)}
    return {names.get(each["controlIdentifier"], each["controlIdentifier"]): each for each in found}


def catalogue(cloud: Cloud) -> list[dict[str, Any]]:
    """Every control AWS has, of all pages."""
    pages = cloud.client("controlcatalog").get_paginator("list_controls").paginate()
    return [each for page in pages for each in page["Controls"]]


def packs(cloud: Cloud) -> list[dict[str, Any]]:
    found = cloud.client("config").describe_organization_conformance_packs()["OrganizationConformancePacks"]
    return [pack for pack in found if pack["OrganizationConformancePackName"].startswith("freehold-")]


def test_every_mechanism_is_brought_about_and_then_nothing_is_left_to_do(easy_cloud: Cloud, every: WithEvery) -> None:
    for kind in ("DECLARATIVE_POLICY_EC2", "S3_POLICY", "TAG_POLICY"):
        assert any(name.startswith("freehold-prod") for name in attached(easy_cloud, unit_id(easy_cloud, "Prod"), kind))
    for ou in ("Sandbox", "Prod"):
        assert (
            controls(easy_cloud, ou)["AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION"]["statusSummary"]["status"]
            == "SUCCEEDED"
        )
    [pack] = packs(easy_cloud)
    assert str(pack["OrganizationConformancePackName"]).startswith("freehold-prod-sandbox-")
    assert every.plan().plan.steps == ()
    assert every.drift() == ()


def test_a_conformance_pack_leaves_out_the_accounts_of_other_classes(easy_cloud: Cloud, every: WithEvery) -> None:
    inside, outside = make_account(easy_cloud, "Sandbox"), make_account(easy_cloud, "Dev", "ledger-dev")

    [drift] = every.drift()
    every.apply()

    assert (drift.kind, "leaves out" in drift.detail) == (DriftKind.OUTDATED, True)
    [pack] = packs(easy_cloud)
    assert outside in pack["ExcludedAccounts"]
    assert inside not in pack["ExcludedAccounts"]
    assert every.drift() == ()


def test_a_control_disabled_behind_our_back_is_found_and_enabled_again(easy_cloud: Cloud, every: WithEvery) -> None:
    enabled = controls(easy_cloud, "Prod")["AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION"]
    easy_cloud.client("controltower").disable_control(enabledControlIdentifier=enabled["arn"])
    easy_cloud.clock.advance(3600)

    [drift] = every.drift()
    every.apply()

    assert (drift.kind, drift.policy, drift.target_name) == (
        DriftKind.MISSING,
        "AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION",
        "Prod",
    )
    assert "AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION" in controls(easy_cloud, "Prod")
    assert every.drift() == ()


def test_a_deleted_conformance_pack_is_found_and_put_again(easy_cloud: Cloud, every: WithEvery) -> None:
    [pack] = packs(easy_cloud)
    name = str(pack["OrganizationConformancePackName"])
    easy_cloud.client("config").delete_organization_conformance_pack(OrganizationConformancePackName=name)

    [drift] = every.drift()
    every.apply()

    assert (drift.kind, drift.policy) == (DriftKind.MISSING, name)
    assert [each["OrganizationConformancePackName"] for each in packs(easy_cloud)] == [name]


def test_a_detached_declarative_policy_is_found_and_attached_again(easy_cloud: Cloud, every: WithEvery) -> None:
    prod, organizations = unit_id(easy_cloud, "Prod"), easy_cloud.client("organizations")
    [policy] = organizations.list_policies_for_target(TargetId=prod, Filter="S3_POLICY")["Policies"]
    organizations.detach_policy(PolicyId=policy["Id"], TargetId=prod)

    [drift] = every.drift()
    every.apply()

    assert (drift.kind, drift.policy) == (DriftKind.MISSING, policy["Name"])
    assert every.drift() == ()


def test_a_release_puts_new_things_before_it_takes_old_ones_away(
    easy_cloud: Cloud, every: WithEvery, aws: Aws, pause: Callable[[float], None]
) -> None:
    later = Later(aws, small(*CLASSES), easy_cloud.clock, OneTeam(easy_cloud), pause)

    steps = later.apply().plan.steps

    acts = [step.act for step in steps]
    assert {Act.ENABLE, Act.PUT, Act.DISABLE, Act.DELETE} <= set(acts)
    assert max(acts.index(act) for act in (Act.ENABLE, Act.PUT)) < min(acts.index(a) for a in (Act.DISABLE, Act.DELETE))
    assert "AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION" not in controls(easy_cloud, "Prod")
    assert "AWS-GR_DISALLOW_VPC_INTERNET_ACCESS" in controls(easy_cloud, "Prod")
    assert "AWS-GR_DISALLOW_VPN_CONNECTIONS" in controls(easy_cloud, "Prod")
    assert every.catalogue == EVERY
    assert later.drift() == ()


def test_somebody_elses_control_is_left_alone(easy_cloud: Cloud, every: WithEvery) -> None:
    theirs = next(each["Arn"] for each in catalogue(easy_cloud) if "AWS-GR_RESTRICT_ROOT_USER" in each["Aliases"])
    easy_cloud.client("controltower").enable_control(
        controlIdentifier=theirs, targetIdentifier=ou_arn(easy_cloud, "Prod")
    )
    easy_cloud.clock.advance(3600)

    assert every.plan().plan.steps == ()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (control("CT.GHOST.PV.1"), "enables CT.GHOST.PV.1, which the control catalogue does not have"),
        (
            control("AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION", Size="1"),
            "with the parameter Size, which it does not take",
        ),
        (control("CT.MULTISERVICE.PV.1"), "without the parameter AllowedRegions, which it needs"),
    ],
)
def test_a_control_that_control_tower_would_refuse_stops_everything(
    easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None], wrong: object, sentence: str
) -> None:
    guardrails = WithEvery(aws, small(*CLASSES), easy_cloud.clock, OneTeam(easy_cloud), pause)
    guardrails.choice = (wrong,)  # type: ignore[assignment]

    with pytest.raises(GateClosed, match=sentence):
        guardrails.apply()

    assert packs(easy_cloud) == []
