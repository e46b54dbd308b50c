"""Answers questions from the ledger, to each asker only about what they may see."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

import duckdb

from audit.finding import FIELDS
from audit.ledger.head import Head
from audit.ledger.ledger import Ledger, run_line
from audit.ledger.store import StoredFile
from audit.ledger.tables import connect
from audit.query.facets import Facet, find_facets
from audit.query.filters import ORDER, Cursor, Filters, bad_cursor, decode_cursor
from audit.query.sandbox import Answer, ask_sql
from audit.query.views import Window, build_views, parts_of, set_clock
from audit.run import Run
from vending.core.clock import Clock, to_text
from vending.core.errors import AwsMissing, NotFound
from vending.core.identity import Caller
from vending.ports import AccountBook

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
        statement = (
            f"SELECT {', '.join(FIELDS)} FROM findings WHERE {filters.where} "  # noqa: S608 - our own words
            f"ORDER BY {ORDER} LIMIT {limit + 1} OFFSET {offset}"
        )
        with self.open(caller, ("findings",), head, as_of) as ask:
            rows = ask(statement, filters.parameters)
        more = Cursor(key=head.key, offset=offset + limit).encode() if len(rows) > limit else None
        return Page(tuple(rows[:limit]), more, limit)

    def all_findings(self, caller: Caller, filters: Filters, as_of: datetime | None = None) -> list[Row]:
        """Every finding that the filters ask for, the worst first; as known at a moment, if one is given."""
        statement = f"SELECT {', '.join(FIELDS)} FROM findings WHERE {filters.where} ORDER BY {ORDER}"  # noqa: S608
        with self.open(caller, ("findings",), self._head_on(as_of), as_of) as ask:
            return ask(statement, filters.parameters)

    def finding(self, caller: Caller, finding_id: str) -> Row:
        """One finding.

        Raises:
            NotFound: when there is none of that id that the caller may see.
        """
        statement = f"SELECT {', '.join(FIELDS)}, reopened FROM findings WHERE finding_id = $id"  # noqa: S608
        found = self.ask(caller, ("findings",), statement, {"id": finding_id})
        if not found:
            raise NotFound("There is no finding of that id that you may see.", "It may have gone with its resource.")
        return found[0]

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
        with self.open(caller, ("findings",)) as ask:
            return find_facets(ask, filters)

    def count(self, caller: Caller, filters: Filters) -> dict[str, int]:
        """How many findings there are of each status."""
        statement = f"SELECT status, count(*) AS n FROM findings WHERE {filters.where} GROUP BY ALL"  # noqa: S608
        found = self.ask(caller, ("findings",), statement, filters.parameters)
        return {row["status"]: row["n"] for row in found}

    def ask(
        self, caller: Caller, views: Sequence[str], statement: str, parameters: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """The product's own statement over views, cut to what the caller may see."""
        with self.open(caller, views) as ask:
            return ask(statement, parameters or {})

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
        with connect() as connection:
            build_views(connection, window, views, copy=False)
            set_clock(connection, window.now)
            yield partial(_ask, connection)

    def sql(self, caller: Caller, sql: str) -> Answer:
        """The answer to a person's own SQL.

        Raises:
            BadInput: when the statement is not allowed, wrong, too slow or too large.
        """
        return ask_sql(sql, lambda views: self._window(caller, views))

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
            accounts=self._account_rows() if wanted & {"accounts", "findings", "waivers"} else (),
            waivers=self.waivers() if wanted & {"accounts", "findings", "waivers"} else (),
            open_runs=[run_line(run) for run in beside],
            teams=None if caller.sees_everything else sorted(caller.teams),
            now=_plain_text(self.clock.now()),
        )

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

    def _account_rows(self) -> list[Row]:
        """Accounts but for their compliance, which the view takes from the findings."""
        return [account.model_dump(mode="json", exclude={"compliance"}) for account in self.accounts.all()]


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
