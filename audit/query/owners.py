"""The account book, asked at most every few seconds: reading it walks the whole organisation."""

import time
from collections.abc import Callable, Sequence
from threading import Lock

from vending.ports import Account, AccountBook

SECONDS = 10.0
"""For so long a transfer of an account may go unnoticed by queries."""


class Owners:
    """Who owns which account, as of a few seconds ago."""

    def __init__(self, book: AccountBook, tell: Callable[[], float] = time.monotonic) -> None:
        self._book = book
        self._tell = tell
        self._lock = Lock()
        self._read_at = float("-inf")
        self._accounts: Sequence[Account] = ()

    def all(self) -> Sequence[Account]:
        """Every account of the organisation."""
        with self._lock:
            if self._tell() - self._read_at > SECONDS:
                self._accounts = self._book.all()
                self._read_at = self._tell()
            return self._accounts
