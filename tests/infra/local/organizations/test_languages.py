"""Documents of the management and declarative policy types: what AWS takes, and what it calls malformed."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

OK = ("OK", "")
MALFORMED = (
    "MalformedPolicyDocumentException",
    "The provided policy document does not meet the requirements of the specified policy type.",
)
CHILDREN = "@@operators_allowed_for_child_policies"
TEAM = "1a2b3c4d-0000-4000-8000-00000000000a"


def assigned(value: Any) -> dict[str, Any]:
    return {"@@assign": value}


AMAZON = {"allowed_image_providers": assigned(["amazon"])}


def tagged(**rule: Any) -> dict[str, Any]:
    """A tag policy for one key."""
    return {"tags": {"costcenter": rule}}


def backed_up(**rule: Any) -> dict[str, Any]:
    """A backup policy with one rule."""
    return {"plans": {"daily": {"rules": {"night": rule}}}}


def slack(**settings: Any) -> dict[str, Any]:
    """A chat policy for Slack."""
    return {"chatbot": {"platforms": {"slack": settings}}}


def ec2(**settings: Any) -> dict[str, Any]:
    return {"ec2_attributes": settings}


TAKEN: dict[str, list[Any]] = {
    "TAG_POLICY": [
        {"tags": {}},
        tagged(),
        tagged(tag_key=assigned("CostCenter"), tag_value=assigned(["100", "2*", 300])),
        tagged(enforced_for=assigned(["secretsmanager:ALL_SUPPORTED", "ec2:instance", "secretsmanager:*"])),
        tagged(report_required_tag_for=assigned(["ec2:instance"]), tag_value={"@@append": ["1"], "@@remove": ["2"]}),
        {"tags": {CHILDREN: ["@@none"], "a": {CHILDREN: ["@@assign", "@@append"], "tag_key": assigned("A")}}},
    ],
    "BACKUP_POLICY": [
        {"plans": {}},
        backed_up(schedule_expression=assigned("cron(0 5 ? * * *)"), start_backup_window_minutes=assigned("60")),
        backed_up(lifecycle={"delete_after_days": assigned(30)}, target_backup_vault_name=assigned("My_Vault")),
        {"plans": {"daily": {"regions": {"@@append": ["us-east-1", "eu-north-1"]}}}},
        {"plans": {"daily": {"advanced_backup_settings": {"ec2": {"windows_vss": assigned("enabled")}}}}},
    ],
    "AISERVICES_OPT_OUT_POLICY": [
        {"services": {"default": {"opt_out_policy": assigned("optOut") | {CHILDREN: ["@@none"]}}}},
        {"services": {"lex": {}}},
    ],
    "CHATBOT_POLICY": [
        {"chatbot": {"default": {"client": assigned("disabled")}}},
        slack(client=assigned("enabled"), workspaces=assigned(["*", "T0123"])),
        slack(overrides={"T0123": {"supported_channel_types": assigned(["private"])}}),
        {"chatbot": {"platforms": {"microsoft_teams": {"tenants": {TEAM: assigned(["*"])}}}}},
    ],
    "DECLARATIVE_POLICY_EC2": [
        ec2(),
        ec2(instance_metadata_defaults={"http_put_response_hop_limit": assigned(2), "http_endpoint": {}}),
        ec2(
            allowed_images_settings={
                "image_criteria": {"criteria_1": {"allowed_image_providers": assigned(["amazon"])}}
            }
        ),
    ],
    "S3_POLICY": [{"s3_attributes": {"public_access_block_configuration": assigned("all")}}],
    "RESOURCE_CONTROL_POLICY": [
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "KMS:Decrypt"], "Resource": "*"},
        }
    ],
}
REFUSED: dict[str, list[Any]] = {
    "TAG_POLICY": [
        '{"tags": {}, "tags": {}}',
        '{"tags": NaN}',
        "[" * 3000,
        {"tags": []},
        {"tags": {}, "plans": {}},
        tagged(colour=assigned("red")),
        tagged(tag_key=assigned("Owner")),
        tagged(tag_key=assigned({"CostCenter": 1})),
        tagged(tag_key={"@@append": ["CostCenter"]}),
        tagged(tag_key="CostCenter"),
        tagged(tag_value=assigned("100")),
        tagged(tag_value=assigned(["*1*"])),
        tagged(tag_value={"@@set": ["100"]}),
        tagged(enforced_for=assigned(["bananas:ALL_SUPPORTED"])),
        tagged(enforced_for=assigned(["ec2:banana"])),
        tagged(enforced_for=assigned(["rds:db"])),
        tagged(enforced_for=assigned(["ecs:*"])),
        tagged(enforced_for=assigned(["*"])),
        {"tags": {"CostCenter": {}, "costcenter": {}}},
        {"tags": {CHILDREN: ["@@none", "@@assign"]}},
        {"tags": {CHILDREN: "@@none"}},
        {"tags": {CHILDREN: ["@@assign", "@@assign"]}},
        {"tags": {"@@assign": {}}},
    ],
    "BACKUP_POLICY": [
        {"plans": {"daily": {"rule": {}}}},
        backed_up(schedule=assigned("cron(0 5 ? * * *)")),
        backed_up(schedule_expression=assigned("every night")),
        backed_up(start_backup_window_minutes=assigned("60.0")),
        backed_up(target_backup_vault_name=assigned(["My_Vault"])),
        backed_up(copy_actions={"vault": {"target_backup_vault_arn": assigned("vault")}}),
        {"plans": {"daily": {"regions": assigned(["europe"])}}},
        {"plans": {"daily": {"selections": {"tags": {"a": {"iam_role_arn": assigned("MyRole")}}}}}},
    ],
    "AISERVICES_OPT_OUT_POLICY": [
        {"services": {"bananas": {}}},
        {"services": {"lex": {"opt_out": assigned("optOut")}}},
        {"services": {"lex": {"opt_out_policy": assigned("optout")}}},
        {"services": {"lex": {"opt_out_policy": {"@@append": ["optOut"]}}}},
    ],
    "CHATBOT_POLICY": [
        {"chatbot": {"platforms": {"default": {"client": assigned("disabled")}}}},
        {"chatbot": {"platforms": {"irc": {}}}},
        slack(client=assigned("ENABLED")),
        slack(workspaces=assigned("*")),
        slack(workspaces=assigned(["my workspace"])),
        slack(default={"supported_role_settings": assigned(["root"])}),
        {"chatbot": {"platforms": {"microsoft_teams": {"tenants": {TEAM.upper(): assigned(["*"])}}}}},
    ],
    "DECLARATIVE_POLICY_EC2": [
        ec2(serial_console_access={"state": assigned("disabled")}),
        ec2(serial_console_access={"status": assigned("off")}),
        ec2(serial_console_access={"status": assigned(["disabled"])}),
        ec2(instance_metadata_defaults={"http_put_response_hop_limit": assigned("100")}),
        ec2(allowed_images_settings={"image_criteria": {"criteria_11": {}}}),
    ],
    "S3_POLICY": [
        {"s3_attributes": {"public_access_block_configuration": assigned("some")}},
        {"s3_attributes": {"versioning": assigned("all")}},
    ],
    "RESOURCE_CONTROL_POLICY": [
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"},
        }
        for action in (["ec2:RunInstances"], ["s3:GetObject", "iam:PassRole"], "s*:Get*")
    ],
}


def answer(cloud: Cloud, policy_type: str, document: Any, name: str) -> tuple[str, str]:
    """The code and the first sentence of what CreatePolicy says, a second after the one before."""
    cloud.clock.advance(1)
    content = document if isinstance(document, str) else json.dumps(document)
    try:
        cloud.client("organizations").create_policy(Name=name, Type=policy_type, Content=content, Description="")
    except ClientError as error:
        said = error.response["Error"]
        return said["Code"], said["Message"].partition(". ")[0] + "."
    return OK


@behaviour("organizations.CreatePolicy", "organizations/latest/userguide/orgs_manage_policies_type-mgmt.html")
@pytest.mark.parametrize("policy_type", sorted(TAKEN))
def test_a_document_of_its_types_language_is_taken(cloud: Cloud, policy_type: str) -> None:
    answers = [answer(cloud, policy_type, each, f"p{i}") for i, each in enumerate(TAKEN[policy_type])]

    assert answers == [OK] * len(answers)


@behaviour("organizations.CreatePolicy", "organizations/latest/userguide/orgs_manage_policies_type-mgmt.html")
@pytest.mark.parametrize("policy_type", sorted(REFUSED))
def test_a_setting_an_operator_or_a_value_that_its_type_does_not_know_is_malformed(
    cloud: Cloud, policy_type: str
) -> None:
    answers = {str(each)[:100]: answer(cloud, policy_type, each, "p") for each in REFUSED[policy_type]}

    assert {each: said for each, said in answers.items() if said != MALFORMED} == {}


@behaviour("organizations.UpdatePolicy")
def test_a_malformed_change_leaves_the_policy_as_it_was(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")
    content = json.dumps(TAKEN["TAG_POLICY"][1])
    made = organizations.create_policy(Name="tags", Type="TAG_POLICY", Content=content, Description="")["Policy"]
    policy_id = made["PolicySummary"]["Id"]

    with pytest.raises(ClientError) as refused:
        organizations.update_policy(PolicyId=policy_id, Name="renamed", Content='{"tags": []}')

    kept = organizations.describe_policy(PolicyId=policy_id)["Policy"]
    assert refused.value.response["Error"]["Code"] == "MalformedPolicyDocumentException"
    assert (kept["PolicySummary"]["Name"], kept["Content"]) == ("tags", content)


@behaviour("organizations.CreatePolicy")
@pytest.mark.parametrize("policy_type", ["SECURITYHUB_POLICY", "INSPECTOR_POLICY", "GUARDDUTY_POLICY"])
def test_a_type_whose_language_is_not_modelled_says_so(cloud: Cloud, policy_type: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("organizations").create_policy(Name="p", Type=policy_type, Content="{}", Description="")

    assert refused.value.response["Error"]["Code"] == "NotImplemented"
