"""The one object that says which files are the ledger: swapping it makes a whole run visible at once.

Each head that another one replaces is kept under its time, so that the ledger can be asked what it said on a date.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from audit.ledger.store import DamagedFile, Object, Store, StoredFile

HEAD = "HEAD"
KEPT = "heads/"


class Head(BaseModel):
    """Which files hold the findings now, their history, and the record of the runs."""

    model_config = ConfigDict(frozen=True)

    format: int = 2
    sequence: int = 0
    """Counts what became visible: runs, and events between them."""
    run_id: str | None = None
    """The last run."""
    written_at: datetime | None = None
    buckets: int = 1
    """Into how many files the findings are divided, by account."""
    findings: tuple[StoredFile, ...] = ()
    transitions: tuple[StoredFile, ...] = ()
    coverage: tuple[StoredFile, ...] = ()
    summary: tuple[StoredFile, ...] = ()
    """One file for each of `findings`: how many of these are in which state."""
    runs: tuple[StoredFile, ...] = ()

    @property
    def key(self) -> str:
        """Where this head is kept once another one has replaced it; sorts by time."""
        moment = self.written_at.astimezone(UTC) if self.written_at else datetime.min.replace(tzinfo=UTC)
        return f"{KEPT}{moment:%Y-%m-%dT%H:%M:%S.%f}Z-{self.sequence:08}.json"


@dataclass(frozen=True)
class ReadHead:
    """A head with the version it was read at; an empty ledger has a head too, but no version."""

    head: Head
    version: Object | None


def read_head(store: Store, key: str = HEAD) -> ReadHead:
    """The present head, or one that was kept.

    Raises:
        DamagedFile: when the object is not a head.
    """
    found = store.read(key)
    if found is None:
        return ReadHead(Head(), None)
    try:
        return ReadHead(Head.model_validate_json(found.body), found)
    except ValidationError as error:
        raise DamagedFile(
            f"The ledger's head cannot be read: {error.errors()[0]['msg']}.",
            f"Restore the last good version of the object {key} from the bucket's history.",
        ) from error


def swap_head(store: Store, new: Head, over: ReadHead) -> None:
    """Make `new` the head if `over` still is it; what it replaces is kept first.

    Raises:
        AwsConflict: when somebody was faster: merge again on the new head.
    """
    if over.version is not None:
        store.write(over.head.key, over.version.body)
    store.swap(HEAD, new.model_dump_json().encode(), over.version)


def head_on(store: Store, moment: datetime) -> Head:
    """The head as it was at a moment: an empty one before the first."""
    now = read_head(store).head
    if now.written_at is None or now.written_at <= moment:
        return now
    last = f"{KEPT}{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z-~"
    earlier = [key for key in store.keys(KEPT) if key <= last]
    return read_head(store, max(earlier)).head if earlier else Head()
