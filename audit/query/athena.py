"""The product's own statements as Athena reads them, for a ledger that outgrows one machine.

They are written once, for DuckDB. The same files are tables of Glue there; users' SQL stays DuckDB's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlglot
from sqlglot import exp

_WORDS = {"LIST_POSITION": "ARRAY_POSITION"}
"""Functions that Athena has under another name, and sqlglot does not translate."""


def for_athena(statement: str, parameters: Mapping[str, Any] | None = None) -> str:
    """A statement with its parameters written into it, in Athena's SQL.

    Raises:
        KeyError: for a parameter without a value.
        sqlglot.errors.SqlglotError: for a statement that is none.
    """
    tree = sqlglot.parse_one(statement, read="duckdb")
    for select in tree.find_all(exp.Select):
        _name_groups(select)
    tree = tree.transform(lambda node: _fill(node, parameters or {}))
    for node in reversed(list(tree.find_all(exp.ArrayOverlaps, exp.Bracket, exp.Contains, exp.Anonymous))):
        node.replace(_translate(node))
    return tree.sql(dialect="athena")


def _name_groups(select: exp.Select) -> None:
    """Athena has neither GROUP BY ALL nor ORDER BY ALL: the columns are named by their places."""
    group = select.args.get("group")
    places = [
        exp.Literal.number(place) for place, column in enumerate(select.expressions, 1) if not column.find(exp.AggFunc)
    ]
    if group is not None and group.args.get("all"):
        select.set("group", exp.Group(expressions=places) if places else None)
    order = select.args.get("order")
    if order is not None and [one.this.name.upper() for one in order.expressions] == ["ALL"]:
        everything = [exp.Ordered(this=exp.Literal.number(n)) for n in range(1, len(select.expressions) + 1)]
        select.set("order", exp.Order(expressions=everything))


def _fill(node: exp.Expr, parameters: Mapping[str, Any]) -> exp.Expr:
    if isinstance(node, (exp.Parameter, exp.Placeholder)):
        return _literal(parameters[node.name])
    return node


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, (list, tuple)):
        return exp.Array(expressions=[_literal(one) for one in value])
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(f"{value:%Y-%m-%d %H:%M:%S.%f}"), "timestamp")
    return exp.convert(value)


def _translate(node: exp.Expr) -> exp.Expr:
    """What sqlglot hands on as DuckDB has it."""
    if isinstance(node, exp.ArrayOverlaps):
        return exp.Anonymous(this="ARRAYS_OVERLAP", expressions=[node.this.copy(), node.expression.copy()])
    if isinstance(node, exp.Bracket) and node.expressions[0].sql().startswith("-"):
        from_the_end = exp.convert(int(node.expressions[0].sql()) + 1)  # sqlglot counts from 0, SQL from 1
        return exp.Anonymous(this="ELEMENT_AT", expressions=[node.this.copy(), from_the_end])
    if isinstance(node, exp.Contains):
        found = exp.Anonymous(this="STRPOS", expressions=[node.this.copy(), node.expression.copy()])
        return exp.GT(this=found, expression=exp.Literal.number(0))
    if isinstance(node, exp.Anonymous) and node.name.upper() in _WORDS:
        return exp.Anonymous(this=_WORDS[node.name.upper()], expressions=[one.copy() for one in node.expressions])
    return node
