"""The aggregate functions of advanced queries, over groups of rows.

Their limits: https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html#query-limitations
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

FUNCTIONS: Mapping[type[exp.Expr], Callable[[Sequence[Any]], Any]] = {
    exp.Avg: lambda values: sum(values) / len(values),
    exp.Count: len,
    exp.Max: max,
    exp.Min: min,
    exp.Sum: sum,
}
MOST_GROUPS = 3
MOST_GROUPS_WHEN_ORDERED_BY_A_FUNCTION = 1


def is_function(column: exp.Expr) -> bool:
    """Whether a column is computed over rows instead of read from one."""
    return type(column) in FUNCTIONS


def compute(column: exp.Expr, values: Sequence[Any]) -> Any:
    """The function's value over those of a group; None of none, where it does not count."""
    if isinstance(column, exp.Count):
        return len(values)
    usable = [one for one in values if _is_number(one)]
    if not usable and isinstance(column, (exp.Max, exp.Min)):
        usable = [one for one in values if isinstance(one, str)]
    return FUNCTIONS[type(column)](usable) if usable else None


def grouped(rows: Iterable[Any], key: Callable[[Any], tuple[str, ...]]) -> Iterator[list[Any]]:
    """The rows that share a key, in the order of the keys."""
    groups: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return (groups[each] for each in sorted(groups))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
