"""What is watched: each alarm says what it means and names the page of the portal that says what to do."""

from dataclasses import dataclass

from audit.gauge import NAMESPACE as AUDIT
from audit.gauge import Reading
from infra.runtime.lambdas.metrics import NAMESPACE as METRICS
from infra.runtime.lambdas.metrics import Measure
from infra.stacks.names import Names
from vending.core.company import Audit
from vending.core.runbooks import RUNBOOKS, Runbook

PERIOD_SECONDS = 300
HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Watch:
    """One alarm: a metric and when it is trouble."""

    runbook: Runbook
    namespace: str
    metric: str
    dimensions: dict[str, str]
    statistic: str = "Sum"
    at: float | None = 1
    """Trouble from here on; None where it is trouble to fall under `below`."""
    below: float | None = None
    silence_is_trouble: bool = False
    period_seconds: int = PERIOD_SECONDS
    periods: int = 1


def watches(names: Names, audit: Audit) -> tuple[Watch, ...]:
    """Everything that is watched; `audit` is what the company file demands of it."""
    workflow, dispatcher, portal, collector, guardrails = (
        {"FunctionName": names.function(name)}
        for name in ("workflow", "dispatcher", "portal", "collector", "guardrails")
    )
    queue = {"QueueName": f"{names.prefix}-dead-letters"}
    unheard, waiting = {"QueueName": names.unheard}, "ApproximateNumberOfMessagesVisible"
    api = {"ApiName": f"{names.prefix}-portal"}

    def on_lambda(name: str, metric: str, of: dict[str, str], **more: object) -> Watch:
        return Watch(RUNBOOKS[name], "AWS/Lambda", metric, of, **more)  # type: ignore[arg-type]

    def ours(name: str, metric: str, service: str, **more: object) -> Watch:
        return Watch(RUNBOOKS[name], METRICS, metric, {"service": names.function(service)}, **more)  # type: ignore[arg-type]

    return (
        on_lambda("execution-failed", "DurableExecutionFailed", workflow),
        on_lambda("execution-timed-out", "DurableExecutionTimedOut", workflow),
        Watch(RUNBOOKS["dead-letters"], "AWS/SQS", waiting, queue, statistic="Maximum"),
        on_lambda("workflow-errors", "Errors", workflow),
        on_lambda("no-rounds", "Invocations", dispatcher, at=None, below=1, silence_is_trouble=True),
        on_lambda("failed-rounds", "Errors", dispatcher, at=3),
        on_lambda("portal-errors", "Errors", portal),
        Watch(RUNBOOKS["portal-answers"], "AWS/ApiGateway", "5XXError", api, at=5),
        ours("parked-requests", Measure.PARKED, "dispatcher", statistic="Maximum"),
        ours("waiting-long", Measure.OLDEST, "dispatcher", statistic="Maximum", at=24),
        on_lambda("collector-errors", "Errors", collector),
        Watch(RUNBOOKS["unheard-events"], "AWS/SQS", waiting, unheard, statistic="Maximum"),
        Watch(
            RUNBOOKS["audit-late"],
            AUDIT,
            Reading.AGE_HOURS,
            {},
            statistic="Maximum",
            at=audit.late_after_hours,
            silence_is_trouble=True,
            period_seconds=HOUR_SECONDS,
        ),
        Watch(
            RUNBOOKS["audit-blind"],
            AUDIT,
            Reading.COVERAGE,
            {},
            statistic="Minimum",
            at=None,
            below=100 * audit.coverage_threshold,
            period_seconds=HOUR_SECONDS,
        ),
        on_lambda("guardrails-errors", "Errors", guardrails),
    )
