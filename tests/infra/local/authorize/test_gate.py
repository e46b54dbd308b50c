"""Authorisation as a client sees it: plain boto3 against the running cloud."""

from datetime import datetime
from typing import Any

import httpx2
import pytest
from botocore.exceptions import ClientError

from infra.local.authorize.journal import JOURNAL
from tests.cloud import Cloud, Credentials
from tests.infra.local.authorize.ground import (
    ADMINISTRATOR,
    READ_ONLY,
    allow,
    as_role,
    as_user,
    attach,
    deny,
    document,
    make_account,
    make_role,
    trust,
)
from tests.infra.local.behaviour import behaviour

MANAGEMENT = "123456789012"


@pytest.fixture
def account(cloud: Cloud) -> str:
    return make_account(cloud)


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    """Code and message of the error a call ends in."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def test_static_credentials_administer_the_management_account(cloud: Cloud) -> None:
    anyone = cloud.client("iam", credentials=Credentials("whatever", "secret"))

    anyone.create_role(RoleName="made", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{MANAGEMENT}:root"))

    assert cloud.client("iam").get_role(RoleName="made")["Role"]["Arn"] == f"arn:aws:iam::{MANAGEMENT}:role/made"


def test_platform_role_administers_a_member_account(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)

    session.client("s3").create_bucket(Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    session.client("ec2").describe_vpcs()
    session.client("iam").list_roles()

    assert session.client("sts").get_caller_identity()["Account"] == account


def test_role_may_do_what_its_policy_says_and_no_more(cloud: Cloud, account: str) -> None:
    role = make_role(cloud, account, "reader", allow("ec2:DescribeVpcs"))
    ec2 = as_role(cloud, role).client("ec2")

    ec2.describe_vpcs()
    code, message = refused(ec2.describe_subnets)

    assert code == "UnauthorizedOperation"
    assert message == (
        "You are not authorized to perform this operation. "
        f"User: arn:aws:sts::{account}:assumed-role/reader/ada is not authorized to perform: ec2:DescribeSubnets "
        "on resource: * because no identity-based policy allows the ec2:DescribeSubnets action"
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("organizations", "leave_organization", {}, "AccessDeniedException"),
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation"),
        ("s3", "list_buckets", {}, "AccessDenied"),
        ("s3", "head_bucket", {"Bucket": "none"}, "403"),
        ("iam", "list_roles", {}, "AccessDenied"),
        (
            "sts",
            "assume_role",
            {"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "xx"},
            "AccessDenied",
        ),
        ("dynamodb", "list_tables", {}, "AccessDeniedException"),
        ("lambda", "list_functions", {}, "AccessDeniedException"),
        ("sns", "list_topics", {}, "AuthorizationError"),
        ("sqs", "list_queues", {}, "AccessDeniedException"),
        ("cloudwatch", "list_metrics", {}, "AccessDeniedException"),
        ("cloudformation", "list_stacks", {}, "AccessDenied"),
        ("route53", "list_hosted_zones", {}, "AccessDenied"),
        ("sso-admin", "list_instances", {}, "AccessDeniedException"),
        ("controltower", "list_landing_zones", {}, "AccessDeniedException"),
        ("account", "get_contact_information", {}, "AccessDeniedException"),
        ("budgets", "describe_budgets", {"AccountId": "123456789012"}, "AccessDeniedException"),
    ],
)
def test_denial_is_read_by_the_client_of_every_protocol(
    cloud: Cloud, account: str, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    nobody = as_role(cloud, make_role(cloud, account, "nobody"))

    client = nobody.client(service)
    told, message = refused(getattr(client, operation), **parameters)

    assert told == code
    assert code == "403" or "is not authorized to perform" in message
    nobody.client("sts").get_caller_identity()


@behaviour("organizations.AttachPolicy", "IAM/latest/UserGuide/troubleshoot_access-denied.html")
def test_guardrail_denies_with_its_arn(cloud: Cloud, account: str) -> None:
    policy = attach(cloud, account, deny("organizations:LeaveOrganization"))
    role = make_role(cloud, account, "team", managed=ADMINISTRATOR)

    code, message = refused(as_role(cloud, role).client("organizations").leave_organization)

    assert code == "AccessDeniedException"
    assert message == (
        f"User: arn:aws:sts::{account}:assumed-role/team/ada is not authorized to perform: "
        "organizations:LeaveOrganization on resource: * with an explicit deny in a service control policy: " + policy
    )


@behaviour("organizations.AttachPolicy", "organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html")
def test_guardrail_of_an_ou_holds_only_below_it(cloud: Cloud, account: str) -> None:
    organizations = cloud.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Free")["OrganizationalUnit"]["Id"]
    attach(cloud, unit, deny("dynamodb:*"))
    dynamodb = as_role(cloud, make_role(cloud, account, "team", managed=ADMINISTRATOR)).client("dynamodb")
    dynamodb.list_tables()

    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)

    assert refused(dynamodb.list_tables)[0] == "AccessDeniedException"


@behaviour("organizations.AttachPolicy", "organizations/latest/userguide/orgs_manage_policies_scps.html")
def test_management_account_is_under_no_guardrail(cloud: Cloud) -> None:
    attach(cloud, cloud.client("organizations").list_roots()["Roots"][0]["Id"], deny("dynamodb:*"))

    assert cloud.client("dynamodb").list_tables()["TableNames"] == []


def test_guardrail_sees_the_region_and_the_global_services_at_home_in_us_east_1(cloud: Cloud, account: str) -> None:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
    attach(cloud, account, deny("dynamodb:*", "iam:*", Condition=elsewhere))
    team = as_role(cloud, make_role_before(cloud, account))

    team.client("dynamodb", "eu-west-1").list_tables()

    assert refused(team.client("dynamodb", "eu-central-1").list_tables)[0] == "AccessDeniedException"
    assert refused(team.client("iam", "eu-west-1").list_users)[0] == "AccessDenied"


def make_role_before(cloud: Cloud, account: str) -> str:
    """The platform role, which exists already: a guardrail on IAM leaves no way to make another."""
    return f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"


def test_exempt_principal_is_known_by_its_arn_with_path(cloud: Cloud, account: str) -> None:
    exempt = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform/*"}}
    platform = make_role(cloud, account, "platform", managed=ADMINISTRATOR, Path="/platform/")
    team = make_role(cloud, account, "team", managed=ADMINISTRATOR)
    attach(cloud, account, deny("dynamodb:*", Condition=exempt))

    as_role(cloud, platform).client("dynamodb").list_tables()

    assert refused(as_role(cloud, team).client("dynamodb").list_tables)[0] == "AccessDeniedException"


@behaviour("organizations.AttachPolicy", "organizations/latest/userguide/orgs_manage_policies_rcps.html")
def test_resource_control_policy_binds_the_owners_resources(cloud: Cloud, account: str) -> None:
    policy = attach(cloud, account, {**deny("dynamodb:DeleteTable"), "Principal": "*"}, kind="RESOURCE_CONTROL_POLICY")
    dynamodb = cloud.session(account).client("dynamodb")

    _, message = refused(dynamodb.delete_table, TableName="ledger")

    assert f"arn:aws:dynamodb:eu-west-1:{account}:table/ledger" in message
    assert message.endswith(f"with an explicit deny in a resource control policy: {policy}")


def test_permissions_boundary_narrows_a_role(cloud: Cloud, account: str) -> None:
    iam = cloud.session(account).client("iam")
    boundary = iam.create_policy(PolicyName="edge", PolicyDocument=document(allow("dynamodb:*")))["Policy"]["Arn"]
    role = make_role(cloud, account, "bounded", managed=ADMINISTRATOR, PermissionsBoundary=boundary)
    bounded = as_role(cloud, role)

    bounded.client("dynamodb").list_tables()
    _, message = refused(bounded.client("ec2").describe_vpcs)

    assert message.endswith("because no permissions boundary allows the ec2:DescribeVpcs action")


@behaviour("sts.AssumeRole", "IAM/latest/UserGuide/access_policies.html")
def test_session_policy_narrows_a_session(cloud: Cloud, account: str) -> None:
    role = make_role(cloud, account, "team", managed=ADMINISTRATOR)
    given = cloud.client("sts").assume_role(
        RoleArn=role, RoleSessionName="narrow", Policy=document(allow("dynamodb:ListTables"))
    )["Credentials"]
    narrow = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    cloud.client("dynamodb", credentials=narrow).list_tables()
    _, message = refused(cloud.client("ec2", credentials=narrow).describe_vpcs)

    assert message.endswith("because no session policy allows the ec2:DescribeVpcs action")


def test_aws_managed_policy_is_judged_by_its_real_text(cloud: Cloud, account: str) -> None:
    role = make_role(cloud, account, "auditor", managed=READ_ONLY)
    auditor = as_role(cloud, role)

    auditor.client("ec2").describe_vpcs()

    assert refused(auditor.client("ec2").create_vpc, CidrBlock="10.0.0.0/16")[0] == "UnauthorizedOperation"


def test_user_is_judged_by_own_and_group_policies(cloud: Cloud, account: str) -> None:
    iam = cloud.session(account).client("iam")
    iam.create_user(UserName="legacy")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=document(allow("dynamodb:ListTables")))
    iam.add_user_to_group(GroupName="readers", UserName="legacy")
    user = as_user(iam.create_access_key(UserName="legacy")["AccessKey"])

    cloud.client("dynamodb", credentials=user).list_tables()
    _, message = refused(cloud.client("ec2", credentials=user).describe_vpcs)

    assert f"User: arn:aws:iam::{account}:user/legacy is not authorized" in message


@behaviour("sts.AssumeRole")
def test_role_is_assumed_only_by_whom_it_trusts(cloud: Cloud, account: str) -> None:
    iam = cloud.session(account).client("iam")
    iam.create_role(RoleName="closed", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{account}:role/somebody"))
    closed = f"arn:aws:iam::{account}:role/closed"

    code, message = refused(cloud.client("sts").assume_role, RoleArn=closed, RoleSessionName="ada")

    assert code == "AccessDenied"
    assert message.endswith("because no role trust policy allows the sts:AssumeRole action")


def test_trust_alone_does_not_let_a_role_of_another_account_in(cloud: Cloud, account: str) -> None:
    other = make_account(cloud, "ledger")
    visitor = make_role(cloud, other, "visitor")
    host = f"arn:aws:iam::{account}:role/host"
    cloud.session(account).client("iam").create_role(
        RoleName="host", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{other}:root")
    )
    sts = as_role(cloud, visitor).client("sts")

    before = refused(sts.assume_role, RoleArn=host, RoleSessionName="ada")
    cloud.session(other).client("iam").put_role_policy(
        RoleName="visitor", PolicyName="go", PolicyDocument=document(allow("sts:AssumeRole", resource=host))
    )

    assert before[1].endswith("because no identity-based policy allows the sts:AssumeRole action")
    assert sts.assume_role(RoleArn=host, RoleSessionName="ada")["AssumedRoleUser"]["Arn"].endswith("/host/ada")


@behaviour("sts.AssumeRole")
def test_external_id_of_a_trust_policy_is_asked_for(cloud: Cloud, account: str) -> None:
    opened = trust(f"arn:aws:iam::{MANAGEMENT}:root", Condition={"StringEquals": {"sts:ExternalId": "abc"}})
    cloud.session(account).client("iam").create_role(RoleName="vendor", AssumeRolePolicyDocument=opened)
    asked = {"RoleArn": f"arn:aws:iam::{account}:role/vendor", "RoleSessionName": "vendor"}

    code, _ = refused(cloud.client("sts").assume_role, **asked)

    assert code == "AccessDenied"
    assert cloud.client("sts").assume_role(ExternalId="abc", **asked)["Credentials"]


def test_role_that_does_not_exist_is_not_assumed(cloud: Cloud, account: str) -> None:
    for arn in (f"arn:aws:iam::{account}:role/none", "arn:aws:iam::999999999999:role/OrganizationAccountAccessRole"):
        assert refused(cloud.client("sts").assume_role, RoleArn=arn, RoleSessionName="ada")[0] == "AccessDenied"


def test_bucket_of_another_account_opens_by_its_policy_alone(cloud: Cloud, account: str) -> None:
    s3 = cloud.session(account).client("s3")
    s3.create_bucket(Bucket="shared", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    other = make_role(cloud, make_account(cloud, "ledger"), "visitor", managed=ADMINISTRATOR)
    visitor = as_role(cloud, other).client("s3")
    before = refused(visitor.list_objects_v2, Bucket="shared")

    open_to = {"Effect": "Allow", "Principal": {"AWS": other}, "Action": "s3:ListBucket"}
    s3.put_bucket_policy(Bucket="shared", Policy=document({**open_to, "Resource": "arn:aws:s3:::shared"}))

    assert before[1].endswith("because no resource-based policy allows the s3:ListBucket action")
    assert visitor.list_objects_v2(Bucket="shared")["KeyCount"] == 0


@behaviour("s3.PutBucketPolicy")
def test_bucket_policy_denies_its_owner_too(cloud: Cloud, account: str) -> None:
    s3 = cloud.session(account).client("s3")
    s3.create_bucket(Bucket="locked", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_policy(
        Bucket="locked", Policy=document({**deny("s3:PutObject", resource="arn:aws:s3:::locked/*"), "Principal": "*"})
    )

    _, message = refused(s3.put_object, Bucket="locked", Key="a/b", Body=b"x")

    assert "s3:PutObject on resource: arn:aws:s3:::locked/a/b" in message


def test_passing_a_role_needs_its_own_permission(cloud: Cloud, account: str) -> None:
    team = make_role(cloud, account, "team", allow("config:*"))
    config = as_role(cloud, team).client("config")
    passed = f"arn:aws:iam::{account}:role/recorder"

    _, message = refused(
        config.put_configuration_recorder, ConfigurationRecorder={"name": "default", "roleARN": passed}
    )

    assert f"is not authorized to perform: iam:PassRole on resource: {passed} because" in message


def test_each_resource_of_a_launch_is_judged(cloud: Cloud, account: str) -> None:
    no_large = {"StringNotLike": {"ec2:InstanceType": "t3.*"}}
    attach(cloud, account, deny("ec2:RunInstances", resource="arn:aws:ec2:*:*:instance/*", Condition=no_large))
    ec2 = cloud.session(account).client("ec2")

    _, message = refused(ec2.run_instances, ImageId="ami-12345678", InstanceType="p5.48xlarge", MinCount=1, MaxCount=1)

    assert f"ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:{account}:instance/* with an explicit deny" in message


def test_tags_of_a_launch_count_on_the_tagged_resource_only(cloud: Cloud, account: str) -> None:
    untagged = {"Null": {"aws:RequestTag/team": "true"}}
    attach(cloud, account, deny("ec2:CreateVpc", resource="arn:aws:ec2:*:*:vpc/*", Condition=untagged))
    ec2 = cloud.session(account).client("ec2")
    tagged = [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "payments"}]}]

    code, _ = refused(ec2.create_vpc, CidrBlock="10.0.0.0/16")

    assert code == "UnauthorizedOperation"
    assert ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged)["Vpc"]["VpcId"]


@behaviour("sts.GetCallerIdentity", "IAM/latest/APIReference/CommonErrors.html")
def test_call_without_credentials_is_told_so(cloud: Cloud) -> None:
    query = httpx2.post(cloud.url, data={"Action": "ListUsers", "Version": "2010-05-08"})
    json_call = httpx2.post(cloud.url, headers={"X-Amz-Target": "AWSOrganizationsV20161128.ListRoots"}, content="{}")
    storage = httpx2.get(f"{cloud.url}/some-bucket")

    assert query.status_code == 403
    assert json_call.status_code == 403
    assert "MissingAuthenticationToken" in json_call.text
    assert "<Code>AccessDenied</Code>" in storage.text


def test_forged_and_foreign_session_is_refused(cloud: Cloud, account: str) -> None:
    real = cloud.session(account).credentials
    forged = Credentials(real.access_key, real.secret_key, "another token")
    unknown = Credentials("ASIAQQQQQQQQQQQQQQQQ", "secret", "token")

    for credentials in (forged, unknown):
        code, _ = refused(cloud.client("sts", credentials=credentials).get_caller_identity)
        assert code == "InvalidClientTokenId"
        code, _ = refused(cloud.client("dynamodb", credentials=credentials).list_tables)
        assert code == "UnrecognizedClientException"


@behaviour("sts.AssumeRole")
def test_session_ends_with_its_role_and_with_its_account(cloud: Cloud, account: str) -> None:
    role = make_role(cloud, account, "short", managed=ADMINISTRATOR)
    short, platform = as_role(cloud, role).client("sts"), cloud.session(account)
    short.get_caller_identity()

    iam = platform.client("iam")
    iam.detach_role_policy(RoleName="short", PolicyArn=ADMINISTRATOR)
    iam.delete_role(RoleName="short")
    cloud.client("organizations").close_account(AccountId=account)
    cloud.clock.advance(30 * 86_400)

    assert refused(short.get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(iam.list_roles)[0] == "AccessDenied"


@pytest.mark.parametrize("operation", ["get_session_token", "get_federation_token"])
def test_way_to_credentials_that_is_not_modelled_is_refused_loudly(cloud: Cloud, operation: str) -> None:
    parameters = {"Name": "someone"} if operation == "get_federation_token" else {}

    code, _ = refused(getattr(cloud.client("sts"), operation), **parameters)

    assert code == "NotImplemented"


def test_judged_calls_can_be_read_and_forgotten(cloud: Cloud, account: str) -> None:
    role = make_role(cloud, account, "team", allow("dynamodb:ListTables"))
    httpx2.delete(f"{cloud.url}/_cloud/authorised")
    team = as_role(cloud, role)
    team.client("dynamodb").list_tables()
    refused(team.client("dynamodb").describe_table, TableName="ledger")

    items = httpx2.get(f"{cloud.url}/_cloud/authorised", params={"principal": role}).json()["items"]
    denied = httpx2.get(f"{cloud.url}/_cloud/authorised", params={"allowed": "false"}).json()["items"]
    httpx2.delete(f"{cloud.url}/_cloud/authorised")

    assert [(item["action"], item["allowed"]) for item in items] == [
        ("dynamodb:ListTables", True),
        ("dynamodb:DescribeTable", False),
    ]
    assert items[0]["context"]["aws:RequestedRegion"] == "eu-west-1"
    assert datetime.fromisoformat(items[0]["at"]) == cloud.clock.now()
    assert [item["resource"] for item in denied] == [f"arn:aws:dynamodb:eu-west-1:{account}:table/ledger"]
    assert denied[0]["policy"] == "identity"
    assert JOURNAL.entries() == []
