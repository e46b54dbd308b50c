"""The guardrails from the pipeline: a plan that a person reads, then the same plan applied. And packs on a schedule."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment

if TYPE_CHECKING:
    from guardrails.enforcement.step import Step
    from guardrails.service import Guardrails

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{"do": "plan"}`, `{"do": "apply"}` or `{"do": "drift"}`; an error ends the pipeline's stage.

    Applying goes on where it was cut off: call it again. `{"do": "follow"}` comes on a schedule.
    """
    from guardrails.service import GateClosed

    product = guardrails()
    if event["do"] == "drift":
        return {"items": _plain([asdict(drift) for drift in product.drift()])}
    if event["do"] == "follow":
        return {"steps": _told("follow", product.follow())}
    prospect = product.apply() if event["do"] == "apply" else product.plan()
    if prospect.plan.objections:
        raise GateClosed(prospect.plan.objections[0].sentence, "`freehold guardrails plan` shows every objection.")
    return {"steps": _told(event["do"], prospect.plan.steps)}


def _told(what: str, steps: "Sequence[Step]") -> Any:
    logger.info("guardrails", extra={"do": what, "steps": len(steps)})
    return _plain([asdict(step) for step in steps])


def _plain(rows: list[dict[str, Any]]) -> Any:
    """As Lambda hands it on: JSON."""
    return json.loads(json.dumps(rows, default=str))


@cache
def guardrails() -> "Guardrails":
    """The guardrails, imported and made with the first call and kept."""
    from guardrails.service import Guardrails
    from infra.runtime.services import make_services
    from vending.core.organization import OrganizationReader
    from vending.lifecycle.accounts import Accounts

    environment = Environment.read()
    company = environment.company()
    place = environment.place(company)
    accounts = Accounts(make_services(company, place), OrganizationReader(place.aws, place.clock), dict)
    return Guardrails(place.aws, company, place.clock, accounts, place.pause)
