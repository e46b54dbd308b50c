"""The observability stack: alarms that name their runbook, and one dashboard.

Traces are X-Ray's, logs are JSON in a group for each function, kept a year under the company's key. The business
metrics (requests that became ready, parked ones, the age of the oldest) come out of the functions' logs; the collector
measures how old the audit is and how much it saw.

**What stays when the stack is deleted.** Nothing: alarms and dashboard are made again.
"""

import json

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from audit.gauge import NAMESPACE as AUDIT
from audit.gauge import Reading
from infra.runtime.lambdas.metrics import NAMESPACE as METRICS
from infra.runtime.lambdas.metrics import Measure
from infra.stacks.alarms import Watch, watches
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.topics import make_topic

WIDTH, HEIGHT = 12, 6
FUNCTIONS = ("workflow", "dispatcher", "portal", "collector", "listener", "guardrails")


class ObservabilityStack(FreeholdStack):
    """Tells the operations desk what needs a person, and shows how it goes."""

    def __init__(self, scope: Construct, ground: Ground, key: kms.IKey) -> None:
        super().__init__(scope, "Observability", ground, "alarms and a dashboard")
        self.topic = make_topic(self, "Topic", f"{self.names.prefix}-alarms", key, "cloudwatch")
        self.topic.add_subscription(subscriptions.EmailSubscription(ground.company.contacts.operations.email))
        self.watches = watches(self.names, ground.company.audit)
        for watch in self.watches:
            self._alarm(watch)
        cloudwatch.CfnDashboard(
            self, "Dashboard", dashboard_name=self.names.prefix, dashboard_body=json.dumps({"widgets": self._widgets()})
        )

    def _alarm(self, watch: Watch) -> None:
        page = f"https://{self.ground.deployment.portal.domain}/help/runbooks/{watch.runbook.id}"
        falls = watch.below is not None
        cloudwatch.CfnAlarm(
            self,
            watch.runbook.id.title().replace("-", ""),
            alarm_name=f"{self.names.prefix}-{watch.runbook.id}",
            alarm_description=f"{watch.runbook.means} What to do: {page}",
            namespace=watch.namespace,
            metric_name=watch.metric,
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                for name, value in watch.dimensions.items()
            ],
            statistic=watch.statistic,
            period=watch.period_seconds,
            evaluation_periods=watch.periods,
            threshold=watch.below if falls else watch.at,
            comparison_operator="LessThanThreshold" if falls else "GreaterThanOrEqualToThreshold",
            treat_missing_data="breaching" if watch.silence_is_trouble else "notBreaching",
            alarm_actions=[self.topic.topic_arn],
            ok_actions=[self.topic.topic_arn],
        )

    def _widgets(self) -> list[dict[str, object]]:
        """The business first, then the machines."""
        names = self.names
        of = {name: ["service", names.function(name)] for name in FUNCTIONS}
        business: tuple[tuple[str, str, list[list[object]]], ...] = (
            ("Requests that became ready", "Sum", [[METRICS, Measure.READY, *of["workflow"]]]),
            (
                "Requests that wait, and that are parked",
                "Maximum",
                [[METRICS, name, *of["dispatcher"]] for name in (Measure.OPEN, Measure.PARKED)],
            ),
            (
                "Hours that the oldest request has waited",
                "Maximum",
                [[METRICS, Measure.OLDEST, *of["dispatcher"]]],
            ),
            ("What the audit saw, in percent", "Maximum", [[AUDIT, Reading.COVERAGE]]),
        )
        machines: tuple[tuple[str, str, list[list[object]]], ...] = tuple(
            (title, statistic, [["AWS/Lambda", metric, "FunctionName", names.function(name)] for name in FUNCTIONS])
            for title, metric, statistic in (
                ("Errors", "Errors", "Sum"),
                ("Duration, the slowest of a hundred", "Duration", "p99"),
                ("Throttled", "Throttles", "Sum"),
            )
        )
        gateway: list[list[object]] = [
            ["AWS/ApiGateway", metric, "ApiName", f"{names.prefix}-portal"] for metric in ("4XXError", "5XXError")
        ]
        every = (*business, *machines, ("The portal's refusals and errors", "Sum", gateway))
        return [self._widget(place, *widget) for place, widget in enumerate(every)]

    def _widget(self, place: int, title: str, statistic: str, metrics: list[list[object]]) -> dict[str, object]:
        shown = {
            "title": title,
            "region": self.names.region,
            "stat": statistic,
            "period": 300,
            "view": "timeSeries",
            "metrics": metrics,
        }
        x, y = WIDTH * (place % 2), HEIGHT * (place // 2)
        return {"type": "metric", "x": x, "y": y, "width": WIDTH, "height": HEIGHT, "properties": shown}
