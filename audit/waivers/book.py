"""Where waivers are kept: in the one table, each change in its log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.waivers.waiver import Record
from vending.core.clock import Clock
from vending.core.errors import BadInput, FieldError, Stale
from vending.core.identity import missing
from vending.core.table import Document, Table

PARTITION = "WAIVERS"
"""All of them in one partition: they are few, and a query there is never behind, as an index may be."""
ATTEMPTS = 20
"""How often a change is tried again when somebody else changed the same waiver in between."""


@dataclass(frozen=True)
class WaiverBook:
    """Reads and writes waivers; rights are the desk's affair."""

    table: Table
    clock: Clock

    def all(self) -> list[Record]:
        """Every waiver that was ever proposed, the newest first."""
        return [_record(document) for document in reversed(list(self.table.under(PARTITION, "WAIVER#")))]

    def get(self, waiver_id: str) -> Record:
        """One waiver.

        Raises:
            NotFound: when there is none of that id.
        """
        document = self.table.get(PARTITION, f"WAIVER#{waiver_id}")
        if document is None:
            raise missing(f"waiver {waiver_id}")
        return _record(document)

    def rows(self) -> list[dict[str, Any]]:
        """As the views know them: with their state now, times in UTC without a zone."""
        now = self.clock.now()
        return [
            record.model_dump(mode="json", exclude={"version"})
            | {"state": record.state(now).value, "ended_at": _text(record.ended_at(now))}
            for record in self.all()
        ]

    def add(self, record: Record, key: str | None) -> str:
        """Keep a new waiver, or find the one that the same key made before; answers its id.

        Raises:
            BadInput: when the key was used for something else.
        """
        if key and (made := self._by_key(record, key)):
            return made
        remembered = (_remember(record, key),) if key else ()
        try:
            self.table.commit(
                record.owner, "proposed a waiver", record.id, {"hash": record.hash}, _document(record), *remembered
            )
        except Stale:
            if key and (made := self._by_key(record, key)):
                return made
            raise
        return record.id

    def change(self, waiver_id: str, actor: str, what: str, change: Callable[[Record], Record]) -> Record:
        """Replace a waiver by what `change` makes of it, which raises to refuse and may run several times.

        Raises:
            NotFound: when there is none of that id.
            Stale: when it changed under every attempt.
        """
        for _ in range(ATTEMPTS):
            before = self.get(waiver_id)
            after = change(before)
            try:
                self.table.commit(actor, what, waiver_id, {"hash": after.hash}, _document(after))
            except Stale:
                continue
            return after
        raise Stale(f"Waiver {waiver_id} is being changed by others at this moment.", "Try again.")

    def _by_key(self, record: Record, key: str) -> str | None:
        found = self.table.get(*_key(record.owner, key))
        if found is None:
            return None
        if found.body["hash"] != record.hash:
            reason, remedy = "it was used for another waiver", "Send a new key with a new body."
            raise BadInput.of(FieldError("Idempotency-Key", reason, remedy))
        return str(found.body["waiver_id"])


def _key(owner: str, key: str) -> tuple[str, str]:
    return f"KEY#{owner}#{key}", "WAIVER-KEY"


def _remember(record: Record, key: str) -> Document:
    return Document(*_key(record.owner, key), {"waiver_id": record.id, "hash": record.hash})


def _document(record: Record) -> Document:
    body = record.model_dump(mode="json", exclude={"version"})
    return Document(PARTITION, f"WAIVER#{record.id}", body, record.version)


def _record(document: Document) -> Record:
    return Record(**document.body, version=document.version)


def _text(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
