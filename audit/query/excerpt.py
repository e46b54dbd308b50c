"""Files of history with nothing in them but the rows of some teams: what a team's own SQL is answered from.

History grows for years, and all that one team has of it may be more than a question's memory holds. Its files are never
rewritten, so an excerpt of one is made once and stands; a question reads it as it reads any file. It lies among the
copies of files, and goes as they do: when nobody has used it for a day.
"""

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from audit.ledger.store import is_there
from audit.ledger.tables import quote, save_parquet
from audit.query.views import HISTORY, Window, sight_of


def cut_history(connection: duckdb.DuckDBPyConnection, window: Window, folder: Path) -> Window:
    """The same window with excerpts in the place of history; as it is where everything may be seen.

    Args:
        connection: a database to make them with.
        window: its files of findings are left alone: whose these are changes with the accounts.
        folder: keeps the excerpts, each named by its file's hash and the teams.
    """
    if window.teams is None:
        return window
    folder.mkdir(parents=True, exist_ok=True)
    cut = {
        part: [str(_excerpt(connection, Path(path), window.teams, folder)) for path in files]
        for part, files in window.files.items()
        if part in HISTORY
    }
    return replace(window, files={**window.files, **cut}, own=tuple(sorted(cut)))


def _excerpt(connection: duckdb.DuckDBPyConnection, path: Path, teams: Sequence[str], folder: Path) -> Path:
    whose = hashlib.sha256("\n".join(teams).encode()).hexdigest()[:16]
    excerpt = folder / f"{path.stem}-{whose}.parquet"
    if not is_there(excerpt):
        part = folder / f"{excerpt.name}.{os.getpid()}-{secrets.token_hex(4)}"
        rows = f"SELECT * FROM read_parquet({quote(str(path))}) WHERE {sight_of('team', teams)}"  # noqa: S608
        save_parquet(connection, rows, part)
        part.replace(excerpt)
    return excerpt
