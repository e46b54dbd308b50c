"""Warns of exemptions that are about to end; nothing has to run when they do, as AWS ends them by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from guardrails.catalog import find_guardrail, load_catalogue
from guardrails.exemptions import WARNED_AT, days_left
from guardrails.guardrail import Guardrail
from vending.core.clock import Clock
from vending.core.company import Company, Exemption
from vending.ports import Audience, Notice, Notices

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Reminders:
    """Runs on a schedule."""

    company: Company
    notices: Notices
    clock: Clock

    def remind(self) -> int:
        """Tell the owner and security of each exemption that ends within 14, then within 3 days, once each.

        Gives back how many exemptions are that near their end.

        Raises:
            AwsFailed: when a notice cannot be kept; the next round tells it.
        """
        notices = list(self._due())
        for notice in notices:
            self.notices.tell(notice)
        return len(notices)

    def _due(self) -> Iterator[Notice]:
        now = self.clock.now()
        for exemption in self.company.guardrails.exemptions:
            left = exemption.ends_at - now
            passed = [warned for warned in WARNED_AT if left <= warned]
            if passed and now < exemption.ends_at:
                yield self._notice(exemption, min(passed).days, days_left(exemption, now))

    def _notice(self, exemption: Exemption, warned: int, days: int) -> Notice:
        title = find_guardrail(self._catalogue, exemption.guardrail).title
        shown = exemption.model_dump(exclude={"expires", "granted"})
        return Notice(
            event="exemption-ends",
            once=f"{exemption.guardrail} {exemption.ticket} {exemption.expires} {warned} days",
            to=(Audience("person", exemption.owner), Audience("security")),
            context={**shown, "title": title, "days": days, "ends_at": f"{exemption.expires} 00:00"},
        )

    @cached_property
    def _catalogue(self) -> tuple[Guardrail, ...]:
        return load_catalogue(self.company)
