"""Audit runs as a function on AWS carries them out: in slices, and told of when they end."""

import json

from audit.gauge import CloudWatchGauge
from audit.handlers import collect
from audit.run import Run, RunState
from audit.service import Audit
from audit.watch import TEMPLATES, Watch
from infra.runtime.auditing import make_audit
from infra.runtime.lambdas.links import write_links
from infra.runtime.place import Place
from infra.runtime.telling import make_book
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.table import Table


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
