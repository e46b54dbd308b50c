"""The list of requests that somebody approved alone in an emergency: nobody breaks the glass unseen."""

from vending.core.clock import to_text
from vending.core.cursor import from_cursor, to_cursor
from vending.core.identity import Caller
from vending.core.table import Document, Table
from vending.requests.model import BreakGlass, Page
from vending.requests.record import Beside, Record

LIST = "break-glass"
MAX_LIMIT = 200


def listed(before: Record, after: Record) -> Beside:
    """The entries of the list that come with a change: one for each emergency approval that is new."""
    new = [a for a in after.approvals if a.break_glass and a not in before.approvals]
    uses = [
        BreakGlass(
            request_id=after.id,
            team=after.asked.team,
            name=after.asked.name,
            by=approval.by,
            at=approval.at,
            reason=approval.reason,
            hash=approval.hash,
        )
        for approval in new
    ]
    return Beside(put=tuple(map(_document, uses)))


def emergencies(table: Table, caller: Caller, limit: int, cursor: str | None) -> Page:
    """A page of the list, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    place = from_cursor(cursor, 3) if cursor else None
    found: list[BreakGlass] = []
    while True:
        start = (place[0], place[1], place[2]) if place else None
        page = table.listed("all", LIST, limit=MAX_LIMIT, start=start, newest_first=True)
        for document in page.documents:
            use = BreakGlass(**document.body)
            if caller.may_see(use.team):
                found.append(use)
            if len(found) == limit:
                next_ = to_cursor((document.pk, document.sk, document.order))
                return Page(items=tuple(found), next=next_, limit=limit)
        place = page.next
        if place is None:
            return Page(items=tuple(found), next=None, limit=limit)


def _document(use: BreakGlass) -> Document:
    at = to_text(use.at)
    return Document(
        f"BREAKGLASS#{use.request_id}#{at}",
        "BREAKGLASS",
        use.model_dump(mode="json"),
        lists={"all": LIST, "team": f"{LIST}#{use.team}"},
        order=f"{at} {use.request_id}",
    )
