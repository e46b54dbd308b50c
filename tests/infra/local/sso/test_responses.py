"""The access portal: a token of the issuer in, credentials of a permission set's role out; with plain boto3."""

from typing import Any

import boto3
import httpx2
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.issuer.clients import AS_GRANT
from tests.cloud import Cloud, Credentials
from tests.infra.local.behaviour import behaviour
from tests.infra.local.controltower.landing import move
from tests.infra.local.ssoadmin.access import Wish, assign, new_account


def token_of(cloud: Cloud, username: str) -> str:
    """What `freehold token --as` prints."""
    form = {"grant_type": AS_GRANT, "client_id": "freehold-cli", "username": username}
    answer = httpx2.post(f"{cloud.url}/_oidc/oauth2/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


def portal(cloud: Cloud) -> Any:
    """The portal's client as the AWS CLI makes it: unsigned."""
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.Session(region_name="eu-west-1").client("sso", endpoint_url=cloud.url, config=config)


def credentials(cloud: Cloud, username: str, account_id: str, role: str = "AdministratorAccess") -> Credentials:
    given = portal(cloud).get_role_credentials(
        roleName=role, accountId=account_id, accessToken=token_of(cloud, username)
    )["roleCredentials"]
    return Credentials(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])


@behaviour("sso.GetRoleCredentials")
def test_a_member_of_the_group_acts_as_the_reserved_role(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    assign(cloud, Wish(account_id))

    ada = credentials(cloud, "ada", account_id)

    who = cloud.client("sts", credentials=ada).get_caller_identity()
    assert who["Account"] == account_id
    assert "assumed-role/AWSReservedSSO_AdministratorAccess_" in who["Arn"]
    assert who["Arn"].endswith("/ada")
    cloud.client("s3", credentials=ada).list_buckets()


def test_the_guardrails_of_the_unit_hold_the_team(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    assign(cloud, Wish(account_id))
    move(cloud, account_id, "Dev")
    cloud.clock.advance(3600)
    ada = credentials(cloud, "ada", account_id)

    with pytest.raises(ClientError) as refused:
        cloud.client("config", credentials=ada).stop_configuration_recorder(
            ConfigurationRecorderName="aws-controltower-BaselineConfigRecorder"
        )

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "service control policy" in refused.value.response["Error"]["Message"]


@behaviour("sso.GetRoleCredentials")
def test_somebody_of_another_team_has_no_access(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")
    assign(cloud, Wish(account_id))

    with pytest.raises(ClientError) as refused:
        credentials(cloud, "tom", account_id)

    assert refused.value.response["Error"]["Code"] == "ForbiddenException"


@behaviour("sso.GetRoleCredentials")
def test_nobody_has_access_before_the_assignment_is_done(cloud: Cloud) -> None:
    account_id = new_account(cloud, "payments-dev")

    with pytest.raises(ClientError) as refused:
        credentials(cloud, "ada", account_id)

    assert refused.value.response["Error"]["Code"] == "ForbiddenException"


@behaviour("sso.ListAccounts")
def test_the_portal_lists_accounts_and_roles_of_the_caller_alone(cloud: Cloud) -> None:
    mine, other = new_account(cloud, "payments-dev"), new_account(cloud, "search-dev")
    assign(cloud, Wish(mine))
    assign(cloud, Wish(mine, permission_set="ReadOnlyAccess"))
    assign(cloud, Wish(other, group="team-search"))
    token = token_of(cloud, "ada")

    accounts = portal(cloud).list_accounts(accessToken=token)["accountList"]
    roles = portal(cloud).list_account_roles(accessToken=token, accountId=mine)["roleList"]

    assert accounts == [
        {"accountId": mine, "accountName": "payments-dev", "emailAddress": "aws+payments-dev@acme.example"}
    ]
    assert [role["roleName"] for role in roles] == ["AdministratorAccess", "ReadOnlyAccess"]


@behaviour("sso.GetRoleCredentials")
def test_a_token_that_is_not_the_issuers_is_unauthorized(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        portal(cloud).list_accounts(accessToken="made-up")

    assert refused.value.response["Error"]["Code"] == "UnauthorizedException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_credentials_end_with_the_assignment(cloud: Cloud) -> None:
    wish = Wish(new_account(cloud, "payments-dev"))
    assign(cloud, wish)
    ada = credentials(cloud, "ada", wish.account_id)

    cloud.client("sso-admin").delete_account_assignment(**wish.parameters())
    cloud.clock.advance(60)

    with pytest.raises(ClientError):
        cloud.client("s3", credentials=ada).list_buckets()


def test_logging_out_is_not_modelled_and_says_so(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        portal(cloud).logout(accessToken=token_of(cloud, "ada"))

    assert refused.value.response["Error"]["Code"] == "NotImplemented"
