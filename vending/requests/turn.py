"""A team's turn: two requests of one team at the same moment are judged one after the other.

What a rule decides follows from what the team has already. A request is written together with its team's turn, as it
was read before the team's requests were: whoever wrote in between makes the write fail, and it is judged anew. An index
may be a moment behind (DynamoDB developer guide, global secondary indexes), so the turn says what was written last.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vending.core.table import Document, Table
from vending.requests.record import Record, Records

KEPT = 50
"""How many of the requests written last it names: more than an index is ever behind."""
TURN = "TURN"


@dataclass(frozen=True)
class Turn:
    """As read."""

    team: str
    version: int
    latest: Mapping[str, int]
    """Request id -> the version it was last written with by somebody who asked or edited, oldest first."""

    @classmethod
    def read(cls, table: Table, team: str) -> "Turn":
        """The turn of a team, before its requests are read."""
        found = table.get(f"TEAM#{team}", TURN)
        return cls(team, found.version, found.body["latest"]) if found else cls(team, 0, {})

    def requests(self, records: Records) -> tuple[Record, ...]:
        """Every request of the team, none of them older than the turn."""
        seen = {record.id: record for record in records.of_team(self.team)}
        for request_id, version in self.latest.items():
            if request_id not in seen or seen[request_id].version < version:
                seen[request_id] = records.get(request_id)
        return tuple(record for record in seen.values() if record.asked.team == self.team)

    def taken_by(self, request_id: str, version: int) -> Document:
        """What is written together with the request of that version."""
        others = [(id_, of) for id_, of in self.latest.items() if id_ != request_id]
        latest = dict([*others[1 - KEPT :], (request_id, version)])
        return Document(f"TEAM#{self.team}", TURN, {"latest": latest}, self.version)
