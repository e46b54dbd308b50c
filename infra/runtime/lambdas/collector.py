"""The collector: audit runs, on schedule, when Control Tower reports something, and when somebody asked for one.

The portal only writes down that a run was asked for, because a function that answered is frozen. So the collector is
called every few minutes too, and carries out what is written down; a run that was not over in time is among that.
"""

import json
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from audit.handlers import collect
from audit.run import Run, RunState
from audit.service import Audit
from audit.watch import TEMPLATES, CloudWatchGauge, Watch
from infra.runtime.auditing import make_audit
from infra.runtime.lambdas.environment import Environment
from infra.runtime.lambdas.links import write_links
from infra.runtime.place import Place
from infra.runtime.telling import make_book
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.table import Table

logger = Logger()
RESERVE_SECONDS = 240.0
"""Of a call's time, for the shards that are under way, the merge and the report."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[str]]:
    """Carry on with every run that is open; `{"do": "collect"}` starts one first unless one is open."""
    seconds = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    ended = collector().collect(start=event.get("do") == "collect", seconds=seconds)
    return {"runs": [run.id for run in ended]}


class Collector:
    """Audit runs of one company, from the first call to what people are told of them."""

    def __init__(self, aws: Aws, audit: Audit, watch: Watch, bucket: str) -> None:
        self.audit = audit
        self._aws = aws
        self._watch = watch
        self._bucket = bucket

    def collect(self, *, start: bool, seconds: float) -> list[Run]:
        """The runs that ended. Raises FreeholdError when one failed as a whole: Lambda repeats the call."""
        runs = collect(self.audit.auditor, start=start, seconds=seconds)
        ended = [run for run in runs if run.state is not RunState.RUNNING]
        for run in ended:
            write_links(self._aws, self._bucket, self.audit.ledger.head())
            self._tell(run)
        self._watch.tick()
        return ended

    def _tell(self, run: Run) -> None:
        """An event that rules of the audit stack deliver."""
        detail = {
            "run": run.id,
            "state": run.state.value,
            "coverage": f"{run.coverage or 0:.1%}",
            "failing": run.counts.get("fail", 0),
            "reason": run.reason,
        }
        told = {"EventBusName": "default", "Source": "freehold", "DetailType": "Audit Run Ended"}
        self._aws.client("events").put_events(Entries=[{**told, "Detail": json.dumps(detail)}])


def make_collector(company: Company, place: Place) -> Collector:
    """The collector of one company, working in `place`."""
    audit, table = make_audit(company, place), Table(place.aws, place.table, place.clock)
    watch = Watch(audit, make_book(company, place, table, (TEMPLATES,)), CloudWatchGauge(place.aws), table)
    return Collector(place.aws, audit, watch, place.bucket)


@cache
def collector() -> Collector:
    """The collector, made with the first call and kept."""
    environment = Environment.read()
    company = environment.company()
    return make_collector(company, environment.place(company))
