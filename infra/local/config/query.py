"""The SQL of advanced queries: `SELECT properties [WHERE …] [GROUP BY …] [ORDER BY …]`, no FROM.

Source: https://docs.aws.amazon.com/config/latest/developerguide/query-components.html and, for what it leaves out,
https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from infra.local.service import Refusal

Row = Mapping[str, Any]
COUNT = "COUNT(*)"
ALLOWED_CLAUSES = frozenset({"expressions", "where", "group", "order", "kind"})
COMPARISONS: Mapping[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: lambda left, right: bool(left == right),
    exp.NEQ: lambda left, right: bool(left != right),
    exp.GT: lambda left, right: bool(left > right),
    exp.GTE: lambda left, right: bool(left >= right),
    exp.LT: lambda left, right: bool(left < right),
    exp.LTE: lambda left, right: bool(left <= right),
}


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    select: exp.Select

    @property
    def fields(self) -> list[str]:
        """The properties asked for, as the answer's QueryInfo names them."""
        return [COUNT if isinstance(one, exp.Count) else _path(one) for one in self._columns()]

    @property
    def aggregates(self) -> bool:
        """Whether rows are counted instead of shown."""
        return bool(self.select.args.get("group")) or COUNT in self.fields

    def wanted(self, property_name: str) -> list[str] | None:
        """The values a top-level property is narrowed to, None where the query does not narrow it."""
        where = self.select.args.get("where")
        conjuncts = where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []
        return next((found for one in conjuncts if (found := _narrowed(one, property_name)) is not None), None)

    def run(self, rows: Iterable[Row]) -> list[str]:
        """The rows of the answer, each a JSON document in a string."""
        where = self.select.args.get("where")
        kept = [row for row in rows if where is None or _holds(where.this, row)]
        if self.aggregates:
            return [json.dumps(row) for row in self._count(kept)]
        return [json.dumps(self._show(row)) for row in self._sort(kept)]

    def _columns(self) -> list[exp.Expr]:
        return [one.unalias() for one in self.select.expressions]

    def _show(self, row: Row) -> Row:
        shown: dict[str, Any] = {}
        for field in self.fields:
            _merge(shown, row if field == "*" else _pick(row, field.split(".")))
        return shown

    def _sort(self, rows: list[Row]) -> list[Row]:
        order = self.select.args.get("order")
        for one in reversed(order.expressions if order else []):
            path = _path(one.this)
            rows = sorted(rows, key=lambda row: _sortable(_values(row, path)), reverse=bool(one.args.get("desc")))
        return rows

    def _count(self, rows: list[Row]) -> Iterator[Row]:
        group = self.select.args.get("group")
        if group is None:
            yield {COUNT: len(rows)}
            return
        paths = [_path(one) for one in group.expressions]

        def key(row: Row) -> list[str]:
            return [str(_values(row, path)) for path in paths]

        for _, same in groupby(sorted(rows, key=key), key=key):
            members = list(same)
            shown: dict[str, Any] = {COUNT: len(members)} if COUNT in self.fields else {}
            for path in paths:
                _merge(shown, _pick(members[0], path.split(".")))
            yield shown


def parse(expression: str) -> Query:
    """Read a query.

    Raises:
        Refusal: InvalidExpressionException for what is no SQL, or more of it than Config has.
    """
    try:
        statements = sqlglot.parse(expression)
    except SqlglotError as error:
        raise _invalid("The expression cannot be parsed.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise _invalid("The expression is one SELECT statement.")
    select = statements[0]
    extra = sorted(name for name, value in select.args.items() if value and name not in ALLOWED_CLAUSES)
    if extra:
        raise _invalid(f"Unsupported: {', '.join(extra)}.")
    query = Query(select)
    _check(query)
    return query


def _check(query: Query) -> None:
    """Let everything be read once, so that a bad query fails before there are rows."""
    if not query.fields:
        raise _invalid("The SELECT names no property.")
    where = query.select.args.get("where")
    if where is not None:
        _holds(where.this, {})
    query.run([])


def _holds(condition: exp.Expr, row: Row) -> bool:
    if isinstance(condition, exp.Paren):
        return _holds(condition.this, row)
    if isinstance(condition, exp.Not):
        return not _holds(condition.this, row)
    if isinstance(condition, (exp.And, exp.Or)):
        both = [_holds(condition.left, row), _holds(condition.right, row)]
        return all(both) if isinstance(condition, exp.And) else any(both)
    return _compares(condition, row)


def _compares(condition: exp.Expr, row: Row) -> bool:
    """Whether any value of a property fits: of a list, each element is asked on its own."""
    test = _test(condition)
    return any(test(value) for value in _values(row, _path(condition.this)))


def _test(condition: exp.Expr) -> Callable[[Any], bool]:
    compare = COMPARISONS.get(type(condition))
    if compare is not None:
        right = _literal(condition.expression)
        return lambda value: _alike(value, right) and compare(value, right)
    if isinstance(condition, exp.In) and condition.expressions:
        allowed = [_literal(one) for one in condition.expressions]
        return lambda value: value in allowed
    if isinstance(condition, exp.Between):
        low, high = _literal(condition.args["low"]), _literal(condition.args["high"])
        return lambda value: _alike(value, low) and low <= value <= high
    if isinstance(condition, exp.Like):
        pattern = re.escape(str(_literal(condition.expression))).replace("%", ".*").replace("_", ".")
        return lambda value: re.fullmatch(pattern, str(value)) is not None
    raise _invalid(f"Unsupported: {condition.sql()}.")


def _alike(left: Any, right: Any) -> bool:
    numbers = (int, float)
    return isinstance(left, type(right)) or (isinstance(left, numbers) and isinstance(right, numbers))


def _literal(value: exp.Expr) -> Any:
    if isinstance(value, exp.Boolean):
        return bool(value.this)
    if isinstance(value, exp.Literal):
        return value.this if value.is_string else float(value.this)
    raise _invalid(f"Not a value: {value.sql()}.")


def _narrowed(condition: exp.Expr, property_name: str) -> list[str] | None:
    inner = condition.unnest()
    if not isinstance(inner, (exp.EQ, exp.In)) or not isinstance(inner.this, exp.Column):
        return None
    if _path(inner.this) != property_name:
        return None
    listed = inner.expressions if isinstance(inner, exp.In) else [inner.expression]
    return [str(_literal(one)) for one in listed]


def _path(column: exp.Expr) -> str:
    if isinstance(column, exp.Star):
        return "*"
    if isinstance(column, (exp.Column, exp.Dot)):
        return ".".join(part.name for part in column.parts)
    raise _invalid(f"Not a property: {column.sql()}.")


def _values(row: Any, path: str) -> list[Any]:
    """Every value under a path: a list on the way is walked through."""
    found = [row]
    for name in path.split("."):
        found = [one[name] for holder in found for one in _each(holder) if isinstance(one, Mapping) and name in one]
    return [one for holder in found for one in _each(holder)]


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _pick(row: Any, path: list[str]) -> Any:
    """The part of a document that lies under a path."""
    if not path:
        return row
    if isinstance(row, list):
        return [_pick(one, path) for one in row]
    if isinstance(row, Mapping) and path[0] in row:
        return {path[0]: _pick(row[path[0]], path[1:])}
    return {}


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        held = into.get(name)
        if isinstance(held, dict) and isinstance(value, Mapping):
            _merge(held, value)
        elif isinstance(held, list) and isinstance(value, list) and len(held) == len(value):
            for old, new in zip(held, value, strict=True):
                _merge(old, new)
        else:
            into[name] = value


def _sortable(values: list[Any]) -> str:
    return str(values[0]) if values else ""


def _invalid(why: str) -> Refusal:
    return Refusal("InvalidExpressionException", f"The syntax of the query is incorrect. {why}")
