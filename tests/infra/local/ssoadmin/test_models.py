"""Assignments that take time, conflict, fail, and really make roles; over HTTP with plain boto3."""

import json
import re

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.ssoadmin.access import (
    LONGEST_CHANGE,
    Wish,
    ask,
    assign,
    creation,
    instance_arn,
    new_account,
    permission_set_arn,
    reserved_roles,
)

NO_BUCKETS = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:CreateBucket","Resource":"*"}]}'


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_the_instance_is_in_the_management_account_at_home_and_nowhere_else(cloud: Cloud) -> None:
    here = cloud.client("sso-admin").list_instances()["Instances"]
    elsewhere = cloud.client("sso-admin", "us-east-1").list_instances()["Instances"]

    assert [instance["OwnerAccountId"] for instance in here] == [cloud.state.management_account_id]
    assert elsewhere == []


def test_the_store_has_the_groups_and_people_of_the_company(cloud: Cloud) -> None:
    store_id = cloud.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    store = cloud.client("identitystore")

    groups = {group["DisplayName"]: group for group in store.list_groups(IdentityStoreId=store_id)["Groups"]}
    users = {user["UserName"]: user for user in store.list_users(IdentityStoreId=store_id)["Users"]}
    members = store.list_group_memberships(IdentityStoreId=store_id, GroupId=groups["team-payments"]["GroupId"])[
        "GroupMemberships"
    ]

    assert {f"team-{team}" for team in cloud.state.company.teams} <= set(groups)
    assert set(users) == {"ada", "tom", "grace", "rosa", "omar", "sam"}
    assert [member["MemberId"]["UserId"] for member in members] == [users["ada"]["UserId"]]


def test_every_permission_set_the_templates_name_is_there(cloud: Cloud) -> None:
    client = cloud.client("sso-admin")

    names = {
        client.describe_permission_set(InstanceArn=instance_arn(), PermissionSetArn=arn)["PermissionSet"]["Name"]
        for arn in client.list_permission_sets(InstanceArn=instance_arn())["PermissionSets"]
    }

    assert {template.access for template in cloud.state.company.templates.values()} <= names


@behaviour("sso-admin.CreateAccountAssignment")
def test_an_assignment_is_in_progress_and_then_there(cloud: Cloud) -> None:
    wish = Wish(new_account(cloud, "payments-dev"))

    asked = ask(cloud, wish)
    before = creation(cloud, asked["RequestId"])
    cloud.clock.advance(LONGEST_CHANGE)

    assert asked["Status"] == before["Status"] == "IN_PROGRESS"
    assert creation(cloud, asked["RequestId"])["Status"] == "SUCCEEDED"
    held = cloud.client("sso-admin").list_account_assignments(
        InstanceArn=instance_arn(),
        AccountId=wish.account_id,
        PermissionSetArn=permission_set_arn(wish.permission_set),
    )["AccountAssignments"]
    assert [one["PrincipalId"] for one in held] == [wish.parameters()["PrincipalId"]]


def test_nothing_is_in_the_account_while_the_change_is_in_progress(cloud: Cloud) -> None:
    wish = Wish(new_account(cloud, "payments-dev"))

    ask(cloud, wish)

    assert reserved_roles(cloud, wish.account_id) == []


@behaviour("sso-admin.CreateAccountAssignment", "singlesignon/latest/userguide/permissionsetsconcept.html")
def test_an_assignment_makes_the_reserved_role_trusting_the_saml_provider(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")

    assign(cloud, Wish(account_id))

    (role,) = reserved_roles(cloud, account_id)
    iam = cloud.session(account_id).client("iam")
    assert re.fullmatch(r"AWSReservedSSO_AdministratorAccess_[0-9a-f]{16}", role["RoleName"])
    assert role["Path"] == "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    provider = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Federated"]
    assert provider in {one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]}
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]


def test_the_inline_policy_of_the_permission_set_comes_along(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    cloud.client("sso-admin").put_inline_policy_to_permission_set(
        InstanceArn=instance_arn(),
        PermissionSetArn=permission_set_arn("PowerUserAccess"),
        InlinePolicy=NO_BUCKETS,
    )

    assign(cloud, Wish(account_id, permission_set="PowerUserAccess"))

    (role,) = reserved_roles(cloud, account_id)
    iam = cloud.session(account_id).client("iam")
    inline = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="AwsSSOInlinePolicy")
    assert inline["PolicyDocument"] == json.loads(NO_BUCKETS)


@behaviour("sso-admin.ProvisionPermissionSet")
def test_a_changed_permission_set_reaches_the_account_only_when_it_is_provisioned(cloud: Cloud) -> None:
    account_id, client = new_account(cloud, "payments-dev"), cloud.client("sso-admin")
    assign(cloud, Wish(account_id))
    arn = permission_set_arn("AdministratorAccess")
    client.put_inline_policy_to_permission_set(
        InstanceArn=instance_arn(), PermissionSetArn=arn, InlinePolicy=NO_BUCKETS
    )
    (role,) = reserved_roles(cloud, account_id)
    iam = cloud.session(account_id).client("iam")
    before = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]

    status = client.provision_permission_set(
        InstanceArn=instance_arn(), PermissionSetArn=arn, TargetType="ALL_PROVISIONED_ACCOUNTS"
    )["PermissionSetProvisioningStatus"]
    cloud.clock.advance(LONGEST_CHANGE)

    assert (before, status["Status"]) == ([], "IN_PROGRESS")
    assert iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"] == ["AwsSSOInlinePolicy"]
    after = client.describe_permission_set_provisioning_status(
        InstanceArn=instance_arn(), ProvisionPermissionSetRequestId=status["RequestId"]
    )["PermissionSetProvisioningStatus"]
    assert after["Status"] == "SUCCEEDED"


@behaviour("sso-admin.CreateAccountAssignment")
def test_a_second_change_of_the_same_account_conflicts(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    ask(cloud, Wish(account_id))

    with pytest.raises(ClientError) as refused:
        ask(cloud, Wish(account_id, permission_set="PowerUserAccess"))

    assert code(refused) == "ConflictException"
    cloud.clock.advance(LONGEST_CHANGE)
    assert ask(cloud, Wish(account_id, permission_set="PowerUserAccess"))["Status"] == "IN_PROGRESS"


def test_changes_of_different_accounts_do_not_conflict(cloud: Cloud) -> None:
    ask(cloud, Wish(new_account(cloud, "payments-dev")))

    assert ask(cloud, Wish(new_account(cloud, "payments-prod")))["Status"] == "IN_PROGRESS"


def test_asking_again_for_what_is_there_succeeds_and_leaves_one_assignment(cloud: Cloud) -> None:
    wish = Wish(new_account(cloud, "payments-dev"))
    assign(cloud, wish)

    asked = ask(cloud, wish)
    cloud.clock.advance(LONGEST_CHANGE)

    assert creation(cloud, asked["RequestId"])["Status"] == "SUCCEEDED"
    accounts = cloud.client("sso-admin").list_account_assignments_for_principal(
        InstanceArn=instance_arn(), PrincipalId=wish.parameters()["PrincipalId"], PrincipalType="GROUP"
    )["AccountAssignments"]
    assert [one["AccountId"] for one in accounts] == [wish.account_id]


@behaviour("sso-admin.DeleteAccountAssignment")
def test_deleting_the_last_assignment_takes_the_role_away(cloud: Cloud) -> None:
    wish, client = Wish(new_account(cloud, "payments-dev")), cloud.client("sso-admin")
    assign(cloud, wish)

    status = client.delete_account_assignment(**wish.parameters())["AccountAssignmentDeletionStatus"]
    during = reserved_roles(cloud, wish.account_id)
    cloud.clock.advance(LONGEST_CHANGE)

    assert status["Status"] == "IN_PROGRESS"
    assert len(during) == 1
    assert reserved_roles(cloud, wish.account_id) == []
    ended = client.describe_account_assignment_deletion_status(
        InstanceArn=instance_arn(), AccountAssignmentDeletionRequestId=status["RequestId"]
    )["AccountAssignmentDeletionStatus"]
    assert ended["Status"] == "SUCCEEDED"


def test_a_role_stays_while_somebody_else_holds_the_permission_set(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    assign(cloud, Wish(account_id))
    assign(cloud, Wish(account_id, group="platform-operators"))

    cloud.client("sso-admin").delete_account_assignment(**Wish(account_id).parameters())
    cloud.clock.advance(LONGEST_CHANGE)

    assert len(reserved_roles(cloud, account_id)) == 1


@behaviour("sso-admin.DescribeAccountAssignmentCreationStatus")
def test_a_missing_customer_policy_makes_the_assignment_fail(cloud: Cloud) -> None:
    wish = Wish(new_account(cloud, "payments-dev"))
    cloud.client("sso-admin").attach_customer_managed_policy_reference_to_permission_set(
        InstanceArn=instance_arn(),
        PermissionSetArn=permission_set_arn(wish.permission_set),
        CustomerManagedPolicyReference={"Name": "boundary"},
    )

    asked = ask(cloud, wish)
    cloud.clock.advance(LONGEST_CHANGE)

    ended = creation(cloud, asked["RequestId"])
    assert ended["Status"] == "FAILED"
    assert "boundary" in ended["FailureReason"]
    assert reserved_roles(cloud, wish.account_id) == []


def test_an_inline_policy_that_iam_refuses_makes_the_assignment_fail(cloud: Cloud) -> None:
    wish = Wish(new_account(cloud, "payments-dev"))
    cloud.client("sso-admin").put_inline_policy_to_permission_set(
        InstanceArn=instance_arn(),
        PermissionSetArn=permission_set_arn(wish.permission_set),
        InlinePolicy="not a policy",
    )

    asked = ask(cloud, wish)
    cloud.clock.advance(LONGEST_CHANGE)

    assert creation(cloud, asked["RequestId"])["Status"] == "FAILED"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"PrincipalId": "00000000-0000-0000-0000-000000000000"}, "ResourceNotFoundException"),
        ({"TargetId": "999999999999"}, "ResourceNotFoundException"),
        ({"InstanceArn": "arn:aws:sso:::instance/ssoins-0000000000000000"}, "ResourceNotFoundException"),
        ({"TargetType": "ORGANIZATION"}, "ValidationException"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_at_once(cloud: Cloud, changed: dict[str, str], refusal: str) -> None:
    parameters = Wish(new_account(cloud, "payments-dev")).parameters()

    with pytest.raises(ClientError) as refused:
        cloud.client("sso-admin").create_account_assignment(**parameters | changed)

    assert code(refused) == refusal


@behaviour("sso-admin.DeletePermissionSet")
def test_a_permission_set_in_use_cannot_be_deleted_nor_named_twice(cloud: Cloud) -> None:
    assign(cloud, Wish(new_account(cloud, "payments-dev")))
    client = cloud.client("sso-admin")

    with pytest.raises(ClientError) as deleting:
        client.delete_permission_set(
            InstanceArn=instance_arn(), PermissionSetArn=permission_set_arn("AdministratorAccess")
        )
    with pytest.raises(ClientError) as creating:
        client.create_permission_set(InstanceArn=instance_arn(), Name="AdministratorAccess")

    assert code(deleting) == code(creating) == "ConflictException"


def test_requests_are_listed_by_status(cloud: Cloud) -> None:
    asked = ask(cloud, Wish(new_account(cloud, "payments-dev")))
    client = cloud.client("sso-admin")

    running = client.list_account_assignment_creation_status(
        InstanceArn=instance_arn(), Filter={"Status": "IN_PROGRESS"}
    )["AccountAssignmentsCreationStatus"]
    failed = client.list_account_assignment_creation_status(InstanceArn=instance_arn(), Filter={"Status": "FAILED"})[
        "AccountAssignmentsCreationStatus"
    ]

    assert [one["RequestId"] for one in running] == [asked["RequestId"]]
    assert failed == []
