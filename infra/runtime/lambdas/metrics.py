"""What the business is measured by: lines in a function's log that CloudWatch makes metrics of."""

from enum import StrEnum

NAMESPACE = "Freehold"


class Measure(StrEnum):
    """The metrics, each with the function that measures it as its `service`."""

    READY = "RequestsReady"
    """Requests that became ready; by the workflow."""
    OPEN = "RequestsOpen"
    """Requests that have not ended; by the dispatcher, each round."""
    PARKED = "RequestsParked"
    """Those of them that wait for a person to mend something."""
    OLDEST = "OldestRequestHours"
    """How long the oldest of them has been there."""


def measure(function: str, values: dict[Measure, float]) -> None:
    """Write metrics of one moment into the log (CloudWatch user guide, "Embedded metric format")."""
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

    metrics = EphemeralMetrics(namespace=NAMESPACE, service=f"freehold-{function}")
    for name, value in values.items():
        metrics.add_metric(name=name.value, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()
