"""Answers questions from the ledger, to each asker only about what they may see."""

import atexit
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Protocol

import duckdb

from audit.finding import FIELDS
from audit.ledger.head import Head
from audit.ledger.ledger import Ledger, run_line
from audit.ledger.merge import place_of
from audit.ledger.store import StoredFile
from audit.ledger.tables import connect
from audit.query.excerpt import cut_history
from audit.query.facets import ONE_BY_ONE, SUMMED_UP, Counted, Facet, find_facets
from audit.query.filters import ORDER, RANK, Cursor, Filters, bad_cursor, decode_cursor
from audit.query.sandbox import Answer, ask_sql
from audit.query.views import COUNTS, Window, build_views, needs_of_counts, parts_of, set_clock
from audit.run import Run
from vending.core.clock import Clock, from_text, to_text
from vending.core.errors import AwsMissing, NotFound
from vending.core.identity import Caller
from vending.ports import AccountBook

JOINED = frozenset({"accounts", "findings", "waivers", COUNTS})
"""The views that are made of accounts and waivers too."""
Row = dict[str, Any]
"""Columns to values; times are ISO 8601 in UTC."""


class Ask(Protocol):
    """Answers the product's own statements."""

    def __call__(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows that a statement answers."""
        ...


@dataclass(frozen=True)
class Page:
    """A page of findings."""

    items: tuple[Row, ...]
    next: str | None
    limit: int


@dataclass(frozen=True)
class Reader:
    """Questions about findings, transitions, runs, coverage and accounts."""

    ledger: Ledger
    accounts: AccountBook
    clock: Clock
    waivers: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    """Every waiver with its state now."""

    def findings(
        self, caller: Caller, filters: Filters, limit: int, cursor: str | None = None, as_of: datetime | None = None
    ) -> Page:
        """A page of findings, the worst first; with `as_of` as they were known at that moment, to their owners then.

        Raises:
            BadInput: for a cursor that this reader did not give.
        """
        at = decode_cursor(cursor) if cursor else None
        head = self._head_of(at) if at else self._head_on(as_of)
        offset = at.offset if at else 0
        with self._asking(caller, filters, head, as_of) as (ask, exact):
            rows = _page(ask, exact, limit + 1, offset)
        more = Cursor(key=head.key, offset=offset + limit).encode() if len(rows) > limit else None
        return Page(tuple(rows[:limit]), more, limit)

    def all_findings(self, caller: Caller, filters: Filters, as_of: datetime | None = None) -> list[Row]:
        """Every finding that the filters ask for, the worst first; as known at a moment, if one is given."""
        with self._asking(caller, filters, self._head_on(as_of), as_of) as (ask, exact):
            statement = f"SELECT {', '.join(FIELDS)} FROM findings WHERE {exact.where} ORDER BY {ORDER}"  # noqa: S608
            return ask(statement, exact.parameters)

    def finding(self, caller: Caller, finding_id: str) -> Row:
        """One finding.

        Raises:
            NotFound: when there is none of that id that the caller may see.
        """
        statement = f"SELECT {', '.join(FIELDS)}, reopened, intent FROM findings WHERE finding_id = $id"  # noqa: S608
        found = self.ask(caller, ("findings",), statement, {"id": finding_id})
        if not found:
            raise NotFound("There is no finding of that id that you may see.", "It may have gone with its resource.")
        return found[0]

    def same(self, caller: Caller, finding: Row) -> list[Row]:
        """What other rules say of the resource that want the same: one intent, deployed under several names."""
        about = {name: finding[name] for name in ("intent", "account_id", "region", "resource_type", "resource_id")}
        alike = " AND ".join(f"{name} = ${name}" for name in about)
        statement = (
            f"SELECT finding_id, control_id, status FROM findings WHERE {alike} "  # noqa: S608 - our own words
            "AND finding_id <> $id ORDER BY control_id"
        )
        only = Filters(account=(finding["account_id"],))
        with self._asking(caller, only, self.ledger.head()) as (ask, _):
            return ask(statement, about | {"id": finding["finding_id"]})

    def history(self, caller: Caller, finding_id: str, finding: Row | None = None) -> list[Row]:
        """The changes of state of one finding, the latest first; who has the finding saves a search through years."""
        statement = "SELECT * FROM transitions WHERE finding_id = $id {also} ORDER BY observed_at DESC, valid_at DESC"
        if finding is None:
            return self.ask(caller, ("transitions",), statement.format(also=""), {"id": finding_id})
        head = self.ledger.head()
        first = str(finding["first_seen"])[:7]
        recent = tuple(one for one in head.transitions if one.part >= first)
        with self.open(caller, ("transitions",), head.model_copy(update={"transitions": recent})) as ask:
            parameters = {"id": finding_id, "account": finding["account_id"]}
            return ask(statement.format(also="AND account_id = $account"), parameters)

    def facets(self, caller: Caller, filters: Filters) -> dict[str, tuple[Facet, ...]]:
        """Field -> its values under the other filters, with how many findings have them."""
        with self._counting(caller, filters) as (ask, exact, counted):
            return find_facets(ask, exact, counted)

    def count(self, caller: Caller, filters: Filters) -> dict[str, int]:
        """How many findings there are of each status."""
        with self._counting(caller, filters) as (ask, exact, counted):
            statement = f"SELECT status, {counted.measure} AS n FROM {counted.view} WHERE {exact.where} GROUP BY ALL"  # noqa: S608
            return {row["status"]: row["n"] for row in ask(statement, exact.parameters) if row["n"]}

    @contextmanager
    def _counting(self, caller: Caller, filters: Filters) -> Iterator[tuple[Ask, Filters, Counted]]:
        """Counts findings: in the summary that was written with them, where the filters ask for no more than it has."""
        head = self.ledger.head()
        if filters.by_place and len(head.summary) == len(head.findings):
            with self.open(caller, needs_of_counts(self.waivers()), _only_of(head, filters)) as ask:
                yield ask, filters, SUMMED_UP
        else:
            with self._asking(caller, filters, head) as (ask, exact):
                yield ask, exact, ONE_BY_ONE

    def ask(
        self, caller: Caller, views: Sequence[str], statement: str, parameters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """The product's own statement over views, cut to what the caller may see."""
        with self.open(caller, views) as ask:
            return ask(statement, parameters or {})

    @contextmanager
    def _asking(
        self, caller: Caller, filters: Filters, head: Head, as_of: datetime | None = None
    ) -> Iterator[tuple[Ask, Filters]]:
        """Asks about findings under filters, which come back with the ids of the controls that they name."""
        with self.open(caller, ("findings",), _only_of(head, filters), as_of) as ask:
            ids = (
                [row["control_id"] for row in ask(filters.named, {"control": filters.control})]
                if filters.control
                else ()
            )
            yield ask, replace(filters, control=tuple(ids) or filters.control)

    @contextmanager
    def open(
        self, caller: Caller, views: Sequence[str], head: Head | None = None, as_of: datetime | None = None
    ) -> Iterator[Ask]:
        """Asks one statement after the other of one state of the ledger, the present one unless `head` is given.

        With `as_of` waivers count as they did then, and accounts belong to whom they belonged to then.
        """
        window = self._window(caller, views, head)
        if as_of is not None:
            window = _then(window, as_of)
        with _database().cursor() as connection:
            build_views(connection, window, views, copy=False)
            set_clock(connection, window.now)
            yield partial(_ask, connection)

    def sql(self, caller: Caller, sql: str) -> Answer:
        """The answer to a person's own SQL.

        Raises:
            BadInput: when the statement is not allowed, wrong, too slow or too large.
        """
        return ask_sql(sql, lambda views: self._window_of_sql(caller, views))

    def runs(self) -> list[Run]:
        """Every run, the latest first."""
        return self.ledger.runs()

    def runs_page(self, limit: int, cursor: str | None = None) -> tuple[list[Run], str | None]:
        """A page of runs, the latest first, and the cursor of the next one: the last run it showed.

        Raises:
            BadInput: for a cursor that names no run.
        """
        runs = self.runs()
        first = 0
        if cursor is not None:
            ids = [run.id for run in runs]
            if cursor not in ids:
                raise bad_cursor()
            first = ids.index(cursor) + 1
        page = runs[first : first + limit]
        return page, page[-1].id if page and first + limit < len(runs) else None

    def _window(self, caller: Caller, views: Iterable[str], head: Head | None = None) -> Window:
        wanted = set(views)
        now, beside = self.ledger.present() if "runs" in wanted else (head or self.ledger.head(), [])
        parts: Mapping[str, Sequence[StoredFile]] = {part: getattr(head or now, part) for part in parts_of(wanted)}
        return Window(
            files={part: [str(path) for path in self._fetch(files)] for part, files in parts.items()},
            accounts=self._account_rows(whole="accounts" in wanted) if wanted & JOINED else (),
            waivers=self.waivers() if wanted & JOINED else (),
            open_runs=[run_line(run) for run in beside],
            teams=None if caller.sees_everything else sorted(caller.teams),
            now=_plain_text(self.clock.now()),
        )

    def _window_of_sql(self, caller: Caller, views: Iterable[str]) -> Window:
        window = self._window(caller, views)
        with _database().cursor() as connection:
            return cut_history(connection, window, self.ledger.store.cache / "excerpts")

    def _head_on(self, moment: datetime | None) -> Head:
        return self.ledger.on(moment) if moment else self.ledger.head()

    def _head_of(self, cursor: Cursor) -> Head:
        try:
            return self.ledger.at(cursor.key)
        except NotFound as missing:
            raise bad_cursor() from missing

    def _fetch(self, files: Sequence[StoredFile]) -> Sequence[Any]:
        try:
            return self.ledger.fetch(files)
        except AwsMissing as missing:
            raise bad_cursor() from missing

    def _account_rows(self, *, whole: bool) -> list[Row]:
        """Accounts but for their compliance, which the view takes from the findings; or just whose they are."""
        accounts = self.accounts.all()
        if not whole:
            return [{"account_id": one.account_id, "team": one.team, "ou": one.ou} for one in accounts]
        return [account.model_dump(mode="json", exclude={"compliance"}) for account in accounts]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """The one database of a process: its memory is bounded however many ask, and it knows the files by now.

    It holds nothing. Each asker has a cursor with views of its own; what a report counts may not fit into memory at
    once, and waits in a folder that goes with the process.
    """
    atexit.register(_database.cache_clear)  # DuckDB complains of connections that outlive the interpreter
    return connect(Path(gettempdir()) / f"freehold-asked-{os.getpid()}")


def _page(ask: Ask, filters: Filters, limit: int, offset: int) -> list[Row]:
    """Some findings, the worst first: how bad the last of them is comes from three columns, the rest from few rows."""
    start, end = f"FROM findings WHERE {filters.where}", f"ORDER BY {ORDER} LIMIT {limit} OFFSET {offset}"
    if filters.control or filters.account:  # these are few rows already
        return ask(f"SELECT {', '.join(FIELDS)} {start} {end}", filters.parameters)
    ranked = ask(
        f"SELECT status, severity, changed_at AS since_then {start} ORDER BY {RANK} LIMIT {limit + offset}",
        filters.parameters,
    )
    if len(ranked) <= offset:
        return []
    last = ranked[-1]
    worse = sorted({(row["status"], row["severity"]) for row in ranked} - {(last["status"], last["severity"])})
    pairs = " OR ".join(f"(status = '{status}' AND severity = '{severity}')" for status, severity in worse)
    tie = "(status = $last_status AND severity = $last_severity AND changed_at >= $last_change)"
    reached = f"({pairs} OR {tie})" if pairs else tie
    parameters = {
        "last_status": last["status"],
        "last_severity": last["severity"],
        "last_change": from_text(last["since_then"]).replace(tzinfo=None),
    }
    return ask(
        f"SELECT {', '.join(FIELDS)} {start} AND {reached} {end}",
        filters.parameters | parameters,
    )


def _only_of(head: Head, filters: Filters) -> Head:
    """A head with just the files of findings in which the accounts that are asked for can be."""
    if not filters.account:
        return head
    parts = {f"{place_of(account, head.buckets)}/{head.buckets}" for account in filters.account}
    kinds = {"findings": head.findings, "summary": head.summary}
    return head.model_copy(
        update={kind: tuple(one for one in files if one.part in parts) for kind, files in kinds.items()}
    )


def _then(window: Window, moment: datetime) -> Window:
    """The window as it was: a waiver covers what it covered, and a finding names its owner itself."""
    then = _plain_text(moment)
    covering = [
        dict(one) | {"state": "active", "ended_at": None}
        for one in window.waivers
        if one["approved_at"] and _bare(one["approved_at"]) <= then < _bare(one["ended_at"] or one["expires_at"])
    ]
    return replace(window, accounts=(), waivers=covering, now=then)


def _bare(moment: str) -> str:
    return moment.removesuffix("Z")


def _plain_text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _ask(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, Any] | None = None
) -> list[Row]:
    found = connection.execute(statement, dict(parameters or {}))
    names = [str(name) for name, *_ in found.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return to_text(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else value
