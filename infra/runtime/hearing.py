"""What AWS tells between audit runs, as a function on AWS takes it in."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from audit.events import Heard
from audit.handlers import hear
from audit.service import Audit
from infra.runtime.auditing import make_audit
from infra.runtime.lambdas.links import write_links
from infra.runtime.place import Place
from vending.core.aws import Aws
from vending.core.company import Company

logger = Logger()


class Listener:
    """The ledger of one company, between its runs."""

    def __init__(self, aws: Aws, audit: Audit, bucket: str) -> None:
        self.audit = audit
        self._aws = aws
        self._bucket = bucket

    def hear(self, event: Mapping[str, Any]) -> Heard:
        """Take in what EventBridge delivered, and show it to Athena too. Raises FreeholdError as `audit.events.Ear`."""
        heard = hear(self.audit.auditor, event)
        for why in heard.refused:
            logger.warning("not believed: %s", why)
        if heard.told or heard.looked:
            write_links(self._aws, self._bucket, self.audit.ledger.head())
        return heard


def make_listener(company: Company, place: Place) -> Listener:
    """The listener of one company, working in `place`."""
    return Listener(place.aws, make_audit(company, place), place.bucket)
