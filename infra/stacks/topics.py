"""A topic under the company's key, on which one AWS service of this account may publish."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.stacks.ground import FreeholdStack


def make_topic(scope: Construct, name: str, topic_name: str, key: kms.IKey, service: str) -> sns.Topic:
    """A topic with a policy of its own lets nobody publish who is not named in it."""
    stack = FreeholdStack.of(scope)
    topic = sns.Topic(scope, name, topic_name=topic_name, master_key=key, enforce_ssl=True)
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )
    return topic
