"""`python -m tests.bench`: one JSON object a line."""

from tests.bench import audit_collector, audit_ledger, evaluating, guardrails_compiler, local_cloud, start, vending_line


def main() -> None:
    """Every benchmark, the quick ones first."""
    for benchmark in (start, evaluating, guardrails_compiler, local_cloud, vending_line, audit_collector, audit_ledger):
        for figure in benchmark.figures():
            print(figure.line(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
