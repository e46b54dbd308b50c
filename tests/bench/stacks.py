"""What deploying costs: synthesis, how soon a function is there, and how large it is."""

import sys
import tempfile
import zipfile

from infra.stacks.bundle import ENTRIES, WheelsMissing, build, collect
from tests.bench.measure import Figures, figure, median_of_process
from tests.cloud import ACME
from vending.core.output import say_error

SYNTHESIS_TIMES = 3.0
"""Of an empty CDK app."""
IMPORT_TIMES = 2.5
"""Of `import boto3`."""
FIRST_CALL_SECONDS = 5.0
"""Cognito waits no longer for its trigger, and no person for a page."""
BUNDLE_MB = 120.0
RUNS = 5
EMPTY = "import sys; from aws_cdk import App, Stack; app = App(outdir=sys.argv[1]); Stack(app, 'Empty'); app.synth()"
SYNTHESIS = (
    "import os, sys; os.environ['CDK_OUTDIR'] = sys.argv[1];"
    " from infra.stacks import app; sys.exit(app.main(sys.argv[2:]))"
)
NEEDED = {
    "workflow": "infra.runtime.services, vending.workflow.vend",
    "dispatcher": "infra.runtime.round, infra.runtime.telling",
    "portal": "mangum, infra.runtime.product",
    "guardrails": "guardrails.service, infra.runtime.services",
    "collector": "infra.runtime.collecting",
    "listener": "infra.runtime.hearing",
}
"""What a function imports with its first call, beyond its entry point."""


def figures() -> Figures:
    """Synthesis, imports, bundles."""
    with tempfile.TemporaryDirectory() as out:
        empty = median_of_process([sys.executable, "-c", EMPTY, f"{out}/empty"], 3)
        whole = median_of_process([sys.executable, "-c", SYNTHESIS, f"{out}/whole"], 3)
        judged = median_of_process([sys.executable, "-c", SYNTHESIS, f"{out}/judged", "--check"], 3)
    yield figure("synthesis of every stack, beside an empty CDK app", whole, "s", SYNTHESIS_TIMES * empty, 3)
    yield figure("the same, validated and judged by cdk-nag", judged, "s", SYNTHESIS_TIMES * empty, 3)
    for name, entry in ENTRIES.items():
        boto3 = _import("boto3")  # each time anew: the machine may be busier than a moment ago
        yield figure(f"cold import of {name}, beside import boto3", _import(entry), "s", IMPORT_TIMES * boto3, RUNS)
    for name, modules in NEEDED.items():
        taken = _import(f"{ENTRIES[name]}, {modules}")
        yield figure(f"everything {name} imports for its first call", taken, "s", FIRST_CALL_SECONDS, RUNS)
    yield from _bundles()


def _import(modules: str) -> float:
    return median_of_process([sys.executable, "-c", f"import {modules}"], RUNS)


def _bundles() -> Figures:
    """Needs the package index; without it says so, and gives no figure."""
    try:
        sizes = {name: _megabytes(name) for name in ENTRIES}
    except WheelsMissing as error:
        say_error(error)
        return
    largest = max(sizes, key=lambda name: sizes[name])
    yield figure(f"the largest bundle unzipped, {largest}", sizes[largest], "MB", BUNDLE_MB, 1)


def _megabytes(name: str) -> float:
    with zipfile.ZipFile(build(collect(ENTRIES[name], ACME))) as bundle:
        return sum(each.file_size for each in bundle.infolist()) / 1e6


def main() -> None:
    """These alone."""
    for each in figures():
        print(each.line(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
