import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend
from tests.infra.local.organizations.test_policy_book import attach, create

DECLARED = {
    "ec2_attributes": {
        "exception_message": {"@@assign": "Ask the platform team."},
        "serial_console_access": {"status": {"@@assign": "disabled"}},
        "image_block_public_access": {"state": {"@@assign": "block_new_sharing"}},
        "snapshot_block_public_access": {"state": {"@@assign": "block_all_sharing"}},
        "instance_metadata_defaults": {
            "http_tokens": {"@@assign": "required"},
            "http_put_response_hop_limit": {"@@assign": "2"},
        },
        "vpc_block_public_access": {"internet_gateway_block": {"mode": {"@@assign": "block_ingress"}}},
    }
}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def member(cloud: Cloud) -> tuple[str, Any]:
    account_id = vend(cloud)
    return account_id, cloud.session(account_id).client("ec2")


def declare(cloud: Cloud, account_id: str, content: Any = DECLARED) -> None:
    attach(cloud, create(cloud, "ec2", "DECLARATIVE_POLICY_EC2", content), account_id)


@behaviour("ec2.ModifyInstanceMetadataDefaults")
def test_metadata_defaults_hold_for_new_instances_and_can_be_left_open_again(cloud: Cloud) -> None:
    _, ec2 = member(cloud)
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)

    run = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="t3.micro")
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)

    assert run["Instances"][0]["MetadataOptions"]["HttpTokens"] == "required"
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}


@behaviour("ec2.ModifyInstanceMetadataDefaults")
def test_a_hop_limit_is_from_one_to_64(cloud: Cloud) -> None:
    _, ec2 = member(cloud)

    with pytest.raises(ClientError) as refused:
        ec2.modify_instance_metadata_defaults(HttpPutResponseHopLimit=65)

    assert code(refused) == "InvalidParameterValue"


@behaviour("ec2.EnableSnapshotBlockPublicAccess")
def test_a_snapshot_is_not_shared_with_everybody_where_that_is_blocked(cloud: Cloud) -> None:
    _, ec2 = member(cloud)
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    share = {"SnapshotId": snapshot, "Attribute": "createVolumePermission", "OperationType": "add"}
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")

    with pytest.raises(ClientError) as refused:
        ec2.modify_snapshot_attribute(GroupNames=["all"], **share)

    assert code(refused) == "OperationNotPermitted"
    ec2.disable_snapshot_block_public_access()
    ec2.modify_snapshot_attribute(GroupNames=["all"], **share)


@behaviour("ec2.EnableImageBlockPublicAccess")
def test_images_of_a_new_account_are_not_shared_with_everybody(cloud: Cloud) -> None:
    _, ec2 = member(cloud)
    instance = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=instance, Name="ours")["ImageId"]

    with pytest.raises(ClientError) as refused:
        ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})

    assert code(refused) == "OperationNotPermitted"
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    ec2.disable_image_block_public_access()
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})


@behaviour("ec2.EnableSerialConsoleAccess")
def test_the_serial_console_is_off_until_it_is_allowed(cloud: Cloud) -> None:
    _, ec2 = member(cloud)

    before = ec2.get_serial_console_access_status()
    ec2.enable_serial_console_access()

    assert not before["SerialConsoleAccessEnabled"]
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"]
    assert not ec2.disable_serial_console_access()["SerialConsoleAccessEnabled"]


@behaviour("ec2.GetSnapshotBlockPublicAccessState", "organizations/latest/userguide/orgs_manage_policies_ec2.html")
def test_what_a_declarative_policy_says_is_how_it_is(cloud: Cloud) -> None:
    account_id, ec2 = member(cloud)

    declare(cloud, account_id)

    policy = {"ManagedBy": "declarative-policy"}
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
        **policy,
    }
    answers = (
        ec2.get_snapshot_block_public_access_state(),
        ec2.get_image_block_public_access_state(),
        ec2.get_serial_console_access_status(),
        ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"],
    )
    assert {answer["ManagedBy"] for answer in answers} == {"declarative-policy"}
    assert answers[0]["State"] == "block-all-sharing"
    assert answers[3]["InternetGatewayBlockMode"] == "block-ingress"
    assert ec2.get_allowed_images_settings() | {"ResponseMetadata": 0} == {
        "State": "disabled",
        "ManagedBy": "account",
        "ResponseMetadata": 0,
    }


@behaviour("ec2.DisableImageBlockPublicAccess", "organizations/latest/userguide/orgs_manage_policies_ec2.html")
@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("disable_image_block_public_access", {}),
        ("enable_image_block_public_access", {"ImageBlockPublicAccessState": "block-new-sharing"}),
        ("disable_snapshot_block_public_access", {}),
        ("enable_serial_console_access", {}),
        ("modify_instance_metadata_defaults", {"HttpTokens": "optional"}),
        ("modify_vpc_block_public_access_options", {"InternetGatewayBlockMode": "off"}),
    ],
)
def test_nobody_in_the_account_changes_what_a_declarative_policy_manages(
    cloud: Cloud, operation: str, parameters: dict[str, Any]
) -> None:
    account_id, ec2 = member(cloud)
    declare(cloud, account_id)

    with pytest.raises(ClientError) as refused:
        getattr(ec2, operation)(**parameters)

    assert refused.value.response["Error"]["Message"] == "Ask the platform team."


@behaviour("organizations.DescribeEffectivePolicy")
def test_an_effective_policy_merges_what_comes_from_above(cloud: Cloud) -> None:
    account_id, _ = member(cloud)
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]
    attach(cloud, create(cloud, "ec2", "DECLARATIVE_POLICY_EC2", DECLARED), root)
    own = {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "enabled"}}}}
    attach(cloud, create(cloud, "own", "DECLARATIVE_POLICY_EC2", own), account_id)

    found = cloud.client("organizations").describe_effective_policy(
        PolicyType="DECLARATIVE_POLICY_EC2", TargetId=account_id
    )["EffectivePolicy"]

    content = json.loads(found["PolicyContent"])["ec2_attributes"]
    assert content["serial_console_access"] == {"status": "enabled"}
    assert content["image_block_public_access"] == {"state": "block_new_sharing"}


@behaviour("organizations.DescribeEffectivePolicy")
def test_an_account_without_policies_of_a_type_has_no_effective_one(cloud: Cloud) -> None:
    account_id = vend(cloud)

    with pytest.raises(ClientError) as refused:
        cloud.client("organizations").describe_effective_policy(PolicyType="BACKUP_POLICY", TargetId=account_id)

    assert code(refused) == "EffectivePolicyNotFoundException"


@pytest.mark.parametrize(
    "attributes",
    [
        {"serial_console_access": {"status": {"@@assign": "off"}}},
        {"serial_console": {"status": {"@@assign": "disabled"}}},
        {"serial_console_access": {"status": "disabled"}},
        {"serial_console_access": {"status": {"@@set": "disabled"}}},
        {"serial_console_access": {"status": {"@@assign": ["disabled"]}}},
    ],
    ids=["value", "setting", "no operator", "operator", "list"],
)
@behaviour("organizations.CreatePolicy", "organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html")
def test_a_declarative_policy_with_a_wrong_setting_is_malformed(cloud: Cloud, attributes: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        create(cloud, "ec2", "DECLARATIVE_POLICY_EC2", {"ec2_attributes": attributes})

    assert code(refused) == "MalformedPolicyDocumentException"


def test_nobody_starts_more_instances_in_one_call_than_a_quota_would_ever_let(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=2**31 - 1)

    assert refused.value.response["Error"]["Code"] == "VcpuLimitExceeded"


def test_at_least_more_instances_than_at_most_are_none(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("ec2").run_instances(ImageId="ami-12345678", MinCount=2**31 - 1, MaxCount=1)

    assert code(refused) == "InvalidParameterValue"
