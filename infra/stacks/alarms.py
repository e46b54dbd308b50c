"""What is watched, and who is written to."""

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as reactions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

if TYPE_CHECKING:
    from infra.stacks.vending import VendingStack

DURABLE_METRICS = {
    "DurableExecutionFailed": "An execution failed: what the workflow did not foresee. The request stands still.",
    "DurableExecutionTimedOut": "An execution reached a year: its request waited that long for a person.",
}
"""Metric of Lambda -> what it means here (Lambda developer guide, "Monitoring durable functions")."""
PERIOD = Duration.minutes(5)


class Alarms(Construct):
    """Alarms that write to the company's operations desk."""

    def __init__(self, stack: "VendingStack") -> None:
        super().__init__(stack, "Alarms")
        self.topic = self._topic(stack)
        workflow, dispatcher, portal = (each.function for each in stack.functions)
        for metric, meaning in DURABLE_METRICS.items():
            dimensions = {"FunctionName": stack.workflow.function.function_name}
            self._watch(metric, meaning, _lambda_metric(metric, dimensions))
        letters = stack.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum")
        self._watch("DeadLetters", "An execution failed for good or never began; its request's id is there.", letters)
        self._watch("WorkflowErrors", "The workflow's function fails.", workflow.metric_errors(period=PERIOD))
        rounds = dispatcher.metric_invocations(period=PERIOD)
        self._watch("NoRounds", "The dispatcher does not run: no request moves on.", rounds, below=1)
        failing = dispatcher.metric_errors(period=PERIOD)
        self._watch("FailedRounds", "The dispatcher fails: requests wait longer.", failing, at=3)
        self._watch("PortalErrors", "The portal's function fails.", portal.metric_errors(period=PERIOD))
        answers = stack.web.api.metric_server_error(period=PERIOD, statistic="Sum")
        self._watch("PortalAnswers", "The portal answers with server errors.", answers, at=5)

    def _topic(self, stack: "VendingStack") -> sns.Topic:
        topic = sns.Topic(
            self, "Topic", topic_name=f"{stack.names.prefix}-alarms", master_key=stack.key, enforce_ssl=True
        )
        topic.add_subscription(subscriptions.EmailSubscription(stack.contact))
        topic.add_to_resource_policy(_cloudwatch(stack, topic.topic_arn, "sns:Publish"))
        stack.key.add_to_resource_policy(_cloudwatch(stack, "*", "kms:Decrypt", "kms:GenerateDataKey"))
        return topic

    def _watch(
        self, name: str, meaning: str, metric: cloudwatch.IMetric, *, at: int = 1, below: int | None = None
    ) -> None:
        """An alarm when the metric reaches `at` or, with `below`, falls under it; no data is trouble only then."""
        operators, missing = cloudwatch.ComparisonOperator, cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=meaning,
            metric=metric,
            threshold=at if below is None else below,
            evaluation_periods=1,
            comparison_operator=(
                operators.GREATER_THAN_OR_EQUAL_TO_THRESHOLD if below is None else operators.LESS_THAN_THRESHOLD
            ),
            treat_missing_data=missing.NOT_BREACHING if below is None else missing.BREACHING,
        )
        alarm.add_alarm_action(reactions.SnsAction(self.topic))


def _cloudwatch(stack: "VendingStack", resource: str, *actions: str) -> iam.PolicyStatement:
    """Alarms of this account may; a topic with a policy of its own lets nobody publish who is not named in it."""
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=list(actions),
        resources=[resource],
        conditions={"StringEquals": {"aws:SourceAccount": stack.names.account}},
    )


def _lambda_metric(name: str, dimensions: dict[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Lambda", metric_name=name, dimensions_map=dimensions, period=PERIOD, statistic="Sum"
    )
