"""The audit as one thing: what the doors talk to, and what the runtime plugs together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from audit.collector import Auditor
from audit.evidence.manifest import Sealed
from audit.evidence.vault import Vault
from audit.ledger.ledger import Ledger
from audit.ledger.store import Store
from audit.query.reader import Reader
from audit.reports.report import Report, make_report
from audit.waivers.book import WaiverBook
from audit.waivers.desk import WaiverDesk
from audit.why import Explainer
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import NotFound
from vending.core.identity import Caller, Role
from vending.core.signing import Signer
from vending.core.table import Table
from vending.ports import AccountBook

SELF = Caller("freehold", frozenset({Role.AUDITOR}), frozenset())
"""The product itself, where it asks on nobody's behalf."""


@dataclass(frozen=True)
class VaultPlace:
    """Where evidence is kept, and who signs it."""

    bucket: str
    """Under Object Lock."""
    signer: Signer


def versions() -> dict[str, str]:
    """What made the numbers: the same versions make the same ones of the same pages."""
    try:
        ours = version("freehold")
    except PackageNotFoundError:
        ours = "unpacked"  # a bundle holds the code without its metadata
    return {"freehold": ours, "duckdb": duckdb.__version__}


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
        vault: VaultPlace,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.company = company
        self.clock = clock
        self.ledger = Ledger(Store(aws, bucket, cache / "files"), clock)
        self.vault = Vault(Store(aws, vault.bucket, cache / "evidence"), vault.signer, clock, company.name, versions())
        self.auditor = Auditor(
            aws, company, clock, accounts, self.ledger, cache / "runs", pause, self.vault.keeper, self.vault.seal
        )
        book = WaiverBook(table, clock)
        self.reader = Reader(self.ledger, accounts, clock, book.rows)
        self.explainer = Explainer(self.reader, table)
        self.waivers = WaiverDesk(company, book, self.reader, accounts, clock)

    def compliance(self) -> dict[str, str]:
        """Account id -> `fail`, `unknown` or `pass`: the worst that the last run knows of it."""
        rows = self.reader.ask(SELF, ("accounts",), "SELECT account_id, compliance FROM accounts")
        return {row["account_id"]: row["compliance"] for row in rows}

    def report(self, caller: Caller) -> Report:
        """The report on what the last run left, cut to what the caller may see."""
        return make_report(self.reader, caller, self.company.name, self.clock, self.company.audit.waiver_warning_days)

    def sealed(self, run_id: str) -> Sealed:
        """The signed manifest of a run.

        Raises:
            NotFound: when there is no such run, or it was not sealed: it failed, or is under way.
            DamagedManifest: when it is not what was kept.
        """
        key = self.ledger.run(run_id).manifest
        body = self.vault.sealed(key) if key else None
        if key is None or body is None:
            raise NotFound(f"The run {run_id} is not sealed.", "A run is sealed when it ends; one that fails never is.")
        return Sealed.read(body, key)
