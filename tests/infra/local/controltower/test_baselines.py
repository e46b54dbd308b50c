"""Registered OUs, auto-enrolment and what it leaves in an account, over HTTP with plain boto3."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.controltower.models import control_tower
from infra.local.controltower.pace import Pace
from infra.local.faults.fault import FailLater
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.controltower.landing import (
    BASELINE,
    LONGEST_ENROLMENT,
    LONGEST_UNIT,
    child_baseline,
    code,
    enrolled,
    move,
    new_account,
    status,
    unit_arn,
    unit_id,
)

REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")


def identity_center(cloud: Cloud) -> list[dict[str, Any]]:
    """The parameter that AWSControlTowerBaseline needs, read as AWS's guide reads it."""
    enabled = cloud.client("controltower").list_enabled_baselines(
        filter={"baselineIdentifiers": ["arn:aws:controltower:eu-west-1::baseline/LN25R72TTG6IGPTQ"]}
    )["enabledBaselines"]
    return [{"key": "IdentityCenterEnabledBaselineArn", "value": enabled[0]["arn"]}]


def test_an_updated_baseline_keeps_its_parameters_to_be_read(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    parent = client.list_enabled_baselines(filter={"targetIdentifiers": [unit_arn("Dev")]})["enabledBaselines"][0]
    given = identity_center(cloud)

    started = client.update_enabled_baseline(
        enabledBaselineIdentifier=parent["arn"], baselineVersion="5.0", parameters=given
    )
    cloud.clock.advance(LONGEST_UNIT)

    details = client.get_enabled_baseline(enabledBaselineIdentifier=parent["arn"])["enabledBaselineDetails"]
    assert details["parameters"] == given
    assert details["statusSummary"] == {
        "status": "SUCCEEDED",
        "lastOperationIdentifier": started["operationIdentifier"],
    }


def test_the_registered_units_of_the_example_carry_the_baseline(cloud: Cloud) -> None:
    answer = cloud.client("controltower").list_enabled_baselines(filter={"baselineIdentifiers": [BASELINE]})

    targets = {enabled["targetIdentifier"] for enabled in answer["enabledBaselines"]}
    assert targets == {unit_arn(name) for name in ("Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security")}
    assert {enabled["statusSummary"]["status"] for enabled in answer["enabledBaselines"]} == {"SUCCEEDED"}


@behaviour("controltower.ListEnabledBaselines")
def test_enabled_baselines_come_in_pages_of_at_least_five(cloud: Cloud) -> None:
    client = cloud.client("controltower")

    first = client.list_enabled_baselines(maxResults=5)
    with pytest.raises(ClientError) as refused:
        client.list_enabled_baselines(maxResults=4)

    assert len(first["enabledBaselines"]) == 5
    assert client.list_enabled_baselines(nextToken=first["nextToken"])["enabledBaselines"]
    assert code(refused) == "ValidationException"


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/account-auto-enrollment.html")
def test_a_moved_account_is_under_change_and_then_enrolled(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")

    move(cloud, account_id, "Dev")

    assert status(cloud, account_id) == "UNDER_CHANGE"
    cloud.clock.advance(LONGEST_ENROLMENT)
    child = child_baseline(cloud, account_id)
    assert child is not None
    assert child["statusSummary"]["status"] == "SUCCEEDED"
    assert child["driftStatusSummary"]["types"]["inheritance"]["status"] == "IN_SYNC"
    assert child["baselineVersion"] == "5.0"


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/account-auto-enrollment.html")
def test_an_enrolment_takes_at_least_four_minutes(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    move(cloud, account_id, "Dev")

    cloud.clock.advance(4 * 60 - 1)

    assert status(cloud, account_id) == "UNDER_CHANGE"


@behaviour("controltower.GetBaselineOperation")
def test_the_operation_of_an_enrolment_can_be_followed(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    move(cloud, account_id, "Dev")
    child = child_baseline(cloud, account_id)
    assert child is not None
    operation_id = child["statusSummary"]["lastOperationIdentifier"]
    client = cloud.client("controltower")

    before = client.get_baseline_operation(operationIdentifier=operation_id)["baselineOperation"]
    cloud.clock.advance(LONGEST_ENROLMENT)
    after = client.get_baseline_operation(operationIdentifier=operation_id)["baselineOperation"]

    assert (before["status"], "endTime" in before) == ("IN_PROGRESS", False)
    assert (after["status"], "endTime" in after) == ("SUCCEEDED", True)


def test_an_account_in_the_root_has_no_baseline_and_records_nothing(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")

    cloud.clock.advance(LONGEST_ENROLMENT)

    assert status(cloud, account_id) is None
    config = cloud.session(account_id).client("config")
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []


def test_an_enrolled_account_records_every_governed_region(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")
    session = cloud.session(account_id)

    recorders = {
        region: session.client("config", region).describe_configuration_recorder_status() for region in REGIONS
    }

    assert all(answer["ConfigurationRecordersStatus"][0]["recording"] for answer in recorders.values())
    channels = session.client("config").describe_delivery_channels()["DeliveryChannels"]
    assert channels[0]["name"] == "aws-controltower-BaselineConfigDeliveryChannel"


def test_an_enrolled_account_has_the_execution_role_and_the_rules_of_its_unit(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")
    session = cloud.session(account_id)

    roles = {role["RoleName"] for role in session.client("iam").list_roles()["Roles"]}
    rules = session.client("config").describe_config_rules()["ConfigRules"]

    assert "AWSControlTowerExecution" in roles
    assert "AWSControlTower_AWS-GR_ENCRYPTED_VOLUMES" in {rule["ConfigRuleName"] for rule in rules}


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/account-auto-enrollment.html")
def test_a_second_move_into_a_unit_that_is_enrolling_conflicts(cloud: Cloud) -> None:
    first, second = new_account(cloud, "one"), new_account(cloud, "two")
    move(cloud, first, "Dev")

    with pytest.raises(ClientError) as refused:
        move(cloud, second, "Dev")

    assert code(refused) == "ConcurrentModificationException"
    cloud.clock.advance(LONGEST_ENROLMENT)
    move(cloud, second, "Dev")
    assert status(cloud, second) == "UNDER_CHANGE"


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/limits.html")
def test_at_most_five_accounts_are_enrolled_at_once(cloud: Cloud) -> None:
    cloud.limits.change("organizations.MoveAccount", 100)
    accounts = [new_account(cloud, f"account-{number}") for number in range(6)]
    for account_id, unit in zip(
        accounts, ("Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security"), strict=True
    ):
        move(cloud, account_id, unit)

    statuses = [status(cloud, account_id) for account_id in accounts]
    cloud.clock.advance(2 * LONGEST_ENROLMENT)

    assert statuses == ["UNDER_CHANGE"] * 5 + [None]
    assert {status(cloud, account_id) for account_id in accounts} == {"SUCCEEDED"}


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/account-auto-enrollment.html")
def test_moving_out_of_registered_units_takes_everything_away(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")

    move(cloud, account_id, "root")
    cloud.clock.advance(LONGEST_ENROLMENT)

    assert status(cloud, account_id) is None
    session = cloud.session(account_id)
    assert session.client("config").describe_configuration_recorders()["ConfigurationRecorders"] == []
    roles = {role["RoleName"] for role in session.client("iam").list_roles()["Roles"]}
    assert "AWSControlTowerExecution" not in roles


def test_moving_between_registered_units_changes_the_parent_of_the_same_baseline(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")
    before = child_baseline(cloud, account_id)

    move(cloud, account_id, "Prod")
    cloud.clock.advance(LONGEST_ENROLMENT)

    after = child_baseline(cloud, account_id)
    assert before is not None
    assert after is not None
    assert before["arn"] == after["arn"]
    assert before["parentIdentifier"] != after["parentIdentifier"]
    assert after["statusSummary"]["status"] == "SUCCEEDED"


def test_an_account_that_leaves_while_it_is_enrolled_ends_without_a_baseline(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    move(cloud, account_id, "Dev")

    move(cloud, account_id, "root")
    cloud.clock.advance(2 * LONGEST_ENROLMENT)

    assert status(cloud, account_id) is None


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/existing-config-resources.html")
def test_a_recorder_of_its_own_makes_an_enrolment_fail(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    cloud.session(account_id).client("config", "us-east-1").put_configuration_recorder(
        ConfigurationRecorder={"name": "mine", "roleARN": f"arn:aws:iam::{account_id}:role/mine"}
    )

    move(cloud, account_id, "Dev")
    cloud.clock.advance(LONGEST_ENROLMENT)

    child = child_baseline(cloud, account_id)
    assert child is not None
    assert child["statusSummary"]["status"] == "FAILED"
    assert child["driftStatusSummary"]["types"]["inheritance"]["status"] == "DRIFTED"
    operation = cloud.client("controltower").get_baseline_operation(
        operationIdentifier=child["statusSummary"]["lastOperationIdentifier"]
    )["baselineOperation"]
    assert "mine" in operation["statusMessage"]


@behaviour("controltower.ResetEnabledBaseline")
def test_resetting_the_unit_enrols_what_failed(cloud: Cloud) -> None:
    cloud.state.faults.add([FailLater(kind="fail_later", calls="organizations.MoveAccount", reason="no stack set")])
    account_id = enrolled(cloud, "payments-dev", "Dev")
    assert status(cloud, account_id) == "FAILED"
    parent = cloud.client("controltower").list_enabled_baselines(filter={"targetIdentifiers": [unit_arn("Dev")]})[
        "enabledBaselines"
    ][0]
    assert parent["driftStatusSummary"]["types"]["inheritance"]["status"] == "DRIFTED"

    cloud.client("controltower").reset_enabled_baseline(enabledBaselineIdentifier=parent["arn"])
    cloud.clock.advance(LONGEST_UNIT)

    assert status(cloud, account_id) == "SUCCEEDED"


@behaviour("controltower.EnableBaseline", "controltower/latest/userguide/limits.html")
def test_one_operation_on_a_unit_at_a_time(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    parents = client.list_enabled_baselines(filter={"baselineIdentifiers": [BASELINE]})["enabledBaselines"]
    client.reset_enabled_baseline(enabledBaselineIdentifier=parents[0]["arn"])

    with pytest.raises(ClientError) as refused:
        client.reset_enabled_baseline(enabledBaselineIdentifier=parents[1]["arn"])

    assert code(refused) == "ConflictException"


@behaviour("controltower.EnableBaseline")
def test_registering_a_unit_enrols_the_accounts_in_it(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Labs")["OrganizationalUnit"]
    account_id = new_account(cloud, "lab")
    organizations.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=unit["Id"])
    assert status(cloud, account_id) is None

    wish = {"baselineIdentifier": BASELINE, "baselineVersion": "5.0", "targetIdentifier": unit["Arn"]}
    with pytest.raises(ClientError) as refused:
        cloud.client("controltower").enable_baseline(**wish)
    cloud.client("controltower").enable_baseline(**wish, parameters=identity_center(cloud))
    cloud.clock.advance(LONGEST_UNIT)

    assert code(refused) == "ValidationException"
    assert status(cloud, account_id) == "SUCCEEDED"


@behaviour("controltower.DisableBaseline")
def test_deregistering_a_unit_lets_its_accounts_and_policies_go(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")
    client = cloud.client("controltower")
    parent = client.list_enabled_baselines(filter={"targetIdentifiers": [unit_arn("Dev")]})["enabledBaselines"][0]

    client.disable_baseline(enabledBaselineIdentifier=parent["arn"])
    cloud.clock.advance(LONGEST_UNIT + LONGEST_ENROLMENT)

    assert status(cloud, account_id) is None
    policies = cloud.client("organizations").list_policies_for_target(
        TargetId=unit_id("Dev"), Filter="SERVICE_CONTROL_POLICY"
    )["Policies"]
    assert [policy["Name"] for policy in policies] == ["FullAWSAccess"]


def test_a_pace_can_stretch_an_enrolment_to_hours(cloud: Cloud) -> None:
    tower = control_tower()
    assert tower is not None, "the example has one"
    tower.pace = Pace(enrolment=(120, 300))
    account_id = new_account(cloud, "payments-dev")
    move(cloud, account_id, "Dev")

    cloud.clock.advance(119 * 60)
    before = status(cloud, account_id)
    cloud.clock.advance(181 * 60)

    assert before == "UNDER_CHANGE"
    assert status(cloud, account_id) == "SUCCEEDED"


@behaviour("controltower.GetEnabledBaseline")
def test_an_unknown_baseline_is_not_found(cloud: Cloud) -> None:
    client = cloud.client("controltower")

    with pytest.raises(ClientError) as refused:
        client.get_baseline(baselineIdentifier="arn:aws:controltower:eu-west-1::baseline/AAAAAAAAAAAAAAAA")

    assert code(refused) == "ResourceNotFoundException"
    assert len(client.list_baselines()["baselines"]) == 10
    assert client.get_baseline(baselineIdentifier=BASELINE)["name"] == "AWSControlTowerBaseline"
