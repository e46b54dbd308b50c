"""Services that make calls of their own: for whom, and who lets them in."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.authorize.journal import JOURNAL
from tests.cloud import Cloud, CloudSession
from tests.infra.local.authorize.ground import allow, attach, deny, document, make_account
from tests.infra.local.behaviour import behaviour

CONFIG = {"Service": "config.amazonaws.com"}
NOT_OURS: dict[str, Any] = {
    "Principal": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": "${aws:ResourceOrgID}"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    },
}


@pytest.fixture
def account(cloud: Cloud) -> str:
    return make_account(cloud)


def make_bucket(session: CloudSession, name: str, *statements: dict[str, Any]) -> None:
    s3 = session.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=document(*statements))


def record_into(session: CloudSession, account: str, bucket: str, role: str = "no-role", **more: str) -> None:
    """A recorder and its channel into the bucket."""
    config = session.client("config")
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{account}:role/{role}"}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket, **more})


def lets_config_in(bucket: str, **condition: Any) -> dict[str, Any]:
    return allow("s3:PutObject", resource=f"arn:aws:s3:::{bucket}/*", Principal=CONFIG, **condition)


@behaviour("config.PutDeliveryChannel", "config/latest/developerguide/s3-bucket-policy.html")
def test_config_writes_into_the_bucket_before_it_takes_a_channel(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)
    make_bucket(session, "logs", lets_config_in("logs"))

    record_into(session, account, "logs", s3KeyPrefix="config")

    (written,) = session.client("s3").list_objects_v2(Bucket="logs")["Contents"]
    assert written["Key"] == f"config/AWSLogs/{account}/Config/ConfigWritabilityCheckFile"


@behaviour("config.PutDeliveryChannel")
def test_a_bucket_that_is_not_there_or_lets_nobody_in_gets_no_channel(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)
    make_bucket(session, "closed")

    with pytest.raises(ClientError, match="NoSuchBucketException"):
        record_into(session, account, "nowhere")
    with pytest.raises(ClientError, match=r"InsufficientDeliveryPolicyException.*closed, unable to write to bucket"):
        record_into(session, account, "closed")

    assert session.client("config").describe_delivery_channels()["DeliveryChannels"] == []


@behaviour("config.PutDeliveryChannel", "config/latest/developerguide/iamrole-permissions.html")
def test_config_writes_as_the_recorders_role_where_that_may(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)
    make_bucket(session, "logs")
    iam = session.client("iam")
    trusted = {"Effect": "Allow", "Principal": CONFIG, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="recorder", AssumeRolePolicyDocument=document(trusted))
    iam.put_role_policy(RoleName="recorder", PolicyName="write", PolicyDocument=document(allow("s3:PutObject")))

    record_into(session, account, "logs", role="recorder")

    assert JOURNAL.entries(principal=f"arn:aws:iam::{account}:role/recorder", allowed=True)


@behaviour("config.PutDeliveryChannel", "config/latest/developerguide/s3-bucket-policy.html")
def test_a_bucket_tells_for_which_account_config_writes(cloud: Cloud, account: str) -> None:
    other = make_account(cloud, "search")
    only = {"StringEquals": {"aws:SourceAccount": account}}
    make_bucket(cloud.session(account), "logs", lets_config_in("logs", Condition=only))

    record_into(cloud.session(account), account, "logs")
    with pytest.raises(ClientError, match="InsufficientDeliveryPolicyException"):
        record_into(cloud.session(other), other, "logs")


@behaviour("config.PutDeliveryChannel", "organizations/latest/userguide/orgs_manage_policies_rcps.html")
def test_a_resource_control_policy_binds_services_and_an_scp_does_not(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)
    make_bucket(session, "logs", lets_config_in("logs"))
    attach(cloud, account, deny("s3:PutObject"))
    record_into(session, account, "logs")

    attach(cloud, account, deny("s3:PutObject", Principal="*"), kind="RESOURCE_CONTROL_POLICY")

    with pytest.raises(ClientError, match="InsufficientDeliveryPolicyException"):
        record_into(session, account, "logs")


def notify(session: CloudSession, bucket: str, queue: str) -> None:
    wanted = {"QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]}
    session.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)


@behaviour("s3.PutBucketNotificationConfiguration")
def test_s3_sends_events_to_a_queue_that_lets_it_in_and_to_no_other(cloud: Cloud, account: str) -> None:
    owner = make_account(cloud, "search")
    queues = cloud.session(owner).client("sqs")
    url, arn = queues.create_queue(QueueName="orders")["QueueUrl"], f"arn:aws:sqs:eu-west-1:{owner}:orders"
    session = cloud.session(account)
    make_bucket(session, "orders")
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        notify(session, "orders", arn)

    let_in = allow("sqs:SendMessage", resource=arn, Principal={"Service": "s3.amazonaws.com"})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(let_in)})
    notify(session, "orders", arn)
    session.client("s3").put_object(Bucket="orders", Key="first", Body=b"x")
    attach(cloud, owner, deny("sqs:SendMessage", **NOT_OURS), kind="RESOURCE_CONTROL_POLICY")
    session.client("s3").put_object(Bucket="orders", Key="second", Body=b"x")
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    session.client("s3").put_object(Bucket="orders", Key="third", Body=b"x")

    received = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert ["TestEvent" in received[0]["Body"], *("ObjectCreated" in each["Body"] for each in received[1:])] == [
        True
    ] * 3


def received(cloud: Cloud, account: str, url: str) -> int:
    """How many messages are in the account's queue."""
    return len(cloud.session(account).client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"])


@behaviour("sns.Publish", "sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html")
def test_a_topic_reaches_a_queue_of_another_account_that_lets_it_in(cloud: Cloud, account: str) -> None:
    owner = make_account(cloud, "search")
    queues, sns = cloud.session(owner).client("sqs"), cloud.session(account).client("sns")
    url, arn = queues.create_queue(QueueName="orders")["QueueUrl"], f"arn:aws:sqs:eu-west-1:{owner}:orders"
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="dropped")
    only = {"ArnEquals": {"aws:SourceArn": topic}}
    let_in = allow("sqs:SendMessage", resource=arn, Principal={"Service": "sns.amazonaws.com"}, Condition=only)

    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(let_in)})
    sns.publish(TopicArn=topic, Message="delivered")

    assert received(cloud, owner, url) == 1


@behaviour("events.PutTargets", "eventbridge/latest/userguide/eb-use-resource-based.html")
def test_a_rule_reaches_a_queue_that_lets_it_in_or_by_a_role_that_may(cloud: Cloud, account: str) -> None:
    session = cloud.session(account)
    events, iam, arn = session.client("events"), session.client("iam"), f"arn:aws:sqs:eu-west-1:{account}:orders"
    url = session.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    event = {"Source": "acme", "DetailType": "order", "Detail": "{}"}
    events.put_rule(Name="orders", EventPattern='{"source": ["acme"]}')
    events.put_targets(Rule="orders", Targets=[{"Id": "queue", "Arn": arn}])
    events.put_events(Entries=[event])
    trusted = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="events", AssumeRolePolicyDocument=document(trusted))["Role"]["Arn"]
    iam.put_role_policy(RoleName="events", PolicyName="send", PolicyDocument=document(allow("sqs:SendMessage")))

    events.put_targets(Rule="orders", Targets=[{"Id": "queue", "Arn": arn, "RoleArn": role}])
    events.put_events(Entries=[event])

    assert received(cloud, account, url) == 1
