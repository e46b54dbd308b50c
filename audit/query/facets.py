"""Facets: for each field that can be filtered, its values with how many findings have them under the other filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from audit.query.filters import NOBODY, Filters

FIELDS: Mapping[str, str] = {
    "status": "status",
    "severity": "severity",
    "team": f"coalesce(team, '{NOBODY}')",
    "ou": "ou",
    "region": "region",
    "source": "source",
}
MOST = 12
"""Values of a field; the most frequent ones."""


class Ask(Protocol):
    """Answers a statement over the view `findings`."""

    def __call__(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows."""
        ...


@dataclass(frozen=True)
class Facet:
    """A value of a field, and how many findings have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Counted:
    """Where findings are counted."""

    view: str
    measure: str
    """SQL for how many findings some rows of the view are."""
    column: str = "1"
    """What it measures."""


ONE_BY_ONE = Counted("findings", "count(*)")
SUMMED_UP = Counted("counts", "sum(findings)::BIGINT", "findings")


def find_facets(ask: Ask, filters: Filters, counted: Counted = ONE_BY_ONE) -> dict[str, tuple[Facet, ...]]:
    """Field -> its values, the most frequent first.

    A field's own filter does not narrow its own values: they are what else could be chosen. All fields without a
    filter are counted in one pass.
    """
    chosen = [name for name in FIELDS if getattr(filters, name)]
    found = _count(ask, [name for name in FIELDS if name not in chosen], filters, counted)
    for name in chosen:
        found |= _count(ask, [name], Filters(**{**vars(filters), name: ()}), counted)
    return {name: found.get(name, ()) for name in FIELDS}


def _count(ask: Ask, names: Iterable[str], filters: Filters, counted: Counted) -> dict[str, tuple[Facet, ...]]:
    wanted = list(names)
    if not wanted:
        return {}
    columns = ", ".join(f"{FIELDS[name]} AS {name}" for name in wanted)
    sets = ", ".join(f"({name})" for name in wanted)
    which = " ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in wanted)
    value = ", ".join(wanted)
    columns += f", {counted.column} AS findings"
    rows = ask(
        f"SELECT CASE {which} END AS field, coalesce({value}) AS value, {counted.measure} AS n "  # noqa: S608 - our own
        f"FROM (SELECT {columns} FROM {counted.view} WHERE {filters.where}) GROUP BY GROUPING SETS ({sets}) "
        "HAVING n > 0 ORDER BY n DESC, value",
        filters.parameters,
    )
    facets: dict[str, list[Facet]] = {}
    for row in rows:
        if row["value"] is not None:
            facets.setdefault(row["field"], []).append(Facet(row["value"], row["n"]))
    return {name: tuple(values[:MOST]) for name, values in facets.items()}
