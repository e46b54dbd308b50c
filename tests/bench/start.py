"""How long things take to start."""

import sys
from pathlib import Path

from tests.bench.measure import Figures, figure, median_of_process

HELP_SECONDS = 0.4
RUNS = 5


def figures() -> Figures:
    """The command line's help, and the imports of the Lambda entry points beside boto3's."""
    helped = median_of_process([str(Path(sys.executable).with_name("freehold")), "--help"], RUNS)
    yield figure("freehold --help", helped, "s", HELP_SECONDS, RUNS)
    boto3 = median_of_process([sys.executable, "-c", "import boto3"], RUNS)
    for module in ("vending.workflow.vend", "vending.requests.dispatcher"):
        imported = median_of_process([sys.executable, "-c", f"import boto3, {module}"], RUNS)
        yield figure(f"import {module}, beside import boto3", imported, "s", boto3, RUNS)
