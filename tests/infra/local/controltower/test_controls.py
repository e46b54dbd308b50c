"""Controls enabled on OUs: their operations, their policies and rules, their drift; with plain boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.controlcatalog.catalogue import read_catalogue
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.controltower.landing import (
    LONGEST_CONTROL,
    LONGEST_UNIT,
    code,
    enrolled,
    unit_arn,
    unit_id,
)

NO_ROOT = "AWS-GR_RESTRICT_ROOT_USER"
NO_INTERNET = "AWS-GR_DISALLOW_VPC_INTERNET_ACCESS"
VERSIONING = "AWS-GR_S3_VERSIONING_ENABLED"


def arn(alias: str) -> str:
    return read_catalogue().of(alias).arn


def enable(cloud: Cloud, alias: str, unit: str = "Dev", **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("controltower").enable_control(
        controlIdentifier=arn(alias), targetIdentifier=unit_arn(unit), **more
    )
    return answer


def on(cloud: Cloud, unit: str, **more: Any) -> list[dict[str, Any]]:
    """Everything ListEnabledControls says of an OU."""
    pages = cloud.client("controltower").get_paginator("list_enabled_controls")
    return [
        control
        for page in pages.paginate(targetIdentifier=unit_arn(unit), **more)
        for control in page["enabledControls"]
    ]


def guardrails(cloud: Cloud, unit: str) -> list[dict[str, Any]]:
    """The policies that Control Tower keeps on an OU."""
    policies = cloud.client("organizations").list_policies_for_target(
        TargetId=unit_id(unit), Filter="SERVICE_CONTROL_POLICY"
    )["Policies"]
    return [policy for policy in policies if policy["Name"].startswith("aws-guardrails-")]


def statements(cloud: Cloud, unit: str) -> dict[str, dict[str, Any]]:
    """Every statement of those policies by its Sid."""
    found: dict[str, dict[str, Any]] = {}
    for policy in guardrails(cloud, unit):
        cloud.clock.advance(1)
        answer = cloud.client("organizations").describe_policy(PolicyId=policy["Id"])
        found |= {one["Sid"]: one for one in json.loads(answer["Policy"]["Content"])["Statement"]}
    return found


def drift(control: dict[str, Any]) -> str:
    return str(control["driftStatusSummary"]["driftStatus"])


def test_the_mandatory_controls_and_a_dozen_detective_ones_are_enabled(cloud: Cloud) -> None:
    enabled = {control["controlIdentifier"] for control in on(cloud, "Prod")}

    assert arn("AWS-GR_CLOUDTRAIL_CHANGE_PROHIBITED") in enabled
    watched = {control.arn for control in read_catalogue().controls if control.is_config_rule}
    assert len(enabled & watched) > 12


def test_mandatory_controls_of_the_log_archive_are_on_security_alone(cloud: Cloud) -> None:
    identifier = arn("AWS-GR_AUDIT_BUCKET_DELETION_PROHIBITED")

    found = cloud.client("controltower").list_enabled_controls(filter={"controlIdentifiers": [identifier]})

    targets = [control["targetIdentifier"] for control in found["enabledControls"]]
    assert targets == [unit_arn("Security")]


@behaviour("controltower.EnableControl")
def test_preventive_controls_take_a_real_policy_slot_and_exempt_control_tower(cloud: Cloud) -> None:
    found = statements(cloud, "Dev")

    assert len(guardrails(cloud, "Dev")) == 1
    assert found["GRCONFIGENABLED"]["Condition"] == {
        "ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/AWSControlTowerExecution"}
    }


@behaviour("controltower.ListEnabledControls")
def test_enabled_controls_come_in_pages_of_two_hundred(cloud: Cloud) -> None:
    for number in range(2):
        enrolled(cloud, f"account-{number}", "Dev")
    client = cloud.client("controltower")

    first = client.list_enabled_controls(includeChildren=True)
    second = client.list_enabled_controls(includeChildren=True, nextToken=first["nextToken"])

    assert len(first["enabledControls"]) == 200
    assert second["enabledControls"]
    with pytest.raises(ClientError) as refused:
        client.list_enabled_controls(nextToken="made-up")
    assert code(refused) == "ValidationException"


@behaviour("controltower.EnableControl")
def test_enabling_takes_time_and_then_denies(cloud: Cloud) -> None:
    started = enable(cloud, NO_ROOT)
    client = cloud.client("controltower")

    before = client.get_control_operation(operationIdentifier=started["operationIdentifier"])["controlOperation"]
    sids_before = set(statements(cloud, "Dev"))
    cloud.clock.advance(LONGEST_CONTROL)
    after = client.get_control_operation(operationIdentifier=started["operationIdentifier"])["controlOperation"]

    assert (before["status"], before["operationType"]) == ("IN_PROGRESS", "ENABLE_CONTROL")
    assert (after["status"], after["enabledControlIdentifier"]) == ("SUCCEEDED", started["arn"])
    assert set(statements(cloud, "Dev")) - sids_before == {"GRRESTRICTROOTUSER"}


@behaviour("controltower.GetEnabledControl")
def test_the_status_is_under_change_meanwhile(cloud: Cloud) -> None:
    started = enable(cloud, NO_ROOT)

    changing = on(cloud, "Dev", filter={"statuses": ["UNDER_CHANGE"]})

    assert [control["arn"] for control in changing] == [started["arn"]]


def test_parameters_go_into_the_policy_and_into_the_answer(cloud: Cloud) -> None:
    exempt = ["arn:aws:iam::*:role/network"]

    started = enable(
        cloud, NO_INTERNET, parameters=[{"key": "ExemptedPrincipalArns", "value": exempt}], tags={"owner": "net"}
    )
    cloud.clock.advance(LONGEST_CONTROL)

    condition = statements(cloud, "Dev")["GRDISALLOWVPCINTERNETACCESS"]["Condition"]
    assert condition["ArnNotLike"]["aws:PrincipalARN"][0] == exempt[0]
    client = cloud.client("controltower")
    details = client.get_enabled_control(enabledControlIdentifier=started["arn"])["enabledControlDetails"]
    assert details["parameters"] == [{"key": "ExemptedPrincipalArns", "value": exempt}]
    assert {region["name"] for region in details["targetRegions"]} == {"eu-west-1", "us-east-1", "eu-central-1"}
    assert client.list_tags_for_resource(resourceArn=started["arn"])["tags"] == {"owner": "net"}


@pytest.mark.parametrize(("exempt", "null"), [([], None), ([True], {"aws:AssumedRoot": ["true"]})])
def test_central_root_access_can_be_exempted(
    cloud: Cloud, exempt: list[bool], null: dict[str, list[str]] | None
) -> None:
    enable(cloud, NO_ROOT, parameters=[{"key": "ExemptAssumeRoot", "value": value} for value in exempt])
    cloud.clock.advance(LONGEST_CONTROL)

    assert statements(cloud, "Dev")["GRRESTRICTROOTUSER"]["Condition"].get("Null") == null


@behaviour("controltower.UpdateEnabledControl")
def test_updating_needs_other_parameters(cloud: Cloud) -> None:
    first = [{"key": "ExemptedPrincipalArns", "value": ["arn:aws:iam::*:role/one"]}]
    started = enable(cloud, NO_INTERNET, parameters=first)
    cloud.clock.advance(LONGEST_CONTROL)
    client = cloud.client("controltower")

    with pytest.raises(ClientError) as refused:
        client.update_enabled_control(enabledControlIdentifier=started["arn"], parameters=first)
    client.update_enabled_control(
        enabledControlIdentifier=started["arn"],
        parameters=[{"key": "ExemptedPrincipalArns", "value": ["arn:aws:iam::*:role/two"]}],
    )
    cloud.clock.advance(LONGEST_CONTROL)

    assert code(refused) == "ValidationException"
    condition = statements(cloud, "Dev")["GRDISALLOWVPCINTERNETACCESS"]["Condition"]
    assert condition["ArnNotLike"]["aws:PrincipalARN"][0] == "arn:aws:iam::*:role/two"


@behaviour("controltower.DisableControl")
def test_disabling_takes_the_statement_away(cloud: Cloud) -> None:
    enable(cloud, NO_ROOT)
    cloud.clock.advance(LONGEST_CONTROL)

    cloud.client("controltower").disable_control(controlIdentifier=arn(NO_ROOT), targetIdentifier=unit_arn("Dev"))
    during = "GRRESTRICTROOTUSER" in statements(cloud, "Dev")
    cloud.clock.advance(LONGEST_CONTROL)

    assert during
    assert "GRRESTRICTROOTUSER" not in statements(cloud, "Dev")
    assert arn(NO_ROOT) not in {control["controlIdentifier"] for control in on(cloud, "Dev")}


def test_a_detective_control_puts_its_rule_into_every_enrolled_account(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")

    enable(cloud, VERSIONING)
    cloud.clock.advance(LONGEST_CONTROL)

    for region in ("eu-west-1", "us-east-1", "eu-central-1"):
        config = cloud.session(account_id).client("config", region)
        rules = config.describe_config_rules(ConfigRuleNames=[f"AWSControlTower_{VERSIONING}"])["ConfigRules"]
        assert rules[0]["Source"]["SourceIdentifier"] == "S3_BUCKET_VERSIONING_ENABLED"


@behaviour("controltower.ListEnabledControls")
def test_the_accounts_of_a_unit_inherit_its_controls(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")
    parent = on(cloud, "Dev")[0]

    inherited = cloud.client("controltower").list_enabled_controls(
        filter={"parentIdentifiers": [parent["arn"]]}, includeChildren=True
    )["enabledControls"]

    assert len(inherited) == 1
    assert inherited[0]["targetIdentifier"].endswith(account_id)
    assert inherited[0]["controlIdentifier"] == parent["controlIdentifier"]
    details = cloud.client("controltower").get_enabled_control(enabledControlIdentifier=inherited[0]["arn"])
    assert details["enabledControlDetails"]["parentIdentifier"] == parent["arn"]


@behaviour("controltower.ListEnabledControls", "controltower/latest/userguide/drift.html")
@pytest.mark.parametrize("how", ["detached", "edited", "deleted"])
def test_a_policy_that_somebody_else_changed_is_drift(cloud: Cloud, how: str) -> None:
    organizations, (policy,) = cloud.client("organizations"), guardrails(cloud, "Dev")
    if how == "edited":
        organizations.update_policy(PolicyId=policy["Id"], Content=ALLOW_ALL)
    else:
        organizations.detach_policy(PolicyId=policy["Id"], TargetId=unit_id("Dev"))
    if how == "deleted":
        organizations.delete_policy(PolicyId=policy["Id"])

    drifted = on(cloud, "Dev", filter={"driftStatuses": ["DRIFTED"]})

    assert arn("AWS-GR_CONFIG_ENABLED") in {control["controlIdentifier"] for control in drifted}
    assert {control["driftStatusSummary"]["types"]["resource"]["status"] for control in drifted} == {"DRIFTED"}
    assert not on(cloud, "Prod", filter={"driftStatuses": ["DRIFTED"]})
    client = cloud.client("controltower")
    zone = client.list_landing_zones()["landingZones"][0]["arn"]
    assert client.get_landing_zone(landingZoneIdentifier=zone)["landingZone"]["driftStatus"]["status"] == "DRIFTED"


ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def test_resetting_the_landing_zone_repairs_the_policies(cloud: Cloud) -> None:
    (policy,) = guardrails(cloud, "Dev")
    cloud.client("organizations").update_policy(PolicyId=policy["Id"], Content=ALLOW_ALL)
    client = cloud.client("controltower")
    zone = client.list_landing_zones()["landingZones"][0]["arn"]

    started = client.reset_landing_zone(landingZoneIdentifier=zone)
    processing = client.get_landing_zone(landingZoneIdentifier=zone)["landingZone"]["status"]
    cloud.clock.advance(40 * 60)

    ended = client.get_landing_zone_operation(operationIdentifier=started["operationIdentifier"])
    assert (processing, ended["operationDetails"]["status"]) == ("PROCESSING", "SUCCEEDED")
    assert not on(cloud, "Dev", filter={"driftStatuses": ["DRIFTED"]})


@behaviour("controltower.ListEnabledControls", "controltower/latest/userguide/drift.html")
def test_detective_controls_are_not_checked_for_drift(cloud: Cloud) -> None:
    found = on(cloud, "Dev", filter={"controlIdentifiers": [arn("AWS-GR_ENCRYPTED_VOLUMES")]})

    assert [drift(control) for control in found] == ["NOT_CHECKING"]


@behaviour("controltower.ResetEnabledControl")
def test_resetting_does_not_work_for_policies_but_for_rules(cloud: Cloud) -> None:
    account_id = enrolled(cloud, "payments-dev", "Dev")
    client = cloud.client("controltower")
    (policy,) = on(cloud, "Dev", filter={"controlIdentifiers": [arn("AWS-GR_CONFIG_ENABLED")]})
    (rule,) = on(cloud, "Dev", filter={"controlIdentifiers": [arn("AWS-GR_ENCRYPTED_VOLUMES")]})

    with pytest.raises(ClientError) as refused:
        client.reset_enabled_control(enabledControlIdentifier=policy["arn"])
    client.reset_enabled_control(enabledControlIdentifier=rule["arn"])
    cloud.clock.advance(LONGEST_CONTROL)

    assert code(refused) == "ValidationException"
    config = cloud.session(account_id).client("config")
    assert config.describe_config_rules(ConfigRuleNames=["AWSControlTower_AWS-GR_ENCRYPTED_VOLUMES"])["ConfigRules"]


@behaviour("controltower.GetControlOperation")
def test_a_policy_for_which_there_is_no_slot_makes_the_operation_fail(cloud: Cloud) -> None:
    cloud.limits.change("organizations.SERVICE_CONTROL_POLICY.attached", 2)
    started = enable(cloud, "CT.MULTISERVICE.PV.1", parameters=[{"key": "AllowedRegions", "value": ["eu-west-1"]}])

    cloud.clock.advance(LONGEST_CONTROL)

    operation = cloud.client("controltower").get_control_operation(operationIdentifier=started["operationIdentifier"])[
        "controlOperation"
    ]
    assert operation["status"] == "FAILED"
    assert operation["statusMessage"]
    (failed,) = on(cloud, "Dev", filter={"statuses": ["FAILED"]})
    assert failed["arn"] == started["arn"]
    assert len(guardrails(cloud, "Dev")) == 1


@pytest.mark.parametrize(
    ("alias", "unit", "refusal"),
    [
        ("AWS-GR_CONFIG_ENABLED", "Dev", "ValidationException"),
        ("AWS-GR_REGION_DENY", "Dev", "ValidationException"),
        ("AWS-GR_ENCRYPTED_VOLUMES", "Dev", "ConflictException"),
        ("CT.MULTISERVICE.PV.1", "Dev", "ValidationException"),
        ("CT.S3.PR.1", "Dev", "NotImplemented"),
    ],
)
def test_what_cannot_be_enabled_is_refused(cloud: Cloud, alias: str, unit: str, refusal: str) -> None:
    with pytest.raises(ClientError) as refused:
        enable(cloud, alias, unit)

    assert code(refused) == refusal


@behaviour("controltower.EnableControl")
def test_an_unregistered_unit_is_not_found(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    labs = organizations.create_organizational_unit(ParentId=root, Name="Labs")["OrganizationalUnit"]

    with pytest.raises(ClientError) as refused:
        cloud.client("controltower").enable_control(controlIdentifier=arn(NO_ROOT), targetIdentifier=labs["Arn"])

    assert code(refused) == "ResourceNotFoundException"


@behaviour("controltower.EnableControl", "controltower/latest/userguide/limits.html")
def test_at_most_so_many_control_operations_are_in_progress(cloud: Cloud) -> None:
    cloud.limits.change("controltower.control_operations", 2)
    enable(cloud, NO_ROOT, "Dev")
    enable(cloud, NO_ROOT, "Prod")

    with pytest.raises(ClientError) as refused:
        enable(cloud, NO_ROOT, "Sandbox")

    assert code(refused) == "ServiceQuotaExceededException"


@behaviour("controltower.ListControlOperations")
def test_operations_are_listed_by_type_and_status(cloud: Cloud) -> None:
    started = enable(cloud, NO_ROOT)

    found = cloud.client("controltower").list_control_operations(
        filter={"statuses": ["IN_PROGRESS"], "controlOperationTypes": ["ENABLE_CONTROL"]}
    )["controlOperations"]

    assert [one["operationIdentifier"] for one in found] == [started["operationIdentifier"]]


def test_a_control_waits_for_the_operation_on_its_unit(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    parent = client.list_enabled_baselines(filter={"targetIdentifiers": [unit_arn("Dev")]})["enabledBaselines"][0]
    client.reset_enabled_baseline(enabledBaselineIdentifier=parent["arn"])

    with pytest.raises(ClientError) as refused:
        enable(cloud, NO_ROOT)

    assert code(refused) == "ConflictException"
    cloud.clock.advance(LONGEST_UNIT)
    assert enable(cloud, NO_ROOT)["arn"]


def test_a_repair_for_which_there_is_no_slot_fails_and_says_so(cloud: Cloud) -> None:
    (policy,) = guardrails(cloud, "Dev")
    cloud.client("organizations").detach_policy(PolicyId=policy["Id"], TargetId=unit_id("Dev"))
    cloud.limits.change("organizations.SERVICE_CONTROL_POLICY.attached", 1)
    client = cloud.client("controltower")
    parent = client.list_enabled_baselines(filter={"targetIdentifiers": [unit_arn("Dev")]})["enabledBaselines"][0]

    started = client.reset_enabled_baseline(enabledBaselineIdentifier=parent["arn"])
    cloud.clock.advance(LONGEST_UNIT)

    operation = client.get_baseline_operation(operationIdentifier=started["operationIdentifier"])["baselineOperation"]
    assert (operation["status"], bool(operation["statusMessage"])) == ("FAILED", True)
    after = client.get_enabled_baseline(enabledBaselineIdentifier=parent["arn"])["enabledBaselineDetails"]
    assert after["statusSummary"]["status"] == "FAILED"


def test_a_landing_zone_that_cannot_be_repaired_has_failed(cloud: Cloud) -> None:
    (policy,) = guardrails(cloud, "Dev")
    cloud.client("organizations").detach_policy(PolicyId=policy["Id"], TargetId=unit_id("Dev"))
    cloud.limits.change("organizations.SERVICE_CONTROL_POLICY.attached", 1)
    client = cloud.client("controltower")
    zone = client.list_landing_zones()["landingZones"][0]["arn"]

    client.reset_landing_zone(landingZoneIdentifier=zone)
    cloud.clock.advance(40 * 60)

    assert client.get_landing_zone(landingZoneIdentifier=zone)["landingZone"]["status"] == "FAILED"


@behaviour("controltower.UntagResource")
def test_the_tags_of_an_enabled_control_come_and_go(cloud: Cloud) -> None:
    client = cloud.client("controltower")
    arn = client.list_enabled_controls()["enabledControls"][0]["arn"]
    client.tag_resource(resourceArn=arn, tags={"by": "us", "for": "all"})

    client.untag_resource(resourceArn=arn, tagKeys=["by"])

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"for": "all"}
