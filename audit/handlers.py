"""What the audit does when a schedule or an event calls: in slices, for a function that is frozen afterwards."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from audit.collector import Auditor
from audit.events import Ear, Heard
from audit.run import Run

SCHEDULE = "schedule"
"""Who started the runs that nobody asked for."""


def collect(auditor: Auditor, *, start: bool, seconds: float) -> list[Run]:
    """Carry out what is open for so many seconds; with `start` begin a run first, unless one is open.

    A run that does not end within the time is still running afterwards: the next call goes on with it. So this is
    called every few minutes, whether somebody asked for a run or not.

    Raises:
        FreeholdError: when a run failed as a whole.
    """
    until = auditor.clock.now() + timedelta(seconds=seconds)
    if start and not auditor.unfinished():
        auditor.begin(SCHEDULE)
    return [auditor.execute(run.id, until=until) for run in auditor.unfinished()]


def hear(auditor: Auditor, event: Mapping[str, Any]) -> Heard:
    """Take in what EventBridge delivered, straight or through a queue.

    Raises:
        FreeholdError: when it is to be delivered again.
    """
    return Ear(auditor).hear(events_of(event))


def events_of(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The events in what a function was called with: one of EventBridge, or a batch of SQS with one in each body."""
    if "Records" not in event:
        yield event
        return
    for record in event["Records"]:
        try:
            body = json.loads(record["body"])
        except ValueError:
            body = {"source": "a message that is no JSON", "detail-type": record.get("messageId")}
        yield body if isinstance(body, Mapping) else {"source": "a message that is no event", "detail-type": ""}
