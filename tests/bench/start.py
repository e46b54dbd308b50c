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
    boto3 = _of("import boto3")
    for module in ("infra.runtime.lambdas.workflow", "infra.runtime.lambdas.dispatcher"):
        imported = _of(f"import {module}")
        yield figure(f"import {module}, beside import boto3", imported, "s", boto3, RUNS)
    loaded = "import infra.runtime.lambdas.workflow, infra.runtime.services, vending.workflow.vend"
    yield figure("all that a first call of the workflow loads", _of(loaded), "s", boto3, RUNS)


def _of(code: str) -> float:
    return median_of_process([sys.executable, "-c", code], RUNS)
