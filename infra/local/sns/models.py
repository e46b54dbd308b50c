"""State of SNS: moto's, whose messages reach a queue or a function only where its policy, and the RCPs on its account,
let SNS in for that topic. What is refused is dropped, as SNS drops it.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
"""

from typing import Any

from moto.sns.models import Subscription, sns_backends

from infra.local.authorize.services import Errand

SNS = "sns.amazonaws.com"
_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage"}
_publish = Subscription.publish


def publish(subscription: Subscription, *args: Any, **kwargs: Any) -> None:
    """Moto's, once whoever is to receive the message lets SNS in."""
    action = _ACTIONS.get(subscription.protocol)
    if action is not None:
        _, _, _, region, owner, _ = subscription.topic.arn.split(":", 5)
        errand = Errand(SNS, owner, subscription.topic.arn, region)
        if errand.refusal(action, subscription.endpoint) is not None:
            return
        subscription.account_id = subscription.endpoint.split(":")[4]  # moto looks for it in the subscriber's
    _publish(subscription, *args, **kwargs)


setattr(Subscription, "publish", publish)  # noqa: B010 - moto offers no other way in

__all__ = ["publish", "sns_backends"]
