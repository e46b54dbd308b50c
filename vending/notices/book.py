"""The book of notices: each written once, in words that stay, and kept until it is delivered."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.cursor import from_cursor, to_cursor
from vending.core.errors import Stale
from vending.core.identity import Caller
from vending.core.table import Document, Table
from vending.notices.letter import LIST, Channel, Delivery, DeliveryState, Letter
from vending.notices.recipients import recipients
from vending.ports import Audience, Notice

MAX_LIMIT = 200
TEMPLATES = Path(__file__).parents[1] / "templates"
"""Vending's own."""
NOWHERE = "The company file knows no address for them: see `notifications` in it."


@dataclass(frozen=True)
class LetterPage:
    """A page of notices, newest first."""

    items: tuple[Letter, ...]
    next: str | None
    limit: int


@dataclass(frozen=True)
class NoticeBook:
    """Implements `Notices`; reads for the mailbox."""

    company: Company
    table: Table
    clock: Clock
    portal: str
    """The portal's address, for links."""
    folders: Sequence[Path]
    """Where templates are: `<folder>/notices/<event>.txt`, the subject in its first line."""

    def tell(self, notice: Notice) -> None:
        """Keep it for delivery, unless it was kept before."""
        id_ = hashlib.sha256(f"{notice.event}\n{notice.once}".encode()).hexdigest()[:24]
        if self.table.get(f"NOTICE#{id_}", "NOTICE"):
            return
        subject, text = self._written(notice)
        letter = Letter(
            id=id_,
            event=notice.event,
            team=notice.team,
            subject=subject,
            text=text,
            written_at=self.clock.now(),
            deliveries=tuple(self._deliveries(notice)),
        )
        try:
            self.table.put(letter.document())
        except Stale:
            return  # somebody else told it at the same moment

    def waiting(self) -> tuple[Letter, ...]:
        """Those with a copy still to be delivered, oldest first."""
        return tuple(map(Letter.of, self.table.listed("open", LIST).documents))

    def page(self, caller: Caller, *, failed: bool = False, limit: int = 50, cursor: str | None = None) -> LetterPage:
        """Notices about what the caller may see, newest first; of those that failed alone if `failed`."""
        limit = max(1, min(limit, MAX_LIMIT))
        start = from_cursor(cursor, 3) if cursor else None
        found: list[Letter] = []
        while len(found) < limit:
            page = self.table.listed("all", LIST, limit=MAX_LIMIT, start=start, newest_first=True)  # type: ignore[arg-type]
            for document in page.documents:
                letter = Letter.of(document)
                if caller.may_see(letter.team) and (letter.failed or not failed):
                    found.append(letter)
                if len(found) == limit:
                    return LetterPage(tuple(found), to_cursor(_place(document)), limit)
            start = page.next
            if start is None:
                break
        return LetterPage(tuple(found), None, limit)

    def _written(self, notice: Notice) -> tuple[str, str]:
        """The subject, in one line, and the text."""
        template = self._templates.get_template(f"notices/{notice.event}.txt")
        words = template.render(**notice.context, portal=self.portal, company=self.company.name)
        subject, _, text = words.strip().partition("\n")
        return " ".join(subject.split()), text.strip() + "\n"

    @cached_property
    def _templates(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(self.folders),
            autoescape=False,  # noqa: S701 - plain text
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _deliveries(self, notice: Notice) -> Iterator[Delivery]:
        """A copy for each address, once however many audiences share it."""
        seen: set[str] = set()
        for audience in notice.to:
            found = recipients(self.company, audience)
            if not found:
                yield _nowhere(audience)
            for one in found:
                if one.target not in seen:
                    yield Delivery(channel=one.channel, audience=audience, address=one.address)
                seen.add(one.target)


def _nowhere(audience: Audience) -> Delivery:
    failed = DeliveryState.FAILED
    return Delivery(channel=Channel.EMAIL, audience=audience, address="", state=failed, error=NOWHERE)


def _place(document: Document) -> tuple[str, str, str]:
    return (document.pk, document.sk, document.order)
