"""The rules about root, users, keys and passwords."""

import json
from typing import Any

import pytest

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge

ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def account(cloud: Cloud) -> str:
    return enrol(cloud, "eu-west-1", "us-east-1")


@pytest.fixture
def iam(cloud: Cloud, account: str) -> Any:
    return cloud.session(account).client("iam")


def make_user(iam: Any) -> str:
    made: str = iam.create_user(UserName="bob")["User"]["UserId"]
    return made


def strict(**more: Any) -> dict[str, Any]:
    characters = dict.fromkeys(("Uppercase", "Lowercase"), True)
    wanted = {f"Require{kind}Characters": on for kind, on in characters.items()}
    limits = {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24, "MaxPasswordAge": 90}
    return wanted | {"RequireSymbols": True, "RequireNumbers": True} | limits | more


def test_no_password_policy_is_a_weak_one(cloud: Cloud, account: str) -> None:
    assert judge(cloud, account, "IAM_PASSWORD_POLICY") == {account: "NON_COMPLIANT"}


def test_a_password_policy_is_measured_by_the_documented_defaults(cloud: Cloud, account: str, iam: Any) -> None:
    iam.update_account_password_policy(**strict())
    fine = judge(cloud, account, "IAM_PASSWORD_POLICY")

    iam.update_account_password_policy(**strict(MinimumPasswordLength=12))

    assert fine == {account: "COMPLIANT"}
    assert judge(cloud, account, "IAM_PASSWORD_POLICY") == {account: "NON_COMPLIANT"}
    assert judge(cloud, account, "IAM_PASSWORD_POLICY", MinimumPasswordLength="12") == {account: "COMPLIANT"}


def test_a_password_that_never_expires_is_weak(cloud: Cloud, account: str, iam: Any) -> None:
    policy = strict()
    del policy["MaxPasswordAge"]

    iam.update_account_password_policy(**policy)

    assert judge(cloud, account, "IAM_PASSWORD_POLICY") == {account: "NON_COMPLIANT"}


def test_the_root_user_of_a_new_account_has_no_key_and_no_second_factor(cloud: Cloud, account: str) -> None:
    assert judge(cloud, account, "IAM_ROOT_ACCESS_KEY_CHECK") == {account: "COMPLIANT"}
    assert judge(cloud, account, "ROOT_ACCOUNT_MFA_ENABLED") == {account: "NON_COMPLIANT"}


def test_a_user_with_a_policy_of_its_own_is_found(cloud: Cloud, account: str, iam: Any) -> None:
    user = make_user(iam)
    before = judge(cloud, account, "IAM_USER_NO_POLICIES_CHECK")

    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=json.dumps(ADMIN))

    assert before == {user: "COMPLIANT"}
    assert judge(cloud, account, "IAM_USER_NO_POLICIES_CHECK") == {user: "NON_COMPLIANT"}
    assert judge(cloud, account, "IAM_NO_INLINE_POLICY_CHECK")[user] == "NON_COMPLIANT"


def test_users_are_recorded_where_global_types_are(cloud: Cloud, account: str, iam: Any) -> None:
    user = make_user(iam)

    assert judge(cloud, account, "IAM_USER_NO_POLICIES_CHECK", "us-east-1") == {}
    assert judge(cloud, account, "IAM_USER_MFA_ENABLED", "us-east-1") == {user: "NON_COMPLIANT"}


def test_a_key_is_old_after_its_days(cloud: Cloud, account: str, iam: Any) -> None:
    user = make_user(iam)
    iam.create_access_key(UserName="bob")
    rule = "ACCESS_KEYS_ROTATED"
    young = judge(cloud, account, rule, maxAccessKeyAge="10000")

    cloud.clock.advance(10_000 * 24 * 3600 + 366 * 24 * 3600)

    assert young == {user: "COMPLIANT"}
    assert judge(cloud, account, rule, maxAccessKeyAge="10000") == {user: "NON_COMPLIANT"}


def test_a_console_user_without_a_second_factor_is_found(cloud: Cloud, account: str, iam: Any) -> None:
    user = make_user(iam)
    before = judge(cloud, account, "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS")

    iam.create_login_profile(UserName="bob", Password="not-a-real-one-1")

    assert before == {}
    assert judge(cloud, account, "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS") == {user: "NON_COMPLIANT"}


def test_a_policy_of_the_customer_that_allows_everything_is_found(cloud: Cloud, account: str, iam: Any) -> None:
    made = iam.create_policy(PolicyName="all", PolicyDocument=json.dumps(ADMIN))["Policy"]["PolicyId"]

    found = judge(cloud, account, "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS")

    assert found == {made: "NON_COMPLIANT"}
