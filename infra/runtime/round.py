"""What is done on schedule, again and again: from the table alone, so that a round late, lost or twice does no harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from guardrails.reminders import TEMPLATES, Reminders
from infra.runtime.place import Place
from infra.runtime.telling import make_book
from vending.core.company import Company
from vending.core.errors import FreeholdError
from vending.core.table import Table
from vending.notices.channel import Sending
from vending.notices.letter import Channel
from vending.notices.post import Post
from vending.requests.deadlines import Deadlines
from vending.requests.dispatcher import Dispatcher
from vending.requests.herald import Herald
from vending.requests.queue import gates_of
from vending.requests.record import Records


@dataclass(frozen=True)
class Round:
    """Everything that is due now, in order; a part that fails keeps no other from its turn."""

    parts: tuple[Callable[[], int], ...]

    def run(self) -> int:
        """Gives back how many things were done.

        Raises:
            FreeholdError: the first that a part raised, after every part had its turn.
        """
        done, failed = 0, list[FreeholdError]()
        for part in self.parts:
            try:
                done += part()
            except FreeholdError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return done


def make_dispatcher(company: Company, place: Place, records: Records) -> Dispatcher:
    """The queue's part of a round."""
    return Dispatcher(records, place.engine, place.clock, place.aws, gates_of(company))


def make_round(company: Company, place: Place, channels: Mapping[Channel, Sending]) -> Round:
    """One round: deadlines first, then the queue; then tell people what happened, and deliver what they are told."""
    table = Table(place.aws, place.table, place.clock)
    records = Records(table, place.clock)
    book = make_book(company, place, table, (TEMPLATES,))
    return Round(
        (
            Deadlines(company, records, place.clock).enforce,
            make_dispatcher(company, place, records).tick,
            Herald(company, table, records, book).tell,
            Reminders(company, book, place.clock).remind,
            Post(book, channels, place.clock).deliver,
        )
    )
