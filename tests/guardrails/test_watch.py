"""What watches an account is read back: its conformance packs, by their compiled names, and the controls of its OU."""

import pytest

from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import acme, make_account, unit_id
from vending.ports import Holds, NewAccount, Reading

REGIONS = acme().landing_zone.regions


def new(account_id: str, ou_class: str = "regulated") -> NewAccount:
    return NewAccount(account_id, "payments-lab", "payments", ou_class)


def packs_in(cloud: Cloud, region: str) -> list[dict[str, object]]:
    packs = cloud.client("config", region).describe_organization_conformance_packs()
    return list(packs["OrganizationConformancePacks"])


@pytest.fixture
def enrolled(easy_cloud: Cloud, guardrails: Guardrails) -> NewAccount:
    """A regulated account under the applied guardrails, its recorders on."""
    account = make_account(easy_cloud, "Regulated")
    easy_cloud.clock.advance(4 * 3_600)
    guardrails.apply()
    return new(account)


def read(baseline: AccountBaseline, account: NewAccount, promise: str) -> tuple[Holds, str]:
    reading: Reading = baseline.verify(account, promise)
    return reading.holds, reading.found


def test_rules_and_controls_are_promised_and_hold_once_they_are_deployed(
    baseline: AccountBaseline, enrolled: NewAccount
) -> None:
    promised = {promise.id for promise in baseline.describe(enrolled) if not promise.applied}

    assert {"d.s3", "d.root", "net.vpn", "org.leave"} <= promised
    assert read(baseline, enrolled, "net.vpn") == (Holds.YES, "enabled on OU Regulated, without drift")
    holds, found = read(baseline, enrolled, "d.s3")
    assert holds is Holds.YES
    assert all(f" in {region} is in place" in found for region in REGIONS)
    assert found.count(" is in place") == len(REGIONS)


def test_a_pack_that_is_gone_or_has_no_recorder_to_look_with_does_not_hold(
    easy_cloud: Cloud, baseline: AccountBaseline, enrolled: NewAccount
) -> None:
    here, *_ = REGIONS
    [pack] = packs_in(easy_cloud, here)
    name = str(pack["OrganizationConformancePackName"])
    young = new(make_account(easy_cloud, "Regulated", "young"))

    unrecorded = read(baseline, young, "d.s3")
    easy_cloud.client("config", here).delete_organization_conformance_pack(OrganizationConformancePackName=name)
    gone = read(baseline, enrolled, "d.s3")

    assert unrecorded[0] is Holds.NO
    assert "Configuration recorder is not available" in unrecorded[1]
    assert gone[0] is Holds.NO
    assert f"the organisation has no {name} in {here}" in gone[1]


def move(cloud: Cloud, account_id: str, ou: str) -> None:
    organizations = cloud.client("organizations")
    [parent] = organizations.list_parents(ChildId=account_id)["Parents"]
    organizations.move_account(
        AccountId=account_id, SourceParentId=parent["Id"], DestinationParentId=unit_id(cloud, ou)
    )
    cloud.clock.advance(4 * 3_600)


@pytest.mark.parametrize("ou", [None, "Quarantine"])
def test_an_account_that_was_between_classes_when_guardrails_were_applied_is_watched_as_soon_as_it_joins_one(
    easy_cloud: Cloud, baseline: AccountBaseline, guardrails: Guardrails, ou: str | None
) -> None:
    born = make_account(easy_cloud, ou)
    easy_cloud.clock.advance(4 * 3_600)
    guardrails.apply()
    move(easy_cloud, born, "Regulated")

    assert read(baseline, new(born), "d.s3")[0] is Holds.YES
    assert guardrails.drift() == ()


def test_a_pack_that_leaves_the_account_out_holds_once_packs_have_followed_it(
    easy_cloud: Cloud, baseline: AccountBaseline, guardrails: Guardrails
) -> None:
    come = make_account(easy_cloud, "Security")
    guardrails.apply()
    move(easy_cloud, come, "Regulated")

    before = baseline.verify(new(come), "d.s3")
    guardrails.follow()

    assert (before.holds, before.settling) == (Holds.NO, True)
    assert before.found.count("leaves the account out still; packs follow accounts every 10 minutes") == len(REGIONS)
    assert read(baseline, new(come), "d.s3")[0] is Holds.YES
    assert guardrails.drift() == ()


def test_a_control_that_is_off_or_under_change_is_told_apart(
    easy_cloud: Cloud, baseline: AccountBaseline, enrolled: NewAccount
) -> None:
    tower = easy_cloud.client("controltower")
    ou = easy_cloud.client("organizations").describe_organizational_unit(
        OrganizationalUnitId=unit_id(easy_cloud, "Regulated")
    )["OrganizationalUnit"]["Arn"]
    ours = [
        each["arn"]
        for each in tower.list_enabled_controls(targetIdentifier=ou)["enabledControls"]
        if tower.list_tags_for_resource(resourceArn=each["arn"])["tags"]
    ]

    for arn in ours:
        tower.disable_control(enabledControlIdentifier=arn)
    changing = read(baseline, enrolled, "net.vpn")
    easy_cloud.clock.advance(3_600)
    off = read(baseline, enrolled, "net.vpn")
    elsewhere = read(baseline, new(make_account(easy_cloud, None, "stray")), "net.vpn")

    assert changing == (Holds.UNKNOWN, "Control Tower is changing it on OU Regulated")
    assert off == (Holds.NO, "not enabled on OU Regulated")
    assert elsewhere == (Holds.NO, "not below OU Regulated")
