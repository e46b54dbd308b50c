"""The audit log for those who check it: its entries as they were written, and its head, signed."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from vending.core.clock import Clock
from vending.core.cursor import from_cursor, to_cursor
from vending.core.errors import BadInput, FieldError
from vending.core.identity import Caller
from vending.core.shell import caller_of
from vending.core.signing import Signature, Signer, canonical
from vending.core.table import Entry, Table

MAX_LIMIT = 1000

Who = Annotated[Caller, Depends(caller_of)]


class LogEntry(BaseModel):
    """One line of the log, and its hash: SHA-256 over everything else, the predecessor's hash included."""

    model_config = ConfigDict(frozen=True)

    seq: int
    at: str
    actor: str
    what: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


class LogPage(BaseModel):
    """A page of the log, oldest first."""

    items: tuple[LogEntry, ...]
    next: str | None = Field(description="Opaque cursor of the next page; null at the end.")
    limit: int


class LogHead(BaseModel):
    """The log's last entry at one time: kept elsewhere, it proves later that nothing before it was rewritten."""

    model_config = ConfigDict(frozen=True)

    company: str
    seq: int
    hash: str
    taken_at: datetime
    signature: Signature | None = None
    """Over everything else in canonical form."""

    @property
    def content(self) -> bytes:
        """What is signed."""
        return canonical(self.model_dump(mode="json", exclude={"signature"}))


def routes(company: str, table: Table, signer: Signer, clock: Clock) -> APIRouter:
    """`/log`, for those who see everything, and the key that signs."""
    router = APIRouter(tags=["audit log"])

    @router.get("/log", summary="The audit log, oldest first")
    def entries(
        caller: Who,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 200,
        cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")] = None,
    ) -> LogPage:
        _check_right(caller)
        found = list(islice(table.log(_after(cursor)), limit + 1))
        more = to_cursor((str(found[limit - 1].seq),)) if len(found) > limit else None
        return LogPage(items=tuple(map(_line, found[:limit])), next=more, limit=limit)

    @router.get("/log/head", summary="The log's last entry, signed")
    def head(caller: Who) -> LogHead:
        _check_right(caller)
        seq, hash_ = table.head()
        found = LogHead(company=company, seq=seq, hash=hash_, taken_at=clock.now())
        return found.model_copy(update={"signature": signer.sign(found.content)})

    @router.get("/signing-key", summary="The public key that evidence is checked with")
    def signing_key(caller: Who) -> dict[str, str]:  # noqa: ARG001 - whoever is signed in
        return {"algorithm": "ed25519-sha256", "public_key": signer.public_key}

    return router


def _check_right(caller: Caller) -> None:
    caller.require(caller.sees_everything, "read the audit log", "an auditor")


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    [seq] = from_cursor(cursor, 1)
    if not seq.isdigit() or len(seq) > 12:
        raise BadInput.of(FieldError("cursor", "this cursor is not one of this list's", "Start without a cursor."))
    return int(seq)


def _line(entry: Entry) -> LogEntry:
    return LogEntry(**vars(entry), hash=entry.hash)
