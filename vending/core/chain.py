"""Whether a log is whole: every entry carries the hash of the one before, and the head that of the last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vending.core.table import GENESIS, Entry


@dataclass(frozen=True)
class Head:
    """The last entry of a log, as it is kept apart from the entries."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Flaw:
    """Where a log is not what was written."""

    seq: int
    """The entry that was altered, or the first that is missing."""
    sentence: str


NOTHING = Head(0, GENESIS)
"""The head of a log without entries."""


def flaws(entries: Iterable[Entry], head: Head) -> Iterator[Flaw]:
    """Everything that is wrong with a log, given from its first entry on; nothing when it is whole."""
    last = NOTHING
    for entry in entries:
        if entry.seq != last.seq + 1:
            yield _missing(last.seq + 1, entry.seq - 1)
        elif entry.previous != last.hash:
            yield _altered(last.seq, f"entry {entry.seq} was written after another one")
        last = Head(entry.seq, entry.hash)
    if last.seq < head.seq:
        yield _missing(last.seq + 1, head.seq)
    elif last.seq > head.seq:
        yield Flaw(head.seq + 1, f"Entries {head.seq + 1} to {last.seq} were added behind the log's head.")
    elif last.hash != head.hash:
        yield _altered(last.seq, "the log's head was written after another one")


def _missing(first: int, last: int) -> Flaw:
    if first > last:
        return Flaw(last + 1, f"Entry {last + 1} is there twice.")
    what = f"Entry {first} was" if first == last else f"Entries {first} to {last} were"
    return Flaw(first, f"{what} removed.")


def _altered(seq: int, because: str) -> Flaw:
    return Flaw(max(seq, 1), f"Entry {max(seq, 1)} was altered: {because}.")
