"""Centralised root access: what the organisation's administrators may enable, and who they are."""

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.authorize.ground import ADMINISTRATOR, as_role, make_account, make_role
from tests.infra.local.behaviour import behaviour
from tests.infra.local.sts.ground import centralise, delegate


@behaviour("iam.EnableOrganizationsRootSessions", "IAM/latest/UserGuide/id_root-enable-root-access.html")
def test_root_access_is_centralised_once_iam_is_trusted(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    with pytest.raises(ClientError, match="ServiceAccessNotEnabledException"):
        iam.enable_organizations_root_sessions()

    centralise(cloud)
    both = iam.list_organizations_features()
    left = iam.disable_organizations_root_sessions()
    none = iam.disable_organizations_root_credentials_management()

    assert both["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
    assert both["OrganizationId"] == cloud.client("organizations").describe_organization()["Organization"]["Id"]
    assert (left["EnabledFeatures"], none["EnabledFeatures"]) == (["RootCredentialsManagement"], [])


@behaviour("iam.ListOrganizationsFeatures")
def test_a_member_that_administers_nothing_asks_in_vain(cloud: Cloud) -> None:
    centralise(cloud)
    iam = cloud.session(make_account(cloud)).client("iam")

    for ask in (iam.list_organizations_features, iam.enable_organizations_root_sessions):
        with pytest.raises(ClientError, match="AccountNotManagementOrDelegatedAdministratorException"):
            ask()


@behaviour("iam.EnableOrganizationsRootCredentialsManagement")
def test_the_delegated_administrator_looks_but_leaves_enabling_to_the_management_account(cloud: Cloud) -> None:
    centralise(cloud)
    account = make_account(cloud)
    delegate(cloud, account)
    iam = as_role(cloud, make_role(cloud, account, "security", managed=ADMINISTRATOR)).client("iam")

    assert "RootSessions" in iam.list_organizations_features()["EnabledFeatures"]
    with pytest.raises(ClientError, match="CallerIsNotManagementAccountException"):
        iam.enable_organizations_root_credentials_management()


@behaviour("iam.CreateOpenIDConnectProvider")
def test_a_provider_is_reached_over_tls_alone(cloud: Cloud) -> None:
    iam = cloud.client("iam")

    with pytest.raises(ClientError, match="Invalid Open ID Connect Provider URL"):
        iam.create_open_id_connect_provider(Url="http://issuer.example", ClientIDList=["sts.amazonaws.com"])
