"""Which SQL a person may ask: one SELECT over the six views, with functions that only compute.

The statement is taken apart by DuckDB's own parser, so that what is judged here is what will run: a second parser
would have to agree with it about every corner of the language. Everything is refused that is not listed.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from vending.core.errors import BadInput

VIEWS = ("findings", "transitions", "runs", "coverage", "accounts", "waivers")
LONGEST = 20_000
"""Characters of a statement."""

FUNCTIONS = frozenset(
    """
    abs any_value arg_max arg_min avg bool_and bool_or ceil ceiling coalesce concat concat_ws contains corr count
    count_if count_star countif date_diff date_part date_sub date_trunc datediff datepart datetrunc day dayname
    dayofmonth dayofweek dayofyear dense_rank ends_with epoch epoch_ms exp extract first first_value floor
    greatest grouping hour ifnull ilike_escape instr isfinite isnan isodow last last_value lag lcase lead least left
    len length like_escape list list_any_value list_apply list_avg list_concat list_contains list_count
    list_distinct list_extract list_filter list_has list_has_all list_has_any list_max list_min list_position
    list_reverse list_slice list_sort list_sum list_transform list_unique list_value ln log log10 log2 lower ltrim mad
    make_date make_timestamp max max_by md5 mean median min min_by minute mod mode month monthname not_ilike_escape
    not_like_escape now nth_value ntile nullif nvl percent_rank pi position pow power prefix product quantile
    quantile_cont quantile_disc quarter rank regexp_extract regexp_full_match regexp_matches replace reverse right
    round row row_number rtrim second sign split split_part sqrt starts_with stddev stddev_pop stddev_samp
    strftime string_agg string_split stripped strlen strpos strptime struct_extract struct_pack substr substring
    suffix sum to_days to_hours to_minutes to_months to_seconds to_weeks to_years today trim trunc try_strptime typeof
    ucase unnest upper var_pop var_samp variance week weekday weekofyear year yearweek
    array_agg array_contains array_length group_concat cume_dist element_at
    current_timestamp get_current_timestamp current_date
    """.split()  # noqa: SIM905 - a list to be read, not edited as literals
)
"""Functions that compute from their arguments and cannot make something large out of something small."""
OPERATORS = frozenset(
    ("+", "-", "*", "/", "//", "%", "^", "**", "||", "~~", "!~~", "~~*", "!~~*", "~~~", "&&", "@>", "<@")
)

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
_TABLES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST"})
_MODIFIERS = frozenset({"ORDER_MODIFIER", "LIMIT_MODIFIER", "DISTINCT_MODIFIER"})
_ORDERS = frozenset({"ASCENDING", "DESCENDING", "ORDER_DEFAULT", "INVALID"})
_PLAIN = _NODES | _TABLES | _MODIFIERS | _ORDERS
_EXPRESSIONS = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    }
)
Node = Mapping[str, Any]
_TOO_DEEP = "The statement is nested too deeply."
_LOOK = f"Ask one SELECT over the views {', '.join(VIEWS)}."


def check_statement(sql: str) -> frozenset[str]:
    """The views that a statement reads.

    Raises:
        BadInput: in one sentence, for whatever is not one SELECT over the views.
    """
    if len(sql) > LONGEST:
        raise BadInput(f"The statement is longer than {LONGEST:,} characters.", "Shorten it.")
    try:
        return frozenset(_tables(_parse(sql), frozenset()))
    except RecursionError as error:
        raise BadInput(_TOO_DEEP, "Take it apart.") from error


def _parse(sql: str) -> Node:
    with duckdb.connect(":memory:") as connection:
        try:
            row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
        except duckdb.Error as error:
            raise BadInput(f"The statement cannot be read: {_first_line(str(error))}", _LOOK) from error
    tree = json.loads(row[0]) if row else {}
    if tree.get("error", True):
        raise BadInput(_why_unreadable(tree), _LOOK)
    if len(tree["statements"]) != 1:
        raise BadInput(f"These are {len(tree['statements'])} statements; one SELECT is allowed.", _LOOK)
    statement: Node = tree["statements"][0]
    return statement


def _why_unreadable(tree: Node) -> str:
    if tree.get("error_type") == "not implemented":
        return "Only SELECT is allowed."
    if "expression depth" in tree.get("error_message", ""):
        return _TOO_DEEP
    return f"The statement cannot be read: {_first_line(tree.get('error_message', 'it is no SQL'))}."


def _tables(node: Any, own: frozenset[str]) -> Iterator[str]:
    """The views below a node; `own` are the names that CTEs around it define."""
    if isinstance(node, list):
        for one in node:
            yield from _tables(one, own)
    elif isinstance(node, dict):
        if "cte_map" in node:
            for entry in node["cte_map"]["map"]:
                yield from _tables(entry["value"], own)
                own |= {_fold(entry["key"])}
        yield from _judge(node, own)
        below = (value for key, value in node.items() if key != "cte_map")
        for value in below if node.get("class") != "CONSTANT" else ():
            yield from _tables(value, own)


def _judge(node: Node, own: frozenset[str]) -> Iterator[str]:
    if node.get("sample"):
        raise BadInput("TABLESAMPLE and USING SAMPLE are not allowed.", "Use LIMIT, or count with GROUP BY.")
    if "type" not in node:
        return
    if "class" in node:
        _judge_expression(node)
    elif not isinstance(node["type"], str) or node["type"] not in _PLAIN:
        raise BadInput(f"{_words(node)} is not allowed.", _LOOK)
    if node["type"] == "BASE_TABLE":
        yield from _judge_table(node, own)


def _judge_table(node: Node, own: frozenset[str]) -> Iterator[str]:
    name = _fold(node["table_name"])
    if node.get("schema_name") or node.get("catalog_name"):
        raise BadInput(f"`{node.get('schema_name')}.{node['table_name']}`: names with a schema are not allowed.", _LOOK)
    if name in own:
        return
    if name not in VIEWS:
        raise BadInput(f"There is no view `{node['table_name']}`.", f"The views are {', '.join(VIEWS)}.")
    yield name


def _judge_expression(node: Node) -> None:
    if node["class"] not in _EXPRESSIONS:
        raise BadInput(f"{_words(node)} is not allowed.", _LOOK)
    if node["class"] not in ("FUNCTION", "WINDOW"):
        return
    name = _fold(node["function_name"])
    if node.get("schema") or node.get("catalog"):
        raise BadInput(f"`{node.get('schema')}.{name}`: functions with a schema are not allowed.", _LOOK)
    if name not in FUNCTIONS and name not in OPERATORS:
        raise BadInput(f"The function `{name}` is not allowed here.", "It may be written without it; filters may help.")


_WORDS = {
    "TABLE_FUNCTION": "A function as a table",
    "SHOW_REF": "DESCRIBE, SHOW or SUMMARIZE",
    "RECURSIVE_CTE_NODE": "A recursive CTE",
    "PARAMETER": "A parameter",
    "PIVOT": "PIVOT",
}


def _words(node: Node) -> str:
    kind = str(node["type"] if "class" not in node else node["class"])
    return _WORDS.get(kind, f"`{kind.lower().replace('_', ' ')}`")


def _fold(name: object) -> str:
    """A name as DuckDB compares it: of the letters A to Z only; to Python the Kelvin sign is a k, too."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in str(name))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else "it is empty"
