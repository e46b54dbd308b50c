"""The one object that says which files are the ledger: swapping it makes a whole run visible at once."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from audit.ledger.store import DamagedFile, Object, Store, StoredFile

HEAD = "HEAD"


class Head(BaseModel):
    """Which files hold the findings now, their history, and the record of the runs."""

    model_config = ConfigDict(frozen=True)

    format: int = 1
    sequence: int = 0
    """Counts the runs that became visible."""
    run_id: str | None = None
    """The last of them."""
    written_at: datetime | None = None
    findings: tuple[StoredFile, ...] = ()
    transitions: tuple[StoredFile, ...] = ()
    coverage: tuple[StoredFile, ...] = ()
    runs: tuple[StoredFile, ...] = ()


@dataclass(frozen=True)
class ReadHead:
    """A head with the version it was read at; an empty ledger has a head too, but no version."""

    head: Head
    version: Object | None


def read_head(store: Store) -> ReadHead:
    """The present head.

    Raises:
        DamagedFile: when the object is not a head.
    """
    found = store.read(HEAD)
    if found is None:
        return ReadHead(Head(), None)
    try:
        return ReadHead(Head.model_validate_json(found.body), found)
    except ValidationError as error:
        raise DamagedFile(
            f"The ledger's head cannot be read: {error.errors()[0]['msg']}.",
            "Restore the last good version of the object HEAD from the bucket's history.",
        ) from error


def swap_head(store: Store, new: Head, over: ReadHead) -> None:
    """Make `new` the head if `over` still is it.

    Raises:
        AwsConflict: when somebody was faster: merge again on the new head.
    """
    store.swap(HEAD, new.model_dump_json().encode(), over.version)
