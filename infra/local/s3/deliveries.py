"""What S3 sends when something happens in a bucket: to queues, topics and functions that let it in.

S3 calls as its own service principal and says whose bucket sent it:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.s3 import notifications
from moto.s3.exceptions import S3ClientError

from infra.local.authorize.services import Errand

S3 = "s3.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Destination:
    """One kind of destination."""

    member: str
    """Of moto's configuration."""

    action: str
    send: Callable[[str, Any, str, str], None]
    """moto's own, by the destination's account, the event, ARN or name, and region."""

    by_name: bool = False


DESTINATIONS = (
    Destination("cloud_function", "lambda:InvokeFunction", notifications._invoke_awslambda),
    Destination("queue", "sqs:SendMessage", notifications._send_sqs_message, by_name=True),
    Destination("topic", "sns:Publish", notifications._send_sns_message),
)


def check_destinations(account_id: str, bucket: Any) -> None:  # noqa: ARG001 - as moto calls it
    """Refuse a configuration with a destination that S3 may not reach, then send each queue and topic a test."""
    for destination, notice in _notices(bucket):
        if not _lets_in(destination, notice, bucket):
            raise S3ClientError("InvalidArgument", "Unable to validate the following destination configurations")
    for destination, notice in _notices(bucket):
        if destination.action != "lambda:InvokeFunction":
            _send(destination, notice, notifications._get_test_event(bucket.name))


def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
    """An event, to every destination that it is for and that still lets S3 in."""
    for destination, notice in _notices(bucket):
        if notice.matches(event_name, key.name) and _lets_in(destination, notice, bucket):
            _send(destination, notice, notifications._get_s3_event(event_name, bucket, key, notice.id))
    if bucket.notification_configuration and bucket.notification_configuration.event_bridge is not None:
        notifications._send_event_bridge_message(account_id, bucket, event_name, key)


def _notices(bucket: Any) -> Iterator[tuple[Destination, Any]]:
    configuration = bucket.notification_configuration
    for destination in DESTINATIONS if configuration else ():
        yield from ((destination, notice) for notice in getattr(configuration, destination.member))


def _lets_in(destination: Destination, notice: Any, bucket: Any) -> bool:
    errand = Errand(S3, str(bucket.account_id), str(bucket.arn), str(bucket.region_name))
    return errand.refusal(destination.action, notice.arn) is None


def _send(destination: Destination, notice: Any, event: Any) -> None:
    _, _, _, region, account, name = notice.arn.split(":", 5)
    destination.send(account, event, name if destination.by_name else notice.arn, region)


setattr(notifications, "send_event", send_event)  # noqa: B010 - moto offers no other way in
setattr(notifications, "send_test_event", check_destinations)  # noqa: B010
