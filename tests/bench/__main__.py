"""`python -m tests.bench [--long]`: one JSON object a line."""

import argparse
import logging
from itertools import chain

from tests.bench import (
    audit_collector,
    audit_ledger,
    big_cloud,
    evaluating,
    fuzzing,
    guardrails_compiler,
    kills,
    local_cloud,
    requests_table,
    simulating,
    stacks,
    start,
    storms,
    vending_line,
)

QUICK = (
    start,
    evaluating,
    guardrails_compiler,
    local_cloud,
    big_cloud,
    stacks,
    vending_line,
    requests_table,
    simulating,
    kills,
    storms,
    audit_collector,
    audit_ledger,
)
LONG = (fuzzing, simulating, storms)


def main() -> None:
    """Every benchmark, the quick ones first."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The benchmarks, one JSON line each.")
    about = "only what takes an hour and more: by chance calls and storms, 500 requests at once, many simulated storms"
    parser.add_argument("--long", action="store_true", help=about)
    logging.disable()  # what the storms break on purpose is no news
    benchmarks = (one.long_figures() for one in LONG) if parser.parse_args().long else (one.figures() for one in QUICK)
    for figure in chain.from_iterable(benchmarks):
        print(figure.line(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
