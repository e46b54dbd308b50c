"""State of EventBridge: moto's, whose rules reach a queue, topic or function only where its policy, and the RCPs on its
account, let EventBridge in for that rule. A target with a role of its own is reached by that role.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from typing import Any

from moto.events.models import Rule, events_backends

from infra.local.authorize.services import Errand, refusal_of_role

EVENTS = "events.amazonaws.com"
_ACTIONS = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish", "sqs": "sqs:SendMessage"}
_send = Rule.send_to_targets


def send_to_targets(rule: Rule, *args: Any, **kwargs: Any) -> None:
    """Moto's, to the targets that let it in."""
    targets = rule.targets
    rule.targets = [target for target in targets if _lets_in(rule, target)]
    try:
        _send(rule, *args, **kwargs)
    finally:
        rule.targets = targets


def _lets_in(rule: Rule, target: dict[str, Any]) -> bool:
    arn = str(target["Arn"])
    action = _ACTIONS.get(arn.split(":")[2])
    if action is None:
        return True
    if role := target.get("RoleArn"):
        return refusal_of_role(str(role), "events", action, arn, rule.region_name) is None
    return Errand(EVENTS, rule.account_id, rule.arn, rule.region_name).refusal(action, arn) is None


setattr(Rule, "send_to_targets", send_to_targets)  # noqa: B010 - moto offers no other way in

__all__ = ["events_backends", "send_to_targets"]
