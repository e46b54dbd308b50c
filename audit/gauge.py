"""What the audit is measured by: how old it is and how much it saw, as metrics that alarms watch."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vending.core.aws import Aws

NAMESPACE = "Freehold"


class Reading(StrEnum):
    """The metrics' names."""

    AGE_HOURS = "AuditAgeHours"
    """Since the last run that saw something ended."""
    COVERAGE = "AuditCoverage"
    """How much of what was expected that run saw, in percent."""


class Gauge(Protocol):
    """Takes measurements for alarms."""

    def put(self, values: Mapping[Reading, float]) -> None:
        """Values of now.

        Raises:
            AwsFailed: when they are not taken.
        """
        ...


@dataclass(frozen=True)
class CloudWatchGauge:
    """Metrics of CloudWatch in the namespace `Freehold`."""

    aws: "Aws"

    def put(self, values: Mapping[Reading, float]) -> None:
        """One call."""
        data = [{"MetricName": name.value, "Value": value} for name, value in values.items()]
        self.aws.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
