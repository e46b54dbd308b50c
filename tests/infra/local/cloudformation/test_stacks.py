"""Stacks, and in whose name they make what they make: what SCPs and policies say of the caller binds them too."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, CloudSession
from tests.infra.local.authorize.ground import (
    ADMINISTRATOR,
    allow,
    as_role,
    attach,
    deny,
    document,
    make_account,
    make_role,
)
from tests.infra.local.behaviour import behaviour

BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-ledger"}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}}
USER = {"Type": "AWS::IAM::User", "Properties": {"UserName": "ulla"}}
BY_CLOUDFORMATION = {"StringEquals": {"aws:CalledViaFirst": "cloudformation.amazonaws.com"}}


@pytest.fixture
def account(cloud: Cloud) -> str:
    return make_account(cloud)


@pytest.fixture
def admin(cloud: Cloud, account: str) -> CloudSession:
    return as_role(cloud, make_role(cloud, account, "admin", managed=ADMINISTRATOR))


def template(**resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def create(session: CloudSession, body: str, **more: Any) -> str:
    given = {"StackName": "mine", "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"], **more}
    return str(session.client("cloudformation").create_stack(**given)["StackId"])


def status(session: CloudSession, stack: str = "mine") -> str:
    [found] = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return str(found["StackStatus"])


def reasons(session: CloudSession, state: str, stack: str = "mine") -> list[str]:
    events = session.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [str(one.get("ResourceStatusReason")) for one in events if one["ResourceStatus"] == state]


@behaviour("cloudformation.CreateStack", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_a_stack_whose_caller_an_scp_denies_a_resource_rolls_back_and_says_so(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    scp = attach(cloud, account, deny("iam:CreateUser"))

    create(admin, template(Orders=QUEUE, Ulla={**USER, "DependsOn": "Orders"}))

    [reason] = [each for each in reasons(admin, "CREATE_FAILED") if "not authorized" in each]
    assert status(admin) == "ROLLBACK_COMPLETE"
    assert f"iam:CreateUser on resource: arn:aws:iam::{account}:user/ulla" in reason
    assert f"with an explicit deny in a service control policy: {scp}" in reason
    assert admin.client("sqs").list_queues().get("QueueUrls", []) == []
    assert admin.client("iam").list_users()["Users"] == []
    assert admin.client("cloudformation").describe_stack_resources(StackName="mine")["StackResources"] == []


@behaviour(
    "cloudformation.CreateStack", "AWSCloudFormation/latest/UserGuide/fas-requests-and-permission-evaluation.html"
)
def test_what_a_stack_asks_for_is_told_from_what_its_caller_asks_for(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    attach(cloud, account, deny("s3:CreateBucket", Condition=BY_CLOUDFORMATION))
    attach_via = deny("sqs:CreateQueue", Condition={"Bool": {"aws:ViaAWSService": "false"}})
    organizations = cloud.client("organizations")
    made = organizations.create_policy(
        Name="direct", Description="", Type="SERVICE_CONTROL_POLICY", Content=document(attach_via)
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=account)

    admin.client("s3").create_bucket(
        Bucket="acme-direct", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    create(admin, template(Ledger=BUCKET))
    create(admin, template(Orders=QUEUE), StackName="orders")

    assert (status(admin), status(admin, "orders")) == ("ROLLBACK_COMPLETE", "CREATE_COMPLETE")
    with pytest.raises(ClientError, match="AccessDenied"):
        admin.client("sqs").create_queue(QueueName="direct")


@behaviour("cloudformation.CreateStack", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_a_stack_with_a_role_has_the_rights_of_the_role_and_not_of_its_caller(cloud: Cloud, account: str) -> None:
    iam = cloud.session(account).client("iam")
    opened = document(allow("sts:AssumeRole", Principal={"Service": "cloudformation.amazonaws.com"}))
    statement = json.loads(opened)["Statement"][0]
    del statement["Resource"]
    trusted = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="stacks", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    iam.put_role_policy(RoleName="stacks", PolicyName="p", PolicyDocument=document(allow("sqs:*")))
    caller = as_role(cloud, make_role(cloud, account, "deployer", allow("cloudformation:*"), allow("iam:PassRole")))

    create(caller, template(Orders=QUEUE), RoleARN=role)
    create(caller, template(Ledger=BUCKET), RoleARN=role, StackName="bucket")
    create(caller, template(Orders=QUEUE), StackName="own")

    assert status(caller) == "CREATE_COMPLETE"
    assert "assumed-role/stacks/AWSCloudFormation is not authorized to perform: s3:CreateBucket" in str(
        reasons(caller, "CREATE_FAILED", "bucket")
    )
    assert "no identity-based policy allows the sqs:CreateQueue action" in str(reasons(caller, "CREATE_FAILED", "own"))


@behaviour("cloudformation.CreateStack", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_a_role_that_does_not_trust_cloudformation_makes_no_stack(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    role = make_role(cloud, account, "closed", managed=ADMINISTRATOR)

    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        create(admin, template(Orders=QUEUE), RoleARN=role)

    with pytest.raises(ClientError, match="does not exist"):
        status(admin)


@behaviour("cloudformation.CreateStack")
def test_what_becomes_of_a_failed_stack_is_the_callers_choice(cloud: Cloud, account: str, admin: CloudSession) -> None:
    attach(cloud, account, deny("iam:CreateUser"))
    body = template(Orders=QUEUE, Ulla={**USER, "DependsOn": "Orders"})

    create(admin, body, OnFailure="DO_NOTHING")
    gone = create(admin, template(Ulla=USER), OnFailure="DELETE", StackName="gone")

    assert (status(admin), status(admin, gone)) == ("CREATE_FAILED", "DELETE_COMPLETE")
    assert len(admin.client("sqs").list_queues()["QueueUrls"]) == 1


@behaviour("cloudformation.CreateStack")
def test_a_resource_that_its_service_refuses_fails_its_stack(cloud: Cloud, account: str, admin: CloudSession) -> None:
    admin.client("iam").create_user(UserName="ulla")

    create(admin, template(Ulla=USER))

    assert status(admin) == "ROLLBACK_COMPLETE"
    assert "User ulla already exists" in str(reasons(admin, "CREATE_FAILED"))
    assert [one["UserName"] for one in admin.client("iam").list_users()["Users"]] == ["ulla"]


@behaviour("cloudformation.CreateStack")
@pytest.mark.parametrize(
    ("user", "given", "needed"),
    [({}, [], "CAPABILITY_IAM"), ({"UserName": "ulla"}, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM")],
    ids=["unnamed", "named"],
)
def test_identities_in_a_template_have_to_be_acknowledged(
    cloud: Cloud, account: str, admin: CloudSession, user: dict[str, str], given: list[str], needed: str
) -> None:
    body = template(Ulla={"Type": "AWS::IAM::User", "Properties": user})

    with pytest.raises(ClientError, match=f"InsufficientCapabilities.*{needed}"):
        create(admin, body, Capabilities=given)

    create(admin, body, Capabilities=[needed])
    assert status(admin) == "CREATE_COMPLETE"


@behaviour("cloudformation.UpdateStack", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_an_update_whose_caller_is_denied_a_resource_leaves_the_stack_as_it_was(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    create(admin, template(Orders=QUEUE))
    attach(cloud, account, deny("iam:CreateUser"))
    grown = template(Orders=QUEUE, Ledger=BUCKET, Ulla={**USER, "DependsOn": "Ledger"})

    admin.client("cloudformation").update_stack(
        StackName="mine", TemplateBody=grown, Capabilities=["CAPABILITY_NAMED_IAM"]
    )

    resources = admin.client("cloudformation").describe_stack_resources(StackName="mine")["StackResources"]
    assert status(admin) == "UPDATE_ROLLBACK_COMPLETE"
    assert "explicit deny" in str(reasons(admin, "UPDATE_FAILED"))
    assert [one["LogicalResourceId"] for one in resources] == ["Orders"]
    assert admin.client("s3").list_buckets()["Buckets"] == []


@behaviour("cloudformation.UpdateStack", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_a_change_needs_the_right_to_change(cloud: Cloud, account: str, admin: CloudSession) -> None:
    create(admin, template(Orders=QUEUE))
    attach(cloud, account, deny("sqs:SetQueueAttributes"))
    slower = {**QUEUE, "Properties": {"QueueName": "orders", "DelaySeconds": 9}}

    admin.client("cloudformation").update_stack(StackName="mine", TemplateBody=template(Orders=slower))

    assert status(admin) == "UPDATE_ROLLBACK_COMPLETE"
    assert "sqs:SetQueueAttributes" in str(reasons(admin, "UPDATE_FAILED"))


@behaviour("cloudformation.DeleteStack", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_a_stack_stays_while_its_caller_may_not_delete_a_resource(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    create(admin, template(Orders=QUEUE, Ulla=USER))
    attach(cloud, account, deny("iam:DeleteUser"))

    admin.client("cloudformation").delete_stack(StackName="mine")

    assert status(admin) == "DELETE_FAILED"
    assert "iam:DeleteUser" in str(reasons(admin, "DELETE_FAILED"))
    assert admin.client("sqs").list_queues().get("QueueUrls", []) == []


@behaviour("cloudformation.DeleteStack")
def test_a_protected_stack_is_not_deleted(cloud: Cloud, account: str, admin: CloudSession) -> None:
    create(admin, template(Orders=QUEUE), EnableTerminationProtection=True)

    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        admin.client("cloudformation").delete_stack(StackName="mine")

    assert status(admin) == "CREATE_COMPLETE"


@behaviour("cloudformation.DeleteStack")
def test_a_deleted_stack_makes_nothing_when_it_is_looked_at(cloud: Cloud, account: str, admin: CloudSession) -> None:
    stack = create(admin, template(Orders=QUEUE))

    admin.client("cloudformation").delete_stack(StackName="mine")
    admin.client("cloudformation").describe_stack_resources(StackName=stack)

    assert status(admin, stack) == "DELETE_COMPLETE"
    assert admin.client("sqs").list_queues().get("QueueUrls", []) == []


@behaviour("cloudformation.ExecuteChangeSet", "AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html")
def test_a_change_set_acts_for_whoever_executes_it(cloud: Cloud, account: str, admin: CloudSession) -> None:
    attach(cloud, account, deny("s3:CreateBucket"))
    client = admin.client("cloudformation")
    client.create_change_set(
        StackName="mine", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template(Ledger=BUCKET)
    )

    client.execute_change_set(StackName="mine", ChangeSetName="first")

    assert status(admin) == "ROLLBACK_COMPLETE"
    assert "explicit deny in a service control policy" in str(reasons(admin, "CREATE_FAILED"))


@pytest.mark.parametrize("kind", ["AWS::Config::ConfigRule", "Custom::Thing", "AWS::CloudFormation::Stack"])
def test_a_type_whose_calls_are_not_known_is_not_modelled_and_nothing_of_its_stack_is_made(
    cloud: Cloud, account: str, admin: CloudSession, kind: str
) -> None:
    with pytest.raises(ClientError, match=f"NotImplemented.*{kind}"):
        create(admin, template(Orders=QUEUE, Odd={"Type": kind, "Properties": {}}))

    assert admin.client("sqs").list_queues().get("QueueUrls", []) == []
    with pytest.raises(ClientError, match="does not exist"):
        status(admin)


def test_the_stacks_of_a_stack_set_are_not_modelled(cloud: Cloud, account: str) -> None:
    client = cloud.client("cloudformation")
    client.create_stack_set(StackSetName="everywhere", TemplateBody=template(Orders=QUEUE))

    with pytest.raises(ClientError, match="NotImplemented"):
        client.create_stack_instances(StackSetName="everywhere", Accounts=[account], Regions=["eu-west-1"])


WRONG: dict[str, tuple[str, str]] = {
    "a text": ("ü😀", "unsupported structure"),
    "no YAML": ("{{: [", "not well-formed"),
    "nothing": ("{}", "At least one Resources member"),
    "a list": ('{"Resources": ["a"]}', "At least one Resources member"),
    "no resource": ('{"Resources": {"Q": null}}', "resource definition is malformed"),
    "no type": ('{"Resources": {"Q": {"Type": ["AWS::SQS::Queue"]}}}', "must contain a Type member"),
    "odd properties": ('{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": [1]}}}', "must be an"),
}


@behaviour("cloudformation.CreateStack", "AWSCloudFormation/latest/UserGuide/troubleshooting.html")
@pytest.mark.parametrize("what", list(WRONG))
def test_a_template_that_is_none_is_refused_in_words(
    cloud: Cloud, account: str, admin: CloudSession, what: str
) -> None:
    body, sentence = WRONG[what]

    with pytest.raises(ClientError, match=f"ValidationError.*{sentence}"):
        create(admin, body)


@behaviour("cloudformation.CreateStack")
def test_an_access_key_for_a_user_that_is_named_names_no_identity(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    admin.client("iam").create_user(UserName="ulla")
    key = {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "ulla"}}

    create(admin, template(Key=key), Capabilities=["CAPABILITY_IAM"])

    assert status(admin) == "CREATE_COMPLETE"


REFERRING: dict[str, tuple[dict[str, Any], str]] = {
    "nobody": ({"Orders": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Nobody"}}}}, r"\[Nobody\]"),
    "each other": (
        {name: {**QUEUE, "DependsOn": other} for name, other in (("A", "B"), ("B", "A"))},
        "Circular dependency between resources",
    ),
    "no condition": ({"Orders": {**QUEUE, "Condition": "Never"}}, "condition dependency Never"),
}


@behaviour("cloudformation.CreateStack", "AWSCloudFormation/latest/UserGuide/troubleshooting.html")
@pytest.mark.parametrize("what", list(REFERRING))
def test_a_template_whose_references_lead_nowhere_is_refused(
    cloud: Cloud, account: str, admin: CloudSession, what: str
) -> None:
    resources, sentence = REFERRING[what]

    with pytest.raises(ClientError, match=f"ValidationError.*{sentence}"):
        create(admin, template(**resources))


def test_properties_that_the_cloud_cannot_make_anything_of_leave_nothing(
    cloud: Cloud, account: str, admin: CloudSession
) -> None:
    subnet = {"Type": "AWS::EC2::Subnet", "DependsOn": "Orders"}

    with pytest.raises(ClientError, match=r"NotImplemented.*AWS::EC2::Subnet with the properties of Lost"):
        create(admin, template(Orders=QUEUE, Lost=subnet))

    assert admin.client("cloudformation").describe_stacks()["Stacks"] == []
    assert admin.client("sqs").list_queues().get("QueueUrls", []) == []


@behaviour("cloudformation.DescribeChangeSet")
def test_a_change_set_is_its_stacks_own(cloud: Cloud, account: str, admin: CloudSession) -> None:
    client = admin.client("cloudformation")
    for stack in ("mine", "yours"):
        body = template(Orders={**QUEUE, "Properties": {"QueueName": stack}})
        client.create_change_set(StackName=stack, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=body)

    seen = client.describe_change_set(StackName="mine", ChangeSetName="first")
    client.delete_stack(StackName="mine")

    assert seen["StackName"] == "mine"
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        client.execute_change_set(StackName="mine", ChangeSetName="first")
    client.execute_change_set(StackName="yours", ChangeSetName="first")
    assert status(admin, "yours") == "CREATE_COMPLETE"
