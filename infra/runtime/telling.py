"""How people are told: the book of notices, and the ways out of the house."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.runtime.place import Place
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.table import Table
from vending.notices.book import TEMPLATES, NoticeBook
from vending.notices.channel import Sending
from vending.notices.email import SesEmail
from vending.notices.letter import Channel
from vending.notices.recipients import sender
from vending.notices.webhook import SlackWebhook


def make_book(company: Company, place: Place, table: Table, more: Sequence[Path] = ()) -> NoticeBook:
    """The book of notices; `more` are folders with templates beside vending's own."""
    return NoticeBook(company, table, place.clock, place.portal, (TEMPLATES, *more))


def aws_channels(company: Company, aws: Aws) -> Mapping[Channel, Sending]:
    """E-mail by SES and webhooks over the internet."""
    return {Channel.EMAIL: SesEmail(aws, sender(company)), Channel.WEBHOOK: SlackWebhook.open()}
