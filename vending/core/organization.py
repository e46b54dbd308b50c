"""The organisation as AWS Organizations tells it: a root, its OUs, and the accounts in them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from vending.core.aws import Aws, Client
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import AwsThrottled, Conflict, NotFound


@dataclass(frozen=True)
class OrganizationalUnit:
    """An OU, or the root itself."""

    id: str
    arn: str
    name: str
    parent_id: str | None


@dataclass(frozen=True)
class MemberAccount:
    """An account as Organizations lists it; `state` is the API's `State`, `Status` no longer exists."""

    id: str
    arn: str
    name: str
    email: str
    state: str
    parent_id: str


@dataclass(frozen=True)
class Organization:
    """A snapshot of the whole tree."""

    id: str
    management_account_id: str
    root: OrganizationalUnit
    units: tuple[OrganizationalUnit, ...]
    accounts: tuple[MemberAccount, ...]

    def unit_named(self, name: str) -> OrganizationalUnit:
        """The OU of that name. AWS keeps names apart only below one parent, so there may be several.

        Raises:
            NotFound: when no OU has that name.
            Conflict: when more than one has.
        """
        found = [unit for unit in self.units if unit.name == name]
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound(
                f"The organisation has no OU named {name}.",
                "Create and register it, or mend ou_classes in the company file.",
            )
        places = "; ".join(" / ".join(step.name for step in self.path(unit.id)) for unit in found)
        raise Conflict(
            f"The organisation has {len(found)} OUs named {name}: {places}.",
            "The company file knows an OU by its name: rename all but the one that ou_classes means.",
        )

    def path(self, parent_id: str) -> tuple[OrganizationalUnit, ...]:
        """From the root down to the OU `parent_id`, both included."""
        by_id = {unit.id: unit for unit in (self.root, *self.units)}
        steps = []
        here: str | None = parent_id
        while here is not None:
            steps.append(by_id[here])
            here = by_id[here].parent_id
        return tuple(reversed(steps))

    def names_to(self, parent_id: str) -> tuple[str, ...]:
        """Names from the root down to the OU `parent_id`, both included."""
        return tuple(unit.name for unit in self.path(parent_id))


RECENT = timedelta(seconds=30)
"""How old the organisation may be that many callers share: walking it costs a call for each OU, and AWS allows few."""


class OrganizationReader:
    """The organisation as it was a moment ago, read once for all who ask in that time."""

    def __init__(self, aws: Aws, clock: Clock) -> None:
        self._aws = aws
        self._clock = clock
        self._lock = threading.Lock()
        self._last: tuple[datetime, Organization] | None = None

    def recent(self, max_age: timedelta = RECENT) -> Organization:
        """At most `max_age` old; older only while AWS throttles, which is waited for when nothing was read before.

        Raises:
            AwsFailed: as Organizations answers.
        """
        with self._lock:
            if self._last and self._clock.now() - self._last[0] < max_age:
                return self._last[1]
            try:
                organizations = self._aws.client("organizations")
                found = _read(organizations if self._last else organizations.patient)
                self._last = (self._clock.now(), found)
            except AwsThrottled:
                if self._last is None:
                    raise
            return self._last[1]


def read_member(aws: Aws, account_id: str, company: Company) -> tuple[MemberAccount, tuple[str, ...]]:
    """One account as it is now, and the names that lead down to it from the nearest OU of a class, or from the root.

    What is above an OU of a class says nothing more, and each step up costs two calls of few that AWS grants.

    Raises:
        AwsMissing: when the organisation has no such account.
    """
    organizations = aws.client("organizations")
    found = organizations.describe_account(AccountId=account_id)["Account"]
    parent = organizations.first("list_parents", "Parents", ChildId=account_id)
    member = MemberAccount(found["Id"], found["Arn"], found["Name"], found["Email"], found["State"], parent["Id"])
    names: tuple[str, ...] = ()
    while parent["Type"] != "ROOT":
        unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])["OrganizationalUnit"]
        names = (str(unit["Name"]), *names)
        if company.class_of(names[0]):
            return member, names
        parent = organizations.first("list_parents", "Parents", ChildId=unit["Id"])
    return member, ("Root", *names)


def read_organization(aws: Aws) -> Organization:
    """Walk the tree, patiently: one listing of OUs and one of accounts for each OU, of which AWS grants few a second.

    Raises:
        AwsFailed: as Organizations answers.
    """
    return _read(aws.client("organizations").patient)


def read_units(aws: Aws) -> tuple[OrganizationalUnit, tuple[OrganizationalUnit, ...]]:
    """The root, and every OU below it.

    Raises:
        AwsFailed: as Organizations answers.
    """
    return _read_units(aws.client("organizations"))


def _read(organizations: Client) -> Organization:
    about = organizations.describe_organization()["Organization"]
    root, units = _read_units(organizations)
    accounts = tuple(a for unit in (root, *units) for a in _accounts_in(organizations, unit.id))
    return Organization(about["Id"], about["MasterAccountId"], root, units, accounts)


def _read_units(organizations: Client) -> tuple[OrganizationalUnit, tuple[OrganizationalUnit, ...]]:
    top = organizations.first("list_roots", "Roots")
    root = OrganizationalUnit(top["Id"], top["Arn"], top["Name"], None)
    return root, tuple(_units_below(organizations, root.id))


def _units_below(organizations: Client, parent_id: str) -> Iterator[OrganizationalUnit]:
    for page in organizations.pages("list_organizational_units_for_parent", ParentId=parent_id):
        for found in page["OrganizationalUnits"]:
            yield OrganizationalUnit(found["Id"], found["Arn"], found["Name"], parent_id)
            yield from _units_below(organizations, found["Id"])


def _accounts_in(organizations: Client, parent_id: str) -> Iterator[MemberAccount]:
    for page in organizations.pages("list_accounts_for_parent", ParentId=parent_id):
        for found in page["Accounts"]:
            yield MemberAccount(found["Id"], found["Arn"], found["Name"], found["Email"], found["State"], parent_id)
