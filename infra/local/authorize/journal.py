"""What was asked of the cloud and how it was judged: the evidence that a role needs no more than it has."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from infra.local.authorize.judge import Verdict
from infra.local.authorize.principals import Principal

MOST = 20_000
"""How many entries are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One action on one resource, judged."""

    at: datetime
    """AWS time."""

    principal: str
    """ARN of the role or user."""

    caller: str
    """ARN of the session, or again of the user."""

    account: str
    service: str
    operation: str
    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]]
    allowed: bool
    policy: str | None
    """The denying policy: its ARN, or its kind where it has none or nothing allows the call."""

    message: str | None
    """What the caller was told."""


def entry_of(
    principal: Principal, service: str, operation: str, verdict: Verdict, at: datetime, message: str | None
) -> Entry:
    """What is written down of a verdict; the message is None where the call may go on."""
    because = verdict.because
    return Entry(
        at=at,
        principal=principal.principal_arn,
        caller=principal.arn,
        account=principal.account,
        service=service,
        operation=operation,
        action=verdict.action,
        resource=verdict.resource,
        context=verdict.context,
        allowed=because is None,
        policy=(because.name or because.kind.value) if because else None,
        message=message,
    )


class Journal:
    """The entries since the cloud was made or the journal was last forgotten, oldest first."""

    def __init__(self, most: int = MOST):
        self._entries: deque[Entry] = deque(maxlen=most)

    def add(self, entry: Entry) -> None:
        """Write one down."""
        self._entries.append(entry)

    def entries(self, principal: str | None = None, allowed: bool | None = None) -> list[Entry]:
        """The entries, of one role or user only and of one outcome only if that is asked."""
        return [
            entry
            for entry in self._entries
            if principal in (None, entry.principal) and allowed in (None, entry.allowed)
        ]

    def forget(self) -> None:
        """Start again with an empty journal."""
        self._entries.clear()

    def describe(self, principal: str | None = None, allowed: bool | None = None) -> dict[str, Any]:
        """The entries as JSON has them: `{"items": [...]}`."""
        found = self.entries(principal, allowed)
        return {"items": [{**asdict(entry), "at": entry.at.isoformat()} for entry in found]}


JOURNAL = Journal()
"""Of this process's cloud: there is one cloud a process."""
