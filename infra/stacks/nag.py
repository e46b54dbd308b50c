"""Every finding of cdk-nag's AwsSolutions pack that stays, on the smallest part it is about, with its reason."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

if TYPE_CHECKING:
    from infra.stacks.vending import VendingStack

WILDCARD = "AwsSolutions-IAM5[Resource::{resource}]"
PUSH_TO_LOGS = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]"
)


def acknowledge(stack: "VendingStack") -> None:
    """Write the reasons down where synthesis looks for them; whatever is not among them stops it."""
    for part, finding, reason in (*_of_rights(stack), *_of_parts(stack)):
        Validations.of(part).acknowledge(Acknowledgment(id=f"AwsSolutions::{finding}", reason=reason))


def _of_rights(stack: "VendingStack") -> Iterator[tuple[IConstruct, str, str]]:
    """The wildcards of resources: each right says why it has one."""
    for function in stack.functions:
        reasons: dict[str, dict[str, None]] = {}
        for right in function.rights:
            for resource in right.resources:
                if right.wide and "*" in resource:
                    reasons.setdefault(resource, {})[right.wide] = None
        for resource, wide in reasons.items():
            yield function.role, WILDCARD.format(resource=resource), "; ".join(wide)


def _of_parts(stack: "VendingStack") -> Iterator[tuple[IConstruct, str, str]]:
    for function in stack.functions:
        reason = "Durable functions ask for Python 3.13 or later, and every locked library has wheels for 3.13."
        yield function.function, "AwsSolutions-L1", reason
    api, checked = stack.web.api, "The application checks the token or the session of every request itself."
    yield api, "AwsSolutions-APIG4", checked
    yield api, "AwsSolutions-COG4", f"{checked} People may come from any OIDC issuer."
    yield api, "AwsSolutions-APIG2", "The application checks every body and parameter, and says what to mend."
    yield api, PUSH_TO_LOGS, "API Gateway's documented role for writing logs; one for all APIs of the account."
    yield stack.bucket, "AwsSolutions-S1", "Who reads and writes objects stands in the organisation's trail."
    yield stack.secret, "AwsSolutions-SMG4", "A new key signs everybody out: it is changed by hand, when it leaked."
    yield stack.dead_letters, "AwsSolutions-SQS3", "It is the dead-letter queue; an alarm says when something is in it."
