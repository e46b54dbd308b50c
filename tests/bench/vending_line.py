"""How long an account takes, in AWS time beside what AWS itself took, and in real time at the default speed."""

import tempfile
import time
from pathlib import Path

import pytest

from tests.bench.measure import Figures, figure
from tests.cloud import start_cloud
from tests.vending.line import Line
from tests.vending.parts import connect

ACCOUNTS = 3
PROCESSOR_SECONDS = 10.0


def figures() -> Figures:
    """One sandbox after the other, on the local cloud with its limits on."""
    with pytest.MonkeyPatch.context() as environment, tempfile.TemporaryDirectory() as folder:
        cloud = start_cloud()
        line = Line(cloud, connect(cloud, environment), Path(folder))
        spent, aws_seconds = [], []
        for n in range(ACCOUNTS):
            start, began = time.process_time(), cloud.clock.now()
            line.until_over(line.ask(name=f"payments-{n}").id)
            spent.append(time.process_time() - start)
            aws_seconds.append((cloud.clock.now() - began).total_seconds())
        line.stop()
        cloud.server.stop()
    yield figure("an account, processor time with the cloud's own", sorted(spent)[1], "s", PROCESSOR_SECONDS, ACCOUNTS)
    usual = sum(step.seconds for step in line.desk.line)
    yield figure("an account, AWS time beside AWS's usual pace", sorted(aws_seconds)[1], "s", usual, ACCOUNTS)
