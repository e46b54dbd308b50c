"""Where an audience is written to, as the company file says."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from vending.core.company import Company, Recipients
from vending.notices.letter import Channel
from vending.ports import Audience


@dataclass(frozen=True)
class Recipient:
    """One copy's way."""

    channel: Channel
    address: str
    """What may be shown of it."""
    target: str
    """The address itself: a webhook's is a secret."""


def recipients(company: Company, audience: Audience) -> tuple[Recipient, ...]:
    """Everybody of an audience; empty when the company file knows no way to them."""
    return tuple(_each(_found(company, audience)))


def sender(company: Company) -> str:
    """Whose name is on the e-mails."""
    return company.notifications.sender or company.contacts.operations.email


def _found(company: Company, audience: Audience) -> Recipients:
    told = company.notifications
    if audience.kind == "person":
        return _person(company, audience.name)
    if audience.kind == "team":
        return _team(company, audience.name)
    named: Recipients = getattr(told, audience.kind)
    if named.emails or named.webhooks:
        return named
    contact = company.contacts.security if audience.kind == "security" else company.contacts.operations
    return Recipients(emails=(contact.email,))


def _team(company: Company, name: str) -> Recipients:
    team = company.teams.get(name)
    if team is None:
        return Recipients()
    return Recipients(emails=(team.email,), webhooks=(team.webhook,) if team.webhook else ())


def _person(company: Company, username: str) -> Recipients:
    if person := company.people.get(username):
        return Recipients(emails=(person.email,))
    pattern = company.notifications.person_email
    return Recipients(emails=(pattern.format(username=username),)) if pattern else Recipients()


def _each(found: Recipients) -> Iterator[Recipient]:
    for email in found.emails:
        yield Recipient(Channel.EMAIL, email, email)
    for number, webhook in enumerate(found.webhooks, 1):
        place = f" #{number}" if len(found.webhooks) > 1 else ""
        yield Recipient(Channel.WEBHOOK, f"{urlsplit(webhook).hostname}{place}", webhook)
