"""What is known of a request before AWS is asked: its checks, the room there is, and when it would be ready."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from vending.core.errors import BadInput, Conflict, FieldError
from vending.ports import Holds
from vending.requests.model import AccountQuota, Check, State
from vending.requests.outlook import Outlook
from vending.requests.queue import CREATE, eta, turn_at, usual_seconds
from vending.requests.record import Gate, Record, Records
from vending.workflow.steps.create_account import tags_of

UNASKED = frozenset({State.QUEUED, State.CREATING})
"""States in which an account is promised that AWS has not made yet."""
PLATFORM = "Ask the platform team to mend it; nothing in the request is wrong."
NO_ROOM = "Ask the platform team to raise the Organizations quota 'Default maximum number of accounts'."
REMEDIES = {
    "template": "Choose another template, or ask the platform team to make the OU ready.",
    "name": "Choose another name.",
}


@dataclass(frozen=True)
class Foresight:
    """Looks; writes nothing, and asks AWS for nothing."""

    outlook: Outlook
    records: Records

    def checks(self, record: Record) -> tuple[Check, ...]:
        """What is found out about it in AWS, the room for it apart."""
        outlook = self.outlook
        return (outlook.ou(record.asked.template), outlook.email(record.email), *outlook.tags(tags_of(record)))

    def refuse(self, record: Record, *, before: Record | None = None) -> None:
        """Refuse what AWS would refuse; after an edit only what the edit changed, if AWS was asked already.

        Raises:
            BadInput: naming each field that is wrong.
            Conflict: for what is wrong with the organisation and not with the request.
        """
        checks = self.checks(record)
        if before is not None and before.asked_aws_at:
            checks = tuple(check for check in checks if check.id not in ("ou", "email"))
        wrong = [check for check in checks if check.holds is Holds.NO]
        if errors := tuple(_field_errors(record, wrong)):
            raise BadInput.of(*errors)
        if wrong:
            raise Conflict(f"{wrong[0].found[0].upper()}{wrong[0].found[1:]}.", PLATFORM)
        if before is None:
            self._check_room()

    def room(self) -> AccountQuota:
        """The room there is, those that are promised counted."""
        promised = [r for r in self.records.open() if r.state in UNASKED and r.account_id is None]
        return self.outlook.quota(len(promised))

    def ready_at(self, record: Record, now: datetime) -> datetime | None:
        """When it would be ready if it joined the queue now; None when somebody has to approve it first."""
        if record.state is not State.QUEUED:
            return None
        waiting = record.model_copy(update={"gate": Gate(name=CREATE, callback="", since=now)})
        turn = turn_at(waiting, (*self.records.open(), waiting), now)
        return eta(waiting, now, turn, usual_seconds(self.outlook.company))

    def _check_room(self) -> None:
        """Counting is cheaper than reading: each is read only where the count alone would leave no room."""
        most = self.outlook.quota(self.records.open_count()).check
        found = most if most.holds is not Holds.NO else self.room().check
        if found.holds is Holds.NO:
            raise Conflict(f"There is no room for another account: {found.found}.", NO_ROOM)


def _field_errors(record: Record, wrong: Sequence[Check]) -> Iterator[FieldError]:
    """For what whoever asks can mend."""
    for check in wrong:
        if check.id == "ou":
            yield FieldError("template", check.found, REMEDIES["template"])
        elif check.id == "email":
            yield FieldError("name", check.found, REMEDIES["name"])
        elif check.id.removeprefix("tags.") in record.asked.tags:
            yield FieldError(check.id, check.found, "Write the tag as the organisation's tag policy wants it.")
