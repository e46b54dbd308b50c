"""The SQL of advanced queries: `SELECT properties [WHERE …] [GROUP BY …] [ORDER BY …]`, no FROM.

Source: https://docs.aws.amazon.com/config/latest/developerguide/query-components.html and, for what it leaves out,
https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html#query-limitations. Of addresses in
CIDR notation AWS makes ranges; here they stay strings.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from infra.local.config.counting import (
    MOST_GROUPS,
    MOST_GROUPS_WHEN_ORDERED_BY_A_FUNCTION,
    compute,
    grouped,
    is_function,
)
from infra.local.service import Refusal

Row = Mapping[str, Any]
STAR = "*"
SHOWN_BY_STAR = (
    *("accountId", "awsRegion", "arn", "availabilityZone", "configurationItemCaptureTime", "resourceCreationTime"),
    *("resourceId", "resourceName", "resourceType", "version"),
)
"""The scalar properties that `SELECT *` stands for; what lies deeper is asked for by name."""
WILDCARD = re.compile(r"[%_]")
LETTERS_BEFORE_A_WILDCARD = 3
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
        return [_name(one) for one in self.columns]

    @property
    def columns(self) -> list[exp.Expr]:
        """What stands after SELECT."""
        return list(self.select.expressions)

    @property
    def groups(self) -> list[str]:
        """What stands after GROUP BY."""
        group = self.select.args.get("group")
        return [_path(one) for one in group.expressions] if group else []

    @property
    def order(self) -> list[exp.Ordered]:
        """What stands after ORDER BY."""
        order = self.select.args.get("order")
        return list(order.expressions) if order else []

    @property
    def aggregates(self) -> bool:
        """Whether rows are counted instead of shown."""
        return bool(self.groups) or any(is_function(one) for one in self.columns)

    @property
    def pages(self) -> bool:
        """Whether there is a next page: not where groups are in the order of a function."""
        return not any(is_function(one.this) for one in self.order)

    def wanted(self, property_name: str) -> list[str] | None:
        """The values a top-level property is narrowed to, None where the query does not narrow it."""
        where = self.select.args.get("where")
        conjuncts = where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []
        return next((found for one in conjuncts if (found := _narrowed(one, property_name)) is not None), None)

    def run(self, rows: Iterable[Row]) -> list[str]:
        """The rows of the answer, each a JSON document in a string."""
        where = self.select.args.get("where")
        kept = [row for row in rows if where is None or _holds(where.this, row)]
        shown = self._count(kept) if self.aggregates else [self._show(row) for row in self._sort(kept)]
        return [json.dumps(row) for row in shown]

    def _show(self, row: Row) -> Row:
        shown: dict[str, Any] = {}
        for field in self.fields:
            _merge(shown, _scalars(row) if field == STAR else _pick(row, field.split(".")))
        return shown

    def _sort(self, rows: list[Row]) -> list[Row]:
        for one in reversed(self.order):
            path = _path(one.this)
            rows = sorted(rows, key=lambda row: _sortable(_values(row, path)), reverse=bool(one.args.get("desc")))
        return rows

    def _count(self, rows: list[Row]) -> list[Row]:
        paths = self.groups
        groups = grouped(rows, lambda row: tuple(str(_values(row, path)) for path in paths)) if paths else [rows]
        found = list(groups)
        for one in reversed(self.order):
            found.sort(key=lambda members: _sortable([_cell(one.this, members)]), reverse=bool(one.args.get("desc")))
        return [self._total(members) for members in found]

    def _total(self, members: list[Row]) -> Row:
        shown: dict[str, Any] = {}
        for column, name in zip(self.columns, self.fields, strict=True):
            _merge(shown, {name: _cell(column, members)} if is_function(column) else _pick(members[0], name.split(".")))
        return shown


def parse(expression: str) -> Query:
    """Read a query.

    Raises:
        Refusal: InvalidExpressionException for what is no SQL, or more of it than Config has.
    """
    try:
        statements = sqlglot.parse(expression)
        keywords = {token.token_type.name for token in sqlglot.tokenize(expression)}
    except (SqlglotError, RecursionError) as error:
        raise _invalid("The expression cannot be parsed.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise _invalid("The expression is one SELECT statement.")
    select = statements[0]
    extra = sorted(name for name, value in select.args.items() if value and name not in ALLOWED_CLAUSES)
    if extra or "ALL" in keywords:
        raise _invalid(f"Unsupported: {', '.join(extra) or 'ALL'}.")
    query = Query(select)
    _check_groups(query)
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


def _check_groups(query: Query) -> None:
    """Functions take one property; what stands beside them is grouped by, and not by more than AWS has room for."""
    if any(is_function(one) and one.expressions for one in query.columns):
        raise _invalid("A function takes one property.")
    groups, most = query.groups, MOST_GROUPS if query.pages else MOST_GROUPS_WHEN_ORDERED_BY_A_FUNCTION
    if len(groups) > most:
        raise _invalid(f"GROUP BY takes {most} properties at most.")
    plain = [_name(one) for one in (*query.columns, *(each.this for each in query.order)) if not is_function(one)]
    alone = sorted(set(plain) - set(groups)) if query.aggregates else []
    if alone:
        raise _invalid(f"Not grouped by: {', '.join(alone)}.")
    if not query.aggregates and not query.pages:
        raise _invalid("ORDER BY a function needs a GROUP BY.")


def _cell(column: exp.Expr, members: list[Row]) -> Any:
    """Of a group, the value of a function or of a property that all members share."""
    if not is_function(column):
        return next(iter(_values(members[0], _path(column))), None)
    path = _path(column.this)
    return compute(column, members if path == STAR else [one for row in members for one in _values(row, path)])


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
        return _like(str(_literal(condition.expression)))
    raise _invalid(f"Unsupported: {condition.sql()}.")


def _like(text: str) -> Callable[[Any], bool]:
    """A pattern whose wildcards, % and _, stand at its end, behind three letters or more."""
    wildcard = WILDCARD.search(text)
    if wildcard is not None and wildcard.start() < LETTERS_BEFORE_A_WILDCARD:
        raise _invalid(f"A wildcard follows {LETTERS_BEFORE_A_WILDCARD} letters or more: {text}.")
    if wildcard is not None and set(text[wildcard.start() :]) - {"%", "_"}:
        raise _invalid(f"A wildcard stands at the end: {text}.")
    pattern = re.escape(text).replace("%", ".*").replace("_", ".")
    return lambda value: re.fullmatch(pattern, str(value), re.DOTALL) is not None


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


def _name(column: exp.Expr) -> str:
    """How the answer names a column."""
    return f"{column.key.upper()}({_path(column.this)})" if is_function(column) else _path(column)


def _path(column: exp.Expr) -> str:
    if isinstance(column, exp.Star):
        return STAR
    if isinstance(column, (exp.Column, exp.Dot)):
        return ".".join(part.name for part in column.parts)
    raise _invalid(f"Not a property: {column.sql()}.")


def _values(row: Any, path: str) -> list[Any]:
    """Every value under a path: a list on the way is walked through."""
    found = [row]
    for name in path.split("."):
        found = [one[name] for holder in found for one in _each(holder) if isinstance(one, Mapping) and name in one]
    return [one for holder in found for one in _each(holder)]


def _scalars(row: Row) -> Row:
    return {name: row[name] for name in SHOWN_BY_STAR if name in row}


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


def _sortable(values: list[Any]) -> tuple[float, str]:
    """Numbers before words; what is not there comes first."""
    first = values[0] if values else None
    if isinstance(first, (int, float)):
        return float(first), ""
    return (float("-inf"), "") if first is None else (float("inf"), str(first))


def _invalid(why: str) -> Refusal:
    return Refusal("InvalidExpressionException", f"The syntax of the query is incorrect. {why}")
