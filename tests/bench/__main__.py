"""`python -m tests.bench [--long]`: one JSON object a line."""

import argparse
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
    audit_collector,
    audit_ledger,
)


def main() -> None:
    """Every benchmark, the quick ones first."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The benchmarks, one JSON line each.")
    about = "only what takes an hour and more: calls by chance, 500 requests at once, fifty storms of 20, three of 200"
    parser.add_argument("--long", action="store_true", help=about)
    long = parser.parse_args().long
    for figure in (
        chain(fuzzing.long_figures(), simulating.long_figures())
        if long
        else chain.from_iterable(one.figures() for one in QUICK)
    ):
        print(figure.line(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
