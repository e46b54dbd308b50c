import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend


def test_a_role_is_made_in_aws_time(cloud: Cloud) -> None:
    cloud.clock.advance(3600)

    made = cloud.client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument="{}")["Role"]

    assert made["CreateDate"] == cloud.clock.now()


@behaviour("iam.CreateAccountAlias", "signin/latest/userguide/CreateAccountAlias.html")
def test_an_alias_is_one_accounts_in_the_world_and_takes_the_place_of_its_last(cloud: Cloud) -> None:
    ours, theirs = cloud.client("iam"), cloud.session(vend(cloud)).client("iam")
    ours.create_account_alias(AccountAlias="acme")

    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        theirs.create_account_alias(AccountAlias="acme")
    ours.create_account_alias(AccountAlias="acme-management")
    theirs.create_account_alias(AccountAlias="acme")

    assert ours.list_account_aliases()["AccountAliases"] == ["acme-management"]
    assert theirs.list_account_aliases()["AccountAliases"] == ["acme"]


@behaviour("iam.CreateAccountAlias")
@pytest.mark.parametrize("alias", ["ab", "-acme", "acme-", "ac--me", "Acme", "a" * 64, "123456789012"])
def test_an_alias_has_a_form(cloud: Cloud, alias: str) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        cloud.client("iam").create_account_alias(AccountAlias=alias)


@behaviour("iam.DeleteAccountAlias")
def test_only_the_accounts_own_alias_is_deleted(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_account_alias(AccountAlias="acme")

    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.delete_account_alias(AccountAlias="other")
    iam.delete_account_alias(AccountAlias="acme")

    assert iam.list_account_aliases()["AccountAliases"] == []


@behaviour("iam.CreateServiceLinkedRole")
def test_a_service_has_one_role_of_its_own_and_a_second_is_not_refused_as_other_roles_are(cloud: Cloud) -> None:
    iam = cloud.client("iam")

    made = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    with pytest.raises(ClientError, match="AWSServiceRoleForConfig has been taken in this account") as refused:
        iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")

    assert made["Arn"].endswith(":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
    assert refused.value.response["Error"]["Code"] == "InvalidInput"
