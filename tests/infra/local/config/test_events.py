import json
from collections import Counter
from typing import Any

from tests.cloud import Cloud
from tests.infra.local.authorize.ground import allow, document
from tests.infra.local.behaviour import behaviour
from tests.infra.local.config.ground import enrol


def listen(cloud: Cloud, account: str) -> str:
    """A queue that hears of every compliance change in an account; its URL."""
    member = cloud.session(account)
    arn = f"arn:aws:sqs:eu-west-1:{account}:changes"
    let_in = document(allow("sqs:SendMessage", resource=arn, Principal={"Service": "events.amazonaws.com"}))
    queue: str = member.client("sqs").create_queue(QueueName="changes", Attributes={"Policy": let_in})["QueueUrl"]
    pattern = {"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"]}
    member.client("events").put_rule(Name="changes", EventPattern=json.dumps(pattern))
    member.client("events").put_targets(Rule="changes", Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def heard(cloud: Cloud, account: str, queue: str) -> list[dict[str, Any]]:
    """What arrived within five minutes."""
    sqs, found = cloud.session(account).client("sqs"), []
    for _ in range(10):
        cloud.clock.advance(30)
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"])["detail"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def open_up(cloud: Cloud, account: str, count: int) -> None:
    s3 = cloud.session(account).client("s3")
    for number in range(count):
        name = f"{account}-{number}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.delete_public_access_block(Bucket=name)


def of_bucket_rule(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in events if "s3-bucket-level-public" in one["configRuleName"]]


@behaviour("config.PutConfigRule", "config/latest/developerguide/monitor-config-with-cloudwatchevents.html")
def test_a_changed_result_is_told_to_eventbridge(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    queue = listen(cloud, account)
    heard(cloud, account, queue)
    open_up(cloud, account, 1)

    failing = of_bucket_rule(heard(cloud, account, queue))
    cloud.session(account).client("s3").delete_bucket(Bucket=f"{account}-0")
    gone = of_bucket_rule(heard(cloud, account, queue))

    assert {one["newEvaluationResult"]["complianceType"] for one in failing} == {"NON_COMPLIANT"}
    assert {one["resourceId"] for one in failing} == {f"{account}-0"}
    assert {one["newEvaluationResult"]["complianceType"] for one in gone} == {"NOT_APPLICABLE"}
    assert {one["oldEvaluationResult"]["complianceType"] for one in gone} == {"NON_COMPLIANT"}


@behaviour("config.PutConfigRule", "eventbridge/latest/userguide/eb-troubleshooting.html")
def test_events_come_at_least_once_and_in_no_order(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    queue = listen(cloud, account)
    heard(cloud, account, queue)

    open_up(cloud, account, 30)

    order = [one["resourceId"] for one in of_bucket_rule(heard(cloud, account, queue))]
    assert len(set(order)) == 30
    assert max(Counter(order).values()) == 2
    assert list(dict.fromkeys(order)) != sorted(set(order))


def test_nobody_is_told_where_nobody_listens(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    queue = listen(cloud, account)
    cloud.session(account).client("events").disable_rule(Name="changes")

    open_up(cloud, account, 1)

    assert heard(cloud, account, queue) == []
