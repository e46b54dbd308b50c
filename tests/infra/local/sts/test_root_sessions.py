"""Privileged root sessions, and root users, as clients see them."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.authorize.ground import (
    ADMINISTRATOR,
    allow,
    as_role,
    as_user,
    attach,
    deny,
    document,
    make_account,
    make_role,
)
from tests.infra.local.behaviour import behaviour
from tests.infra.local.sts.ground import TASKS, as_root, centralise, delegate, with_root_key

AUDIT = {"arn": f"{TASKS}IAMAuditRootUserCredentials"}
CLOSED = document({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::locked*"})


@pytest.fixture
def account(cloud: Cloud) -> str:
    return make_account(cloud)


@pytest.fixture
def centralised(cloud: Cloud, account: str) -> str:
    centralise(cloud)
    return account


@behaviour("sts.AssumeRoot")
def test_a_root_session_is_the_members_root_user_for_fifteen_minutes(cloud: Cloud, centralised: str) -> None:
    answer = cloud.client("sts").assume_root(TargetPrincipal=centralised, TaskPolicyArn=AUDIT)
    who = as_root(cloud, centralised, "IAMAuditRootUserCredentials").client("sts").get_caller_identity()

    assert timedelta(seconds=890) < answer["Credentials"]["Expiration"] - datetime.now(UTC) <= timedelta(seconds=900)
    assert (who["Arn"], who["UserId"]) == (f"arn:aws:iam::{centralised}:root", centralised)


@behaviour("sts.AssumeRoot", "IAM/latest/UserGuide/id_root-user-privileged-task.html")
def test_root_is_not_assumed_before_it_is_centralised(cloud: Cloud, account: str) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied.*not authorized to perform: sts:AssumeRoot"):
        as_root(cloud, account, "S3UnlockBucketPolicy")


@behaviour("sts.AssumeRoot", "IAM/latest/UserGuide/id_root-user-privileged-task.html")
def test_root_is_assumed_from_the_management_account_and_from_iams_administrator_alone(
    cloud: Cloud, centralised: str
) -> None:
    other = make_account(cloud, "search")
    sts = as_role(cloud, make_role(cloud, other, "security", managed=ADMINISTRATOR)).client("sts")
    with pytest.raises(ClientError, match="AccessDenied"):
        as_root(cloud, centralised, "S3UnlockBucketPolicy", sts)

    delegate(cloud, other)

    as_root(cloud, centralised, "S3UnlockBucketPolicy", sts)


@behaviour("sts.AssumeRoot")
@pytest.mark.parametrize("target", ["123456789012", "111122223333"])
def test_root_of_the_management_account_or_of_a_stranger_is_not_assumed(
    cloud: Cloud, centralised: str, target: str
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        as_root(cloud, target, "S3UnlockBucketPolicy")


@behaviour("sts.AssumeRoot")
def test_a_root_user_assumes_no_root(cloud: Cloud, centralised: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        as_root(cloud, centralised, "S3UnlockBucketPolicy", with_root_key(cloud, "123456789012").client("sts"))


@behaviour("sts.AssumeRoot", "IAM/latest/UserGuide/reference_policies_iam-condition-keys.html")
def test_a_policy_says_which_tasks_somebody_may_take(cloud: Cloud, centralised: str) -> None:
    only = {"StringEquals": {"sts:TaskPolicyArn": AUDIT["arn"]}}
    iam = cloud.client("iam")
    iam.create_user(UserName="auditor")
    statement = allow("sts:AssumeRoot", resource="arn:aws:iam::*:root", Condition=only)
    iam.put_user_policy(UserName="auditor", PolicyName="audit", PolicyDocument=document(statement))
    auditor = as_user(iam.create_access_key(UserName="auditor")["AccessKey"])
    sts = cloud.client("sts", credentials=auditor)

    as_root(cloud, centralised, "IAMAuditRootUserCredentials", sts)
    with pytest.raises(ClientError, match="AccessDenied"):
        as_root(cloud, centralised, "IAMDeleteRootUserCredentials", sts)


@behaviour("sts.AssumeRoot")
@pytest.mark.parametrize(
    ("target", "task", "seconds"),
    [
        ("root-of-payments", AUDIT["arn"], 900),
        (None, "arn:aws:iam::aws:policy/AdministratorAccess", 900),
        (None, AUDIT["arn"], 901),
    ],
)
def test_a_session_names_an_account_a_task_and_at_most_fifteen_minutes(
    cloud: Cloud, centralised: str, target: str | None, task: str, seconds: int
) -> None:
    with pytest.raises(ClientError, match=r"ValidationError|AccessDenied"):
        cloud.client("sts").assume_root(
            TargetPrincipal=target or centralised, TaskPolicyArn={"arn": task}, DurationSeconds=seconds
        )


@behaviour("s3.DeleteBucketPolicy", "IAM/latest/UserGuide/id_root-user-privileged-task.html")
def test_a_bucket_that_locked_everybody_out_is_unlocked_and_nothing_else_is_done(
    cloud: Cloud, centralised: str
) -> None:
    s3 = cloud.session(centralised).client("s3")
    s3.create_bucket(Bucket="locked", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_policy(Bucket="locked", Policy=CLOSED)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_bucket_policy(Bucket="locked")
    root = as_root(cloud, centralised, "S3UnlockBucketPolicy")

    with pytest.raises(ClientError, match=r"explicit deny in a session policy: .*root-task/S3UnlockBucketPolicy"):
        root.client("s3").list_objects_v2(Bucket="locked")
    root.client("s3").delete_bucket_policy(Bucket="locked")

    s3.list_objects_v2(Bucket="locked")


@behaviour("organizations.AttachPolicy", "IAM/latest/UserGuide/reference_policies_condition-keys.html")
def test_a_guardrail_tells_a_root_session_from_the_root_user(cloud: Cloud, centralised: str) -> None:
    root = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}, "Null": {"aws:AssumedRoot": "true"}}
    attach(cloud, centralised, deny("*", Condition=root))

    as_root(cloud, centralised, "S3UnlockBucketPolicy").client("s3").list_buckets()
    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        with_root_key(cloud, centralised).client("s3").list_buckets()


@behaviour("organizations.AttachPolicy", "organizations/latest/userguide/orgs_manage_policies_scps.html")
def test_a_guardrail_binds_root_and_nothing_else_does(cloud: Cloud, account: str) -> None:
    root = with_root_key(cloud, account)
    root.client("dynamodb").list_tables()

    attach(cloud, account, deny("dynamodb:*"))

    with pytest.raises(ClientError, match="service control policy"):
        root.client("dynamodb").list_tables()
    root.client("s3").list_buckets()


@behaviour("iam.CreateAccessKey")
def test_the_root_user_has_two_access_keys_at_most_and_takes_them_away(cloud: Cloud, account: str) -> None:
    iam = with_root_key(cloud, account).client("iam")

    made = iam.create_access_key()["AccessKey"]["AccessKeyId"]
    with pytest.raises(ClientError, match="LimitExceeded"):
        iam.create_access_key()
    iam.update_access_key(AccessKeyId=made, Status="Inactive")
    shown = {key["AccessKeyId"]: key["Status"] for key in iam.list_access_keys()["AccessKeyMetadata"]}
    iam.get_access_key_last_used(AccessKeyId=made)
    iam.delete_access_key(AccessKeyId=made)

    assert sorted(shown.values()) == ["Active", "Inactive"]
    assert shown[made] == "Inactive"
    assert len(iam.list_access_keys()["AccessKeyMetadata"]) == 1
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{account}:root"


@behaviour("iam.DeleteLoginProfile", "IAM/latest/UserGuide/id_root-user-privileged-task.html")
def test_credentials_of_a_root_user_are_audited_deleted_and_recovered_from_outside(cloud: Cloud, account: str) -> None:
    key = with_root_key(cloud, account)
    centralise(cloud)
    audit = as_root(cloud, account, "IAMAuditRootUserCredentials").client("iam")
    cleaner = as_root(cloud, account, "IAMDeleteRootUserCredentials").client("iam")
    (found,) = audit.list_access_keys()["AccessKeyMetadata"]
    assert audit.get_login_profile()["LoginProfile"]["CreateDate"]
    assert audit.list_mfa_devices()["MFADevices"] == audit.list_signing_certificates()["Certificates"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        audit.delete_login_profile()

    cleaner.delete_access_key(AccessKeyId=found["AccessKeyId"])
    cleaner.delete_login_profile()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        audit.get_login_profile()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        key.client("iam").list_roles()
    as_root(cloud, account, "IAMCreateRootUserPassword").client("iam").create_login_profile()

    assert audit.get_login_profile()["LoginProfile"]


@behaviour("organizations.CreateAccount", "IAM/latest/UserGuide/id_root-user.html")
def test_an_account_made_under_managed_root_credentials_has_none(cloud: Cloud) -> None:
    centralise(cloud)
    audit = as_root(cloud, make_account(cloud), "IAMAuditRootUserCredentials").client("iam")

    with pytest.raises(ClientError, match="NoSuchEntity"):
        audit.get_login_profile()
    assert audit.list_access_keys()["AccessKeyMetadata"] == []


@behaviour("iam.GetUser")
def test_a_user_that_names_nobody_is_judged_on_itself(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="bob")
    own = allow("iam:GetUser", "iam:*AccessKey*", resource="arn:aws:iam::*:user/${aws:username}")
    iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=document(own))
    iam.create_user(UserName="eve")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    bob = cloud.client("iam", credentials=as_user(key))

    assert bob.get_user()["User"]["UserName"] == "bob"
    assert [each["AccessKeyId"] for each in bob.list_access_keys()["AccessKeyMetadata"]] == [key["AccessKeyId"]]
    with pytest.raises(ClientError, match="AccessDenied"):
        bob.list_access_keys(UserName="eve")
