"""A topic under the company's key, on which one AWS service of this account may publish, or roles that say so."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.stacks.ground import FreeholdStack

NAMELESS = frozenset({"events"})
"""Services that say nothing of whom they publish for: no condition would ever hold ("You can't use Condition blocks in
Amazon SNS topic policies for EventBridge": EventBridge user guide, "Amazon SNS permissions")."""


def make_topic(scope: Construct, name: str, topic_name: str, key: kms.IKey, service: str | None) -> sns.Topic:
    """A topic with a policy of its own lets nobody publish who is not named in it, but roles of the account."""
    topic = sns.Topic(scope, name, topic_name=topic_name, master_key=key, enforce_ssl=True)
    if service is not None:
        of_ours = {"StringEquals": {"aws:SourceAccount": FreeholdStack.of(scope).account}}
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions=None if service in NAMELESS else of_ours,
            )
        )
    return topic
