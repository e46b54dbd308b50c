from datetime import UTC, datetime, timedelta

from tests.cloud import Cloud, Credentials
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend


@behaviour("sts.GetCallerIdentity")
def test_static_credentials_are_the_administrators_of_the_management_account(cloud: Cloud) -> None:
    who = cloud.client("sts").get_caller_identity()

    assert (who["Arn"], who["Account"]) == ("arn:aws:iam::123456789012:user/administrator", "123456789012")
    assert len(who["UserId"]) == 21


@behaviour("sts.GetCallerIdentity")
def test_the_keys_of_a_user_are_that_users(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    user = iam.create_user(UserName="somebody")["User"]
    key = iam.create_access_key(UserName="somebody")["AccessKey"]

    who = cloud.client("sts", credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"])).get_caller_identity()

    assert (who["Arn"], who["UserId"]) == (user["Arn"], user["UserId"])


@behaviour("sts.AssumeRole")
def test_a_session_lasts_in_the_clients_time_whatever_the_clouds_clock_says(cloud: Cloud) -> None:
    role = f"arn:aws:iam::{vend(cloud)}:role/OrganizationAccountAccessRole"

    given = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="me", DurationSeconds=900)["Credentials"]

    assert timedelta(seconds=890) < given["Expiration"] - datetime.now(UTC) <= timedelta(seconds=900)
    assert len(given["SessionToken"]) > 300
