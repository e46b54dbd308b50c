"""The audit as one thing: what the doors talk to, and what the runtime plugs together."""

import time
from collections.abc import Callable
from pathlib import Path

from audit.collector import Auditor
from audit.ledger.ledger import Ledger
from audit.ledger.store import Store
from audit.query.reader import Reader
from audit.waivers.book import WaiverBook
from audit.waivers.desk import WaiverDesk
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.identity import Caller, Role
from vending.core.table import Table
from vending.ports import AccountBook

SELF = Caller("freehold", frozenset({Role.AUDITOR}), frozenset())
"""The product itself, where it asks on nobody's behalf."""


class Audit:
    """Collects findings with `auditor`, answers questions with `reader`, keeps waivers with `waivers`."""

    def __init__(
        self,
        aws: Aws,
        company: Company,
        clock: Clock,
        accounts: AccountBook,
        bucket: str,
        cache: Path,
        table: Table,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.company = company
        self.clock = clock
        self.ledger = Ledger(Store(aws, bucket, cache / "files"), clock)
        self.auditor = Auditor(aws, company, clock, accounts, self.ledger, cache / "runs", pause)
        book = WaiverBook(table, clock)
        self.reader = Reader(self.ledger, accounts, clock, book.rows)
        self.waivers = WaiverDesk(company, book, self.reader, accounts, clock)

    def compliance(self) -> dict[str, str]:
        """Account id -> `fail`, `unknown` or `pass`: the worst that the last run knows of it."""
        rows = self.reader.ask(SELF, ("accounts",), "SELECT account_id, compliance FROM accounts")
        return {row["account_id"]: row["compliance"] for row in rows}
