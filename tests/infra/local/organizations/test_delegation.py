"""Trusted services, delegated administrators, OUs and tags, from the first call to the last."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend
from tests.infra.local.organizations.test_organization import units

SERVICE = "guardduty.amazonaws.com"


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def trusted(organizations: Any) -> list[str]:
    listed = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    return [one["ServicePrincipal"] for one in listed]


@behaviour("organizations.DeregisterDelegatedAdministrator")
def test_a_delegation_begins_with_trust_and_can_end(cloud: Cloud) -> None:
    account_id, organizations = vend(cloud), cloud.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    organizations.register_delegated_administrator(AccountId=account_id, ServicePrincipal=SERVICE)

    services = organizations.list_delegated_services_for_account(AccountId=account_id)["DelegatedServices"]
    organizations.deregister_delegated_administrator(AccountId=account_id, ServicePrincipal=SERVICE)

    assert [one["ServicePrincipal"] for one in services] == [SERVICE]
    with pytest.raises(ClientError) as refused:
        organizations.deregister_delegated_administrator(AccountId=account_id, ServicePrincipal=SERVICE)
    assert code(refused) == "AccountNotRegisteredException"


@behaviour("organizations.DisableAWSServiceAccess")
def test_a_service_is_trusted_until_it_is_not(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")

    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    assert SERVICE in trusted(organizations)

    organizations.disable_aws_service_access(ServicePrincipal=SERVICE)
    assert SERVICE not in trusted(organizations)


@behaviour("organizations.UpdateOrganizationalUnit")
def test_an_ou_keeps_its_id_under_another_name(cloud: Cloud) -> None:
    organizations, unit = cloud.client("organizations"), units(cloud)["Sandbox"]

    organizations.update_organizational_unit(OrganizationalUnitId=unit, Name="Playground")

    found = organizations.describe_organizational_unit(OrganizationalUnitId=unit)["OrganizationalUnit"]
    assert (found["Id"], found["Name"]) == (unit, "Playground")
    with pytest.raises(ClientError) as refused:
        organizations.update_organizational_unit(OrganizationalUnitId=units(cloud)["Dev"], Name="Playground")
    assert code(refused) == "DuplicateOrganizationalUnitException"


@behaviour("organizations.UntagResource")
def test_an_accounts_tags_come_and_go(cloud: Cloud) -> None:
    account_id, organizations = vend(cloud), cloud.client("organizations")
    organizations.tag_resource(
        ResourceId=account_id, Tags=[{"Key": "cost", "Value": "1"}, {"Key": "own", "Value": "us"}]
    )

    organizations.untag_resource(ResourceId=account_id, TagKeys=["cost"])

    keys = [tag["Key"] for tag in organizations.list_tags_for_resource(ResourceId=account_id)["Tags"]]
    assert "own" in keys
    assert "cost" not in keys


@behaviour("organizations.EnablePolicyType")
def test_a_policy_type_is_enabled_once(cloud: Cloud) -> None:
    organizations, root = cloud.client("organizations"), units(cloud)["root"]

    enabled = organizations.enable_policy_type(RootId=root, PolicyType="CHATBOT_POLICY")["Root"]

    assert {"Type": "CHATBOT_POLICY", "Status": "ENABLED"} in enabled["PolicyTypes"]
    cloud.clock.advance(1)
    with pytest.raises(ClientError) as refused:
        organizations.enable_policy_type(RootId=root, PolicyType="CHATBOT_POLICY")
    assert code(refused) == "PolicyTypeAlreadyEnabledException"


@behaviour("organizations.RemoveAccountFromOrganization")
def test_a_created_account_is_not_removed_before_it_can_stand_alone(cloud: Cloud) -> None:
    account_id, organizations = vend(cloud), cloud.client("organizations")

    with pytest.raises(ClientError) as refused:
        organizations.remove_account_from_organization(AccountId=account_id)

    assert code(refused) == "ConstraintViolationException"
