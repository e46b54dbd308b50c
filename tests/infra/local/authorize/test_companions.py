"""Rights that an operation takes besides its own, and tags that policies ask for, as weak roles find out."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud, CloudSession, Credentials
from tests.infra.local.authorize.ground import allow, as_role, document, make_account, make_role, trust
from tests.infra.local.behaviour import behaviour

TAGS = [{"Key": "service", "Value": "ledger"}]
KEY: dict[str, Any] = {
    "TableName": "orders",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


@pytest.fixture
def account(cloud: Cloud) -> str:
    return make_account(cloud)


def weak(cloud: Cloud, account: str, *actions: str, name: str = "weak", **more: Any) -> CloudSession:
    """As a role that may do only this."""
    return as_role(cloud, make_role(cloud, account, name, allow(*actions, **more)))


def with_bucket(cloud: Cloud, account: str) -> None:
    s3 = cloud.session(account).client("s3")
    for bucket in ("secret", "open"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="secret", Key="a b", Body=b"x")


TAGGED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("sqs", "create_queue", "sqs:TagQueue", {"QueueName": "orders", "tags": {"service": "ledger"}}),
    ("sns", "create_topic", "sns:TagResource", {"Name": "orders", "Tags": TAGS}),
    ("kms", "create_key", "kms:TagResource", {"Tags": [{"TagKey": "service", "TagValue": "ledger"}]}),
    ("dynamodb", "create_table", "dynamodb:TagResource", {**KEY, "Tags": TAGS}),
    ("secretsmanager", "create_secret", "secretsmanager:TagResource", {"Name": "x", "SecretString": "y", "Tags": TAGS}),
    ("ssm", "put_parameter", "ssm:AddTagsToResource", {"Name": "x", "Value": "y", "Type": "String", "Tags": TAGS}),
    ("iam", "create_role", "iam:TagRole", {"RoleName": "x", "AssumeRolePolicyDocument": trust("*"), "Tags": TAGS}),
    (
        "ec2",
        "create_vpc",
        "ec2:CreateTags",
        {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": TAGS}]},
    ),
]


@behaviour("ec2.CreateVpc", "AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html")
@pytest.mark.parametrize(("service", "operation", "tagging", "parameters"), TAGGED, ids=[row[0] for row in TAGGED])
def test_tagging_what_is_made_takes_the_right_to_tag(
    cloud: Cloud, account: str, service: str, operation: str, tagging: str, parameters: dict[str, Any]
) -> None:
    making = f"{service}:{operation.title().replace('_', '')}"
    maker = weak(cloud, account, making)
    tagger = weak(cloud, account, making, tagging, name="tagger")

    with pytest.raises(ClientError, match=f"not authorized to perform: {tagging}"):
        getattr(maker.client(service), operation)(**parameters)
    getattr(tagger.client(service), operation)(**parameters)


@behaviour("ec2.RunInstances", "AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html")
def test_tags_may_be_allowed_for_making_alone(cloud: Cloud, account: str) -> None:
    while_making = {"StringEquals": {"ec2:CreateAction": "CreateVpc", "aws:RequestTag/service": "ledger"}}
    role = make_role(cloud, account, "maker", allow("ec2:CreateVpc"), allow("ec2:CreateTags", Condition=while_making))
    ec2 = as_role(cloud, role).client("ec2")

    made = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": TAGS}])

    with pytest.raises(ClientError, match="ec2:CreateTags"):
        ec2.create_tags(Resources=[made["Vpc"]["VpcId"]], Tags=TAGS)


@behaviour("s3.CopyObject")
def test_a_copy_takes_the_right_to_read_its_source(cloud: Cloud, account: str) -> None:
    with_bucket(cloud, account)
    copy: dict[str, Any] = {"Bucket": "open", "Key": "copy", "CopySource": {"Bucket": "secret", "Key": "a b"}}
    writer = weak(cloud, account, "s3:PutObject").client("s3")
    source = "arn:aws:s3:::secret/a b"
    role = make_role(cloud, account, "copier", allow("s3:PutObject"), allow("s3:GetObject", resource=source))

    with pytest.raises(ClientError, match=f"s3:GetObject on resource: {source}"):
        writer.copy_object(**copy)
    as_role(cloud, role).client("s3").copy_object(**copy)


@behaviour("s3.PutObject")
@pytest.mark.parametrize(
    ("more", "takes"),
    [
        ({"Tagging": "a=b"}, "s3:PutObjectTagging"),
        ({"ACL": "bucket-owner-full-control"}, "s3:PutObjectAcl"),
        ({"ObjectLockLegalHoldStatus": "ON"}, "s3:PutObjectLegalHold"),
    ],
    ids=["tags", "list", "lock"],
)
def test_what_is_put_with_an_object_takes_a_right_of_its_own(
    cloud: Cloud, account: str, more: dict[str, str], takes: str
) -> None:
    with_bucket(cloud, account)

    with pytest.raises(ClientError, match=f"not authorized to perform: {takes}"):
        weak(cloud, account, "s3:PutObject").client("s3").put_object(Bucket="open", Key="k", Body=b"x", **more)


@behaviour("s3.DeleteObjects")
def test_each_object_of_a_batch_is_judged_and_its_version_too(cloud: Cloud, account: str) -> None:
    with_bucket(cloud, account)
    s3 = weak(cloud, account, "s3:DeleteObject", resource="arn:aws:s3:::open/mine-*").client("s3")
    mine = [{"Key": f"mine-{number}"} for number in range(150)]

    s3.delete_objects(Bucket="open", Delete={"Objects": mine})
    with pytest.raises(ClientError, match="arn:aws:s3:::open/theirs"):
        s3.delete_objects(Bucket="open", Delete={"Objects": [*mine, {"Key": "theirs"}]})
    with pytest.raises(ClientError, match="s3:DeleteObjectVersion"):
        s3.delete_objects(Bucket="open", Delete={"Objects": [{"Key": "mine-1", "VersionId": "1"}]})


@behaviour("dynamodb.ExecuteStatement", "amazondynamodb/latest/developerguide/ql-iam.html")
def test_partiql_takes_the_right_of_its_verb_on_its_table(cloud: Cloud, account: str) -> None:
    cloud.session(account).client("dynamodb").create_table(**KEY)
    table = f"arn:aws:dynamodb:eu-west-1:{account}:table/orders"
    dynamodb = weak(cloud, account, "dynamodb:PartiQLSelect", resource=table).client("dynamodb")

    dynamodb.execute_statement(Statement='SELECT * FROM "orders"')
    with pytest.raises(ClientError, match=f"dynamodb:PartiQLDelete on resource: {table}"):
        dynamodb.execute_statement(Statement="DELETE FROM \"orders\" WHERE id = '1'")


@behaviour("iam.AddRoleToInstanceProfile", "IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html")
def test_a_role_in_a_profile_is_passed_like_any_other(cloud: Cloud, account: str) -> None:
    iam = cloud.session(account).client("iam")
    iam.create_role(RoleName="powerful", AssumeRolePolicyDocument=trust("*"))
    iam.create_instance_profile(InstanceProfileName="web")
    weak_role = weak(cloud, account, "ec2:*", "iam:AddRoleToInstanceProfile")
    with pytest.raises(ClientError, match=r"iam:PassRole on resource: .*role/powerful"):
        weak_role.client("iam").add_role_to_instance_profile(InstanceProfileName="web", RoleName="powerful")

    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="powerful")

    launch: dict[str, Any] = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1}
    weak_role.client("ec2").run_instances(**launch)
    with pytest.raises(ClientError, match=r"iam:PassRole on resource: .*role/powerful"):
        weak_role.client("ec2").run_instances(**launch, IamInstanceProfile={"Name": "web"})


@behaviour("ec2.TerminateInstances", "IAM/latest/UserGuide/reference_policies_condition-keys.html")
def test_a_policy_asks_for_the_tags_of_the_very_resource(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)
    ec2, sqs, kms = session.client("ec2"), session.client("sqs"), session.client("kms")
    vpcs = [ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for _ in range(2)]
    ec2.create_tags(Resources=vpcs[:1], Tags=TAGS)
    ours = sqs.create_queue(QueueName="ours", tags={"service": "ledger"})["QueueUrl"]
    theirs = sqs.create_queue(QueueName="theirs")["QueueUrl"]
    key = kms.create_key(Tags=[{"TagKey": "service", "TagValue": "ledger"}])["KeyMetadata"]["KeyId"]
    tagged = {"StringEquals": {"aws:ResourceTag/service": "${aws:PrincipalTag/service}"}}
    role = make_role(cloud, account, "ledger", allow("ec2:*", "sqs:*", "kms:*", Condition=tagged), Tags=TAGS)
    member = as_role(cloud, role)

    member.client("sqs").send_message(QueueUrl=ours, MessageBody="x")
    member.client("kms").encrypt(KeyId=key, Plaintext=b"x")
    member.client("ec2").delete_vpc(VpcId=vpcs[0])
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        member.client("ec2").delete_vpc(VpcId=vpcs[1])
    with pytest.raises(ClientError, match="AccessDenied"):
        member.client("sqs").send_message(QueueUrl=theirs, MessageBody="x")


@behaviour("sts.AssumeRole", "IAM/latest/UserGuide/id_session-tags.html")
def test_tags_of_a_session_take_the_right_to_tag_and_stand_for_the_principals(cloud: Cloud, account: str) -> None:
    iam = cloud.session(account).client("iam")
    caller = weak(cloud, account, "sts:AssumeRole", "sts:TagSession")
    who = caller.client("sts").get_caller_identity()["Arn"]
    opened = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="target", AssumeRolePolicyDocument=document(opened))["Role"]["Arn"]
    mine = {"StringEquals": {"aws:PrincipalTag/service": "ledger"}}
    iam.put_role_policy(
        RoleName="target", PolicyName="p", PolicyDocument=document(allow("sqs:ListQueues", Condition=mine))
    )
    ask: dict[str, Any] = {"RoleArn": role, "RoleSessionName": "job", "Tags": TAGS}
    with pytest.raises(ClientError, match="sts:TagSession"):
        caller.client("sts").assume_role(**ask)

    both = {**opened, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    iam.update_assume_role_policy(RoleName="target", PolicyDocument=document(both))
    given = caller.client("sts").assume_role(**ask)["Credentials"]

    session = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    cloud.client("sqs", credentials=session).list_queues()


@behaviour("sts.AssumeRole", "IAM/latest/UserGuide/access_policies.html")
def test_managed_policies_narrow_a_session_and_a_role_says_how_long_it_lasts(cloud: Cloud, account: str) -> None:
    sts = cloud.client("sts")
    ask: dict[str, Any] = {
        "RoleArn": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
        "RoleSessionName": "job",
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"}],
    }
    with pytest.raises(ClientError, match="MaxSessionDuration"):
        sts.assume_role(**ask, DurationSeconds=7200)
    given = sts.assume_role(**ask)["Credentials"]

    session = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    cloud.client("sqs", credentials=session).list_queues()
    with pytest.raises(ClientError, match="no session policy allows"):
        cloud.client("sns", credentials=session).list_topics()


@behaviour("dynamodb.Query", "amazondynamodb/latest/developerguide/specifying-conditions.html")
def test_a_role_reads_and_writes_only_the_partitions_that_are_its_own(cloud: Cloud, account: str) -> None:
    cloud.session(account).client("dynamodb").create_table(**KEY)
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["me"]}}
    dynamodb = weak(cloud, account, "dynamodb:*", Condition=own).client("dynamodb")

    def ask(who: str) -> None:
        key = {"id": {"S": who}}
        dynamodb.get_item(TableName="orders", Key=key)
        dynamodb.query(
            TableName="orders", KeyConditionExpression="id = :who", ExpressionAttributeValues={":who": {"S": who}}
        )
        dynamodb.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": key}}]})

    ask("me")
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.get_item(TableName="orders", Key={"id": {"S": "you"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.query(
            TableName="orders", KeyConditionExpression="id = :who", ExpressionAttributeValues={":who": {"S": "you"}}
        )
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": {"id": {"S": "you"}}}}]})


NAMED: list[tuple[str, str, dict[str, Any], dict[str, Any], str, str]] = [
    ("logs", "create_log_group", {"logGroupName": "/app/x"}, {"logGroupName": "/other/x"}, "CreateLogGroup",
     "logs:eu-west-1:{}:log-group:/app/*"),
    ("ssm", "get_parameters_by_path", {"Path": "/app/"}, {"Path": "/other/"}, "GetParametersByPath",
     "ssm:eu-west-1:{}:parameter/app/*"),
    ("cloudformation", "describe_stacks", {"StackName": "mine"}, {"StackName": "theirs"}, "DescribeStacks",
     "cloudformation:eu-west-1:{}:stack/mine/*"),
]  # fmt: skip


@behaviour("logs.CreateLogGroup", "AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html")
@pytest.mark.parametrize(
    ("service", "operation", "own", "other", "action", "resource"), NAMED, ids=[row[0] for row in NAMED]
)
def test_a_policy_names_its_resources_as_the_service_does(
    cloud: Cloud,
    account: str,
    service: str,
    operation: str,
    own: dict[str, Any],
    other: dict[str, Any],
    action: str,
    resource: str,
) -> None:
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    cloud.session(account).client("cloudformation").create_stack(StackName="mine", TemplateBody=template)
    arn = f"arn:aws:{resource.format(account)}"
    client = weak(cloud, account, f"{service}:{action}", resource=arn).client(service)

    getattr(client, operation)(**own)
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client, operation)(**other)


@behaviour("sesv2.SendEmail", "ses/latest/dg/sending-authorization-policies.html")
def test_mail_is_sent_from_the_identity_that_a_policy_names(cloud: Cloud, account: str) -> None:
    ses = cloud.session(account).client("sesv2")
    ses.create_email_identity(EmailIdentity="acme.example")
    ses.create_email_identity(EmailIdentity="boss@acme.example")
    content = {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}}
    mail: dict[str, Any] = {"Destination": {"ToAddresses": ["ada@acme.example"]}, "Content": content}
    domain = f"arn:aws:ses:eu-west-1:{account}:identity/acme.example"
    sender = weak(cloud, account, "ses:SendEmail", resource=domain).client("sesv2")

    sender.send_email(FromEmailAddress="team@acme.example", **mail)
    with pytest.raises(ClientError, match=r"identity/boss@acme\.example"):
        sender.send_email(FromEmailAddress="boss@acme.example", **mail)


@behaviour("s3.GetObject", "AmazonS3/latest/userguide/tagging-and-policies.html")
def test_objects_are_read_and_written_by_their_tags_and_within_the_account(cloud: Cloud, account: str) -> None:
    with_bucket(cloud, account)
    s3 = cloud.session(account).client("s3")
    s3.put_object(Bucket="open", Key="ours", Body=b"x", Tagging="team=ledger")
    s3.put_object(Bucket="open", Key="theirs", Body=b"x", Tagging="team=search")
    has = {"StringEquals": {"s3:ExistingObjectTag/team": "ledger", "s3:ResourceAccount": account}}
    gets = {"StringEquals": {"s3:RequestObjectTag/team": "ledger"}}
    makes = {**gets, "Null": {"s3:if-none-match": "false"}}
    role = make_role(
        cloud,
        account,
        "ledger",
        allow("s3:GetObject", Condition=has),
        allow("s3:PutObject", Condition=makes),
        allow("s3:PutObjectTagging", Condition=gets),
    )
    member = as_role(cloud, role).client("s3")

    member.get_object(Bucket="open", Key="ours")
    member.put_object(Bucket="open", Key="new", Body=b"x", Tagging="team=ledger", IfNoneMatch="*")
    with pytest.raises(ClientError, match="AccessDenied"):
        member.get_object(Bucket="open", Key="theirs")
    with pytest.raises(ClientError, match="AccessDenied"):
        member.put_object(Bucket="open", Key="newer", Body=b"x", Tagging="team=search", IfNoneMatch="*")
    with pytest.raises(ClientError, match="AccessDenied"):
        member.put_object(Bucket="open", Key="newer", Body=b"x", Tagging="team=ledger")


@behaviour("s3.GetObject")
@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_only_who_may_list_a_bucket_is_told_that_something_is_not_in_it(
    cloud: Cloud, account: str, operation: str
) -> None:
    with_bucket(cloud, account)
    reader = weak(cloud, account, "s3:GetObject").client("s3")
    lister = weak(cloud, account, "s3:GetObject", "s3:ListBucket", name="lister").client("s3")

    def status(client: Any, key: str) -> int:
        try:
            answer = getattr(client, operation)(Bucket="secret", Key=key)
        except ClientError as refused:
            answer = refused.response
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    assert (status(reader, "a b"), status(reader, "none"), status(lister, "none")) == (200, 403, 404)
