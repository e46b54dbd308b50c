"""What AWS would say, found out before it is asked for an account.

Each look is kept for a while, because many requests share it. What AWS does not tell is unknown, and unknown stops
nobody: the step that comes to it finds out.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from vending.core.aws import GLOBAL_REGION, Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import AwsFailed, AwsMissing
from vending.core.organization import OrganizationReader
from vending.ports import Holds
from vending.requests.model import AccountQuota, Check

QUOTA = {"ServiceCode": "organizations", "QuotaCode": "L-E619E033"}
"""Service Quotas' name of "Default maximum number of accounts", in us-east-1 alone (Organizations user guide, Quotas,
read 2026-11-25; the code is from public samples and not checked against an account)."""
BASELINE = "AWSControlTowerBaseline"
"""An OU with it is registered (Control Tower API reference, EnableBaseline)."""
ACCOUNT_TYPE = frozenset({"organizations:account", "organizations:ALL_SUPPORTED", "organizations:*"})
"""What a tag policy is enforced for that is enforced for accounts (Organizations user guide, tag policies)."""
KEPT = timedelta(minutes=5)

Found = TypeVar("Found")


@dataclass
class Look(Generic[Found]):
    """Something read from AWS, kept for a while."""

    read: Callable[[], Found]
    clock: Clock
    _last: tuple[datetime, Found] | None = field(default=None, init=False)

    def recent(self) -> Found:
        """At most `KEPT` old.

        Raises:
            AwsFailed: when AWS does not tell; that is not kept.
        """
        now = self.clock.now()
        if self._last is None or now - self._last[0] >= KEPT:
            self._last = (now, self.read())
        return self._last[1]


@dataclass(frozen=True)
class TagRule:
    """What the tag policy says of one key."""

    key: str
    """As it has to be written."""
    values: tuple[str, ...]
    """Those allowed, `*` standing for any letters; empty for any."""

    def complaint(self, key: str, value: str) -> str | None:
        """What is wrong with a tag, None when nothing is."""
        if key != self.key:
            return f"the tag policy wants the key written {self.key!r}"
        if self.values and not any(fnmatchcase(value, allowed) for allowed in self.values):
            return f"the tag policy allows {', '.join(self.values)}, not {value!r}"
        return None


class Outlook:
    """Reads with the credentials of its own process; raises nothing."""

    def __init__(self, company: Company, aws: Aws, organization: OrganizationReader, clock: Clock) -> None:
        self.company = company
        self._aws = aws
        self._organization = organization
        self._registered = Look(self._read_registered, clock)
        self._limit = Look(self._read_limit, clock)
        self._invited = Look(self._read_invited, clock)
        self._tag_rules = Look(self._read_tag_rules, clock)

    def ou(self, template: str) -> Check:
        """Whether the OU of the template is there, and registered where there is a Control Tower."""
        name = self.company.ou_of(template)
        try:
            unit = next((unit for unit in self._organization.recent().units if unit.name == name), None)
            if unit is None:
                return Check(id="ou", holds=Holds.NO, found=f"the organisation has no OU named {name}")
            if not self.company.landing_zone.control_tower:
                return Check(id="ou", holds=Holds.YES, found=f"the organisation has the OU {name}")
            registered = unit.arn in self._registered.recent()
        except AwsFailed as error:
            return _unknown("ou", error)
        if not registered:
            return Check(id="ou", holds=Holds.NO, found=f"the OU {name} is not registered with Control Tower")
        return Check(id="ou", holds=Holds.YES, found=f"the OU {name} is registered with Control Tower")

    def tags(self, tags: Mapping[str, str]) -> tuple[Check, ...]:
        """One check for each tag that the organisation's tag policy forbids; one that says all fit otherwise."""
        try:
            rules = self._tag_rules.recent()
        except AwsFailed as error:
            return (_unknown("tags", error),)
        said = {key: rules[key.lower()].complaint(key, value) for key, value in tags.items() if key.lower() in rules}
        if wrong := {key: complaint for key, complaint in said.items() if complaint}:
            return tuple(Check(id=f"tags.{key}", holds=Holds.NO, found=found) for key, found in wrong.items())
        return (Check(id="tags", holds=Holds.YES, found="no tag policy forbids one of them"),)

    def email(self, email: str) -> Check:
        """Whether no account of the organisation, closed ones included, has the e-mail."""
        try:
            accounts = self._organization.recent().accounts
        except AwsFailed as error:
            return _unknown("email", error)
        if owner := next((a for a in accounts if a.email.lower() == email.lower()), None):
            found = f"{email} is the address of account {owner.id}, {owner.name}"
            return Check(id="email", holds=Holds.NO, found=found)
        return Check(id="email", holds=Holds.YES, found=f"no account of the organisation has {email}")

    def quota(self, waiting: int) -> AccountQuota:
        """Room for accounts, `waiting` ones that AWS has not made yet taken into account.

        Closed accounts count until they are gone for good, 90 days later, and invitations until they are declined,
        cancelled or expire (Organizations user guide, Quotas).
        """
        try:
            accounts = self._organization.recent().accounts
            limit, invited = self._limit.recent(), self._invited.recent()
        except AwsFailed as error:
            return AccountQuota(waiting=waiting, unknown=error.sentence)
        closed = sum(account.state == "CLOSED" for account in accounts)
        return AccountQuota(limit=limit, used=len(accounts), closed=closed, invited=invited, waiting=waiting)

    def _read_registered(self) -> frozenset[str]:
        """ARNs of the registered OUs."""
        tower = self._aws.client("controltower")
        offered = (b for page in tower.pages("list_baselines") for b in page["baselines"])
        arn = next((b["arn"] for b in offered if b["name"] == BASELINE), None)
        enabled = (e for page in tower.pages("list_enabled_baselines") for e in page["enabledBaselines"])
        return frozenset(e["targetIdentifier"] for e in enabled if e["baselineIdentifier"] == arn)

    def _read_limit(self) -> int:
        return int(self._aws.client("service-quotas", GLOBAL_REGION).get_service_quota(**QUOTA)["Quota"]["Value"])

    def _read_invited(self) -> int:
        """How many invitations are open."""
        pages = self._aws.client("organizations").pages(
            "list_handshakes_for_organization", Filter={"ActionType": "INVITE"}
        )
        return sum(found["State"] in ("REQUESTED", "OPEN") for page in pages for found in page["Handshakes"])

    def _read_tag_rules(self) -> dict[str, TagRule]:
        """The rules that bind accounts, by key in lower case: those in force for the management account, whose the
        accounts' tags are."""
        owner = self._organization.recent().management_account_id
        try:
            found = self._aws.client("organizations").describe_effective_policy(PolicyType="TAG_POLICY", TargetId=owner)
        except AwsMissing:
            return {}
        return dict(_rules(json.loads(found["EffectivePolicy"]["PolicyContent"])))


def _rules(policy: Mapping[str, Any]) -> list[tuple[str, TagRule]]:
    """Of an effective policy, which has no operators any more."""
    return [
        (name.lower(), TagRule(str(rule.get("tag_key", name)), tuple(rule.get("tag_value", ()))))
        for name, rule in policy.get("tags", {}).items()
        if ACCOUNT_TYPE & set(rule.get("enforced_for", ()))
    ]


def _unknown(id_: str, error: AwsFailed) -> Check:
    return Check(id=id_, holds=Holds.UNKNOWN, found=error.sentence)
