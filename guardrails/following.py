"""Conformance packs follow accounts: an account that moved is watched as its new class is, without another `apply`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guardrails.enforcement.conformance_packs import FOLLOWED_EVERY
from guardrails.service import Guardrails


@dataclass
class Following:
    """Runs on a schedule."""

    guardrails: Guardrails
    _followed_at: datetime | None = field(default=None, init=False)

    def tick(self) -> int:
        """Follow, unless that was done a moment ago; answers how many packs have to leave out other accounts.

        Raises:
            AwsFailed: as AWS answers; the next round begins anew.
            NotFound: when the OU of a class does not exist.
        """
        now = self.guardrails.clock.now()
        if self._followed_at and timedelta() <= now - self._followed_at < FOLLOWED_EVERY:
            return 0
        self._followed_at = now
        return len(self.guardrails.follow())
