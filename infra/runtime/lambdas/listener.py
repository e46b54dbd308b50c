"""The listener: compliance changes, drift and changed policies, as EventBridge delivers them through a queue."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from audit.events import Heard
from audit.handlers import hear
from audit.service import Audit
from infra.runtime.auditing import make_audit
from infra.runtime.lambdas.environment import Environment
from infra.runtime.lambdas.links import write_links
from infra.runtime.place import Place
from vending.core.aws import Aws
from vending.core.company import Company

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Let the ledger know. What fails is raised: the queue delivers it again, and in the end keeps it for a person."""
    heard = listener().hear(event)
    return {"told": heard.told, "looked": len(heard.looked), "refused": len(heard.refused)}


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


@cache
def listener() -> Listener:
    """The listener, made with the first call and kept."""
    environment = Environment.read()
    company = environment.company()
    return make_listener(company, environment.place(company))
