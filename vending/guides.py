"""The guides of whoever runs Freehold: pages of the help, one template each under `guides/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vending.core.company import Company
from vending.core.costs import READ, Habits, bill
from vending.core.deploying import STEPS, TRAIL, log_policy
from vending.core.errors import NotFound
from vending.login.callback import ADDRESSES

SIZES = (50, 1_000)
"""How many accounts the companies have whose bills the guide shows."""


@dataclass(frozen=True)
class Guide:
    """One page of the help."""

    id: str
    title: str
    about: str
    """What it is good for, in a sentence."""

    @property
    def template(self) -> str:
        """Where its text is."""
        return f"guides/{self.id}.html"


_ALL = (
    Guide("deploy", "Deploy it", "From an organisation with Control Tower to the first account, step by step."),
    Guide(
        "without-control-tower",
        "Deploy it where there is no Control Tower",
        "What Control Tower would do, who does it instead, and where the steps differ.",
    ),
    Guide("identity-center", "Let people in with Identity Center", "The SAML application, which is made by hand."),
    Guide("upgrade", "Upgrade it", "A new version of Freehold, of the landing zone, or of the company file."),
    Guide("back-up", "Back it up", "What is kept where, for how long, and what is not."),
    Guide("restore", "Restore it", "After a mistake, or when a region or an account is lost."),
    Guide("leave", "Leave it", "Take Freehold away, and keep the accounts."),
    Guide("cost", "What it costs", "A month for 50 and for 1,000 accounts, with the arithmetic."),
    Guide("unchecked", "What was not checked", "What nobody has tried on a real AWS account yet."),
)

GUIDES: Mapping[str, Guide] = {guide.id: guide for guide in _ALL}


def find_guide(guide_id: str) -> Guide:
    """One guide.

    Raises:
        NotFound: when there is none of that id.
    """
    if guide_id not in GUIDES:
        raise NotFound(f"There is no guide {guide_id!r}.", "The help lists every one: /help.")
    return GUIDES[guide_id]


def _without_tower(company: Company) -> dict[str, Any]:
    """The names that the guide for a company without Control Tower works with; placeholders for what is not said."""
    zone, aws = company.landing_zone, company.aws
    bucket = zone.log_bucket or f"{company.name}-organization-logs"
    organization = aws.organization if aws else "o-ORGANIZATION"
    management = aws.management_account if aws else "MANAGEMENT"
    return {
        "log_bucket": bucket,
        "trail": TRAIL,
        "log_policy": json.dumps(log_policy(bucket, organization, management, zone.home_region), indent=2),
    }


def shown(company: Company) -> dict[str, Any]:
    """What the guides' templates show."""
    return {
        "company_file": company,
        "guides": GUIDES,
        "steps": STEPS,
        "bills": tuple(bill(size) for size in SIZES),
        "habits": Habits(),
        "read": READ,
        "callbacks": ADDRESSES,
        **_without_tower(company),
    }
