"""The round that delivers: on schedule, with the time passed in; a copy that fails waits for a later round."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vending.core.clock import Clock
from vending.core.errors import Stale
from vending.notices.book import NoticeBook
from vending.notices.channel import Sending, Undelivered
from vending.notices.letter import GIVEN_UP, LEASE, Channel, Delivery, DeliveryState, Letter
from vending.notices.recipients import Recipient, recipients

logger = logging.getLogger(__name__)
AT_MOST = 50
"""Letters a round, so that it ends in time."""
GONE = "The company file no longer knows this address."


@dataclass(frozen=True)
class Post:
    """At least once: a copy that was taken is not sent again, unless its sender died before writing that down."""

    book: NoticeBook
    channels: Mapping[Channel, Sending]
    clock: Clock

    def deliver(self) -> int:
        """One round. Gives back how many copies were taken."""
        now = self.clock.now()
        due = [letter for letter in self.book.waiting() if _to_be_taken(letter, now)]
        return sum(self._deliver(letter, now) for letter in due[:AT_MOST])

    def _deliver(self, letter: Letter, now: datetime) -> int:
        """Take it, so that nobody else sends the same copies, try each, and write down what came of them."""
        try:
            taken = self._kept(letter.model_copy(update={"taken_at": now}))
        except Stale:
            return 0
        tried = tuple(self._try(taken, copy, now) if copy.due(now) else copy for copy in taken.deliveries)
        self._kept(taken.model_copy(update={"taken_at": None, "deliveries": tried}))
        return sum(
            before.state is not after.state and after.state is DeliveryState.SENT
            for before, after in zip(taken.deliveries, tried, strict=True)
        )

    def _kept(self, letter: Letter) -> Letter:
        self.book.table.put(letter.document())
        return letter.model_copy(update={"version": letter.version + 1})

    def _try(self, letter: Letter, copy: Delivery, now: datetime) -> Delivery:
        tried = {"attempts": copy.attempts + 1, "tried_at": now}
        target = self._target(copy)
        if target is None:
            return copy.model_copy(update={**tried, "state": DeliveryState.FAILED, "error": GONE})
        try:
            self.channels[copy.channel].send(letter, target.target)
        except Undelivered as error:
            logger.warning("notice %s did not reach %s: %s", letter.id, copy.audience, error.sentence)
            over = now - letter.written_at >= GIVEN_UP
            state = DeliveryState.FAILED if over else DeliveryState.WAITING
            return copy.model_copy(update={**tried, "state": state, "error": error.sentence})
        return copy.model_copy(update={**tried, "state": DeliveryState.SENT, "error": ""})

    def _target(self, copy: Delivery) -> Recipient | None:
        """Where the copy goes, as the company file says now: a webhook may have been replaced since."""
        found = recipients(self.book.company, copy.audience)
        return next((one for one in found if (one.channel, one.address) == (copy.channel, copy.address)), None)


def _to_be_taken(letter: Letter, now: datetime) -> bool:
    free = letter.taken_at is None or now - letter.taken_at >= LEASE
    return free and any(copy.due(now) for copy in letter.deliveries)
