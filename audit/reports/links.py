"""Where a number of the report can be looked at: a filtered list with just so many findings, or a statement."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

Filter = Mapping[str, str | Sequence[str]]
"""Filters of `/findings`, by name."""


def listed(filters: Filter, **more: str) -> str:
    """The list of findings under filters."""
    return f"/findings?{urlencode({**filters, **more}, doseq=True)}"


def asked(statement: str) -> str:
    """A statement on the page that asks it."""
    return f"/findings/query?{urlencode({'sql': ' '.join(statement.split())})}"


def of_run(run_id: str) -> str:
    """The record of a run."""
    return asked(f"SELECT * FROM runs WHERE id = {quoted(run_id)}")  # noqa: S608 - shown, and judged when asked


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def score(where: str) -> str:
    """How many of the findings under a condition pass, and how many of those that were judged."""
    judged = "count(*) FILTER (status IN ('pass', 'fail')) AS judged"
    passes = "count(*) FILTER (status = 'pass') AS passes"
    return asked(f"SELECT {passes}, {judged} FROM findings WHERE {where}")  # noqa: S608 - shown, and judged when asked


def coverage(where: str) -> str:
    """How many answers were seen under a condition, and how many were expected."""
    cell = "DISTINCT row(source, control_id, account_id, region)"
    return asked(
        f"SELECT count({cell}) FILTER (observed) AS seen, count({cell}) AS expected "  # noqa: S608 - shown, and judged
        f"FROM findings WHERE source <> 'waivers' AND {where}"
    )


def intents(where: str) -> str:
    """How many failures there are under a condition, where rules that want the same count once."""
    one = "DISTINCT row(intent, account_id, region, resource_type, resource_id)"
    return asked(f"SELECT count({one}) AS intents FROM findings WHERE status = 'fail' AND {where}")  # noqa: S608 - shown
