"""Permission sets as an administrator changes them, and where they are provisioned."""

from typing import Any

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.ssoadmin.access import (
    LONGEST_CHANGE,
    Wish,
    assign,
    instance_arn,
    new_account,
    permission_set_arn,
)

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
NO_BUCKETS = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:CreateBucket","Resource":"*"}]}'


def a_set(name: str = "PowerUserAccess") -> dict[str, Any]:
    return {"InstanceArn": instance_arn(), "PermissionSetArn": permission_set_arn(name)}


@behaviour("sso-admin.AttachManagedPolicyToPermissionSet")
def test_managed_policies_of_a_set_come_and_go(cloud: Cloud) -> None:
    sso = cloud.client("sso-admin")

    sso.attach_managed_policy_to_permission_set(ManagedPolicyArn=READ_ONLY, **a_set())
    attached = sso.list_managed_policies_in_permission_set(**a_set())["AttachedManagedPolicies"]
    sso.detach_managed_policy_from_permission_set(ManagedPolicyArn=READ_ONLY, **a_set())

    assert READ_ONLY in [policy["Arn"] for policy in attached]
    left = sso.list_managed_policies_in_permission_set(**a_set())["AttachedManagedPolicies"]
    assert READ_ONLY not in [policy["Arn"] for policy in left]


@behaviour("sso-admin.DetachCustomerManagedPolicyReferenceFromPermissionSet")
def test_references_to_the_customers_policies_come_and_go(cloud: Cloud) -> None:
    sso, reference = cloud.client("sso-admin"), {"Name": "ours", "Path": "/"}

    sso.attach_customer_managed_policy_reference_to_permission_set(CustomerManagedPolicyReference=reference, **a_set())
    kept = sso.list_customer_managed_policy_references_in_permission_set(**a_set())["CustomerManagedPolicyReferences"]
    sso.detach_customer_managed_policy_reference_from_permission_set(
        CustomerManagedPolicyReference=reference, **a_set()
    )

    assert kept == [reference]
    left = sso.list_customer_managed_policy_references_in_permission_set(**a_set())["CustomerManagedPolicyReferences"]
    assert left == []


@behaviour("sso-admin.DeleteInlinePolicyFromPermissionSet")
def test_the_inline_policy_of_a_set_is_read_back_until_it_is_deleted(cloud: Cloud) -> None:
    sso = cloud.client("sso-admin")

    sso.put_inline_policy_to_permission_set(InlinePolicy=NO_BUCKETS, **a_set())
    kept = sso.get_inline_policy_for_permission_set(**a_set())["InlinePolicy"]
    sso.delete_inline_policy_from_permission_set(**a_set())

    assert kept == NO_BUCKETS
    assert "InlinePolicy" not in sso.get_inline_policy_for_permission_set(**a_set())


@behaviour("sso-admin.UpdatePermissionSet")
def test_a_set_says_of_itself_what_it_was_told_last(cloud: Cloud) -> None:
    sso = cloud.client("sso-admin")

    sso.update_permission_set(Description="For people who build", SessionDuration="PT2H", **a_set())

    found = sso.describe_permission_set(**a_set())["PermissionSet"]
    assert (found["Description"], found["SessionDuration"]) == ("For people who build", "PT2H")


@behaviour("sso-admin.ListAccountsForProvisionedPermissionSet")
def test_a_set_is_provisioned_where_it_is_assigned(cloud: Cloud) -> None:
    sso, account_id = cloud.client("sso-admin"), new_account(cloud, "payments-dev")
    wish = Wish(account_id)
    assign(cloud, wish)
    held = a_set(wish.permission_set)

    accounts = sso.list_accounts_for_provisioned_permission_set(**held)["AccountIds"]
    sets = sso.list_permission_sets_provisioned_to_account(InstanceArn=instance_arn(), AccountId=account_id)

    assert account_id in accounts
    assert sets["PermissionSets"] == [held["PermissionSetArn"]]


@behaviour("sso-admin.ListPermissionSetProvisioningStatus")
def test_provisionings_and_deletions_are_listed_with_where_they_stand(cloud: Cloud) -> None:
    sso, account_id = cloud.client("sso-admin"), new_account(cloud, "payments-dev")
    wish = Wish(account_id)
    assign(cloud, wish)

    sso.provision_permission_set(TargetType="ALL_PROVISIONED_ACCOUNTS", **a_set(wish.permission_set))
    cloud.clock.advance(LONGEST_CHANGE)
    sso.delete_account_assignment(**wish.parameters())
    cloud.clock.advance(LONGEST_CHANGE)

    done = sso.list_permission_set_provisioning_status(InstanceArn=instance_arn())["PermissionSetsProvisioningStatus"]
    gone = sso.list_account_assignment_deletion_status(InstanceArn=instance_arn())["AccountAssignmentsDeletionStatus"]
    assert {one["Status"] for one in [*done, *gone]} == {"SUCCEEDED"}


@behaviour("sso-admin.UpdateInstance")
def test_the_instance_can_be_named(cloud: Cloud) -> None:
    cloud.client("sso-admin").update_instance(InstanceArn=instance_arn(), Name="acme")

    assert cloud.client("sso-admin").list_instances()["Instances"][0]["Name"] == "acme"
