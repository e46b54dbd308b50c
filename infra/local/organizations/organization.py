"""The organisation: its tree, and what AWS refuses to do with it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from infra.local.cloud import LocalCloud
from infra.local.organizations.entities import (
    Account,
    AccountState,
    OrganizationalUnit,
    Policy,
    Root,
    Target,
    TargetType,
)
from infra.local.organizations.refusals import constraint, invalid_input, refusal

Kind = TypeVar("Kind", bound=Target)
CLOSED_ACCOUNT_IS_KEPT = timedelta(days=90)
"""How long a closed account can be reinstated, is listed and counts against the quota."""


class Organization:
    """One organisation with all features. Other services listen to what happens in it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        drawn, told = f"o-{cloud.dice.letters(10)}", cloud.company.aws
        self.id = told.organization if told else drawn
        self.targets: dict[str, Target] = {}
        self.policies: dict[str, Policy] = {}
        self.emails: set[str] = set()
        """Every address ever used for an account, in lower case. Closing does not free one."""
        self.service_access: dict[str, datetime] = {}
        self.before_move: list[Callable[[Account, Target, Target], None]] = []
        """Called with account, source and destination; may raise a Refusal."""
        self.on_move: list[Callable[[Account, Target, Target, datetime], None]] = []
        """Called after a move with account, source, destination and the moment."""
        self.on_created: list[Callable[[Account, datetime], None]] = []
        """Called when an account has come into being in the root."""
        self.on_closed: list[Callable[[Account, datetime], None]] = []
        """Called when an account has become CLOSED."""
        self.root = self._make_root()
        self.management_account = self.add_account(
            "Management", "aws@acme.example", self.management_account_id, joined_method="INVITED"
        )

    @property
    def management_account_id(self) -> str:
        """Whose organisation it is."""
        return self.cloud.management_account_id

    @property
    def arn(self) -> str:
        """Of the organisation."""
        return self.arn_of("organization", self.id)

    def arn_of(self, *path: str) -> str:
        """An ARN in the management account."""
        return f"arn:aws:organizations::{self.management_account_id}:{'/'.join(path)}"

    def path_of(self, target: Target) -> str:
        """As `Paths` and `aws:PrincipalOrgPaths` write it: `o-…/r-…/ou-…/`."""
        return "/".join([self.id, *(step.id for step in target.lineage())]) + "/"

    @property
    def accounts(self) -> list[Account]:
        """Every account that is listed, the closed ones of the last 90 days too."""
        return [target for target in self.targets.values() if isinstance(target, Account)]

    @property
    def units(self) -> list[OrganizationalUnit]:
        """Every OU."""
        return [target for target in self.targets.values() if isinstance(target, OrganizationalUnit)]

    def children(self, parent: Target, kind: type[Kind]) -> list[Kind]:
        """The OUs or accounts directly under a root or OU."""
        return [target for target in self.targets.values() if target.parent is parent and isinstance(target, kind)]

    def find(self, target_id: str, missing: str = "TargetNotFoundException") -> Target:
        """A root, OU or account, or the refusal of that name."""
        if target_id not in self.targets:
            raise refusal(missing)
        return self.targets[target_id]

    def account(self, account_id: str) -> Account:
        """An account; AccountNotFoundException."""
        found = self.targets.get(account_id)
        if not isinstance(found, Account):
            raise refusal("AccountNotFoundException")
        return found

    def unit(self, unit_id: str) -> OrganizationalUnit:
        """An OU; OrganizationalUnitNotFoundException."""
        found = self.targets.get(unit_id)
        if not isinstance(found, OrganizationalUnit):
            raise refusal("OrganizationalUnitNotFoundException")
        return found

    def unit_named(self, name: str) -> OrganizationalUnit:
        """The OU of that name, the first where several have it; KeyError."""
        for unit in self.units:
            if unit.name == name:
                return unit
        raise KeyError(name)

    def parent(self, parent_id: str, missing: str = "ParentNotFoundException") -> Target:
        """A root or OU, or the refusal of that name."""
        found = self.find(parent_id, missing)
        if isinstance(found, Account):
            raise refusal(missing)
        return found

    def add_account(
        self, name: str, email: str, account_id: str | None = None, joined_method: str = "CREATED"
    ) -> Account:
        """An account in the root, at once. Making the AWS account behind it is the caller's business."""
        new_id = account_id or self._free_account_id()
        account = Account(
            new_id,
            self.arn_of("account", self.id, new_id),
            name,
            TargetType.ACCOUNT,
            self.root,
            email=email,
            joined=self.cloud.clock.now(),
            joined_method=joined_method,
        )
        self.emails.add(email.lower())
        self._settle_in(account)
        return account

    def remove(self, target: Target) -> None:
        """Take a target out of the tree and off its policies."""
        for policy in target.policies:
            policy.targets.remove(target)
        del self.targets[target.id]

    def create_unit(self, parent_id: str, name: str, tags: dict[str, str]) -> OrganizationalUnit:
        """A new OU; its parent exists, has no OU of that name and is not too deep."""
        parent = self.parent(parent_id)
        self._check_new_unit(parent, name)
        unit_id = f"ou-{self.root.id[2:]}-{self.cloud.dice.letters(8)}"
        arn = self.arn_of("ou", self.id, unit_id)
        unit = OrganizationalUnit(unit_id, arn, name, TargetType.ORGANIZATIONAL_UNIT, parent, tags)
        self._settle_in(unit)
        return unit

    def rename_unit(self, unit_id: str, name: str) -> OrganizationalUnit:
        """Another name, unique among its siblings."""
        unit = self.unit(unit_id)
        if unit.parent is not None and name != unit.name:
            self._check_unit_name(unit.parent, name)
        unit.name = name
        return unit

    def delete_unit(self, unit_id: str) -> None:
        """Delete an empty OU."""
        unit = self.unit(unit_id)
        if self.children(unit, Target):
            raise refusal("OrganizationalUnitNotEmptyException")
        self.remove(unit)

    def move_account(self, account_id: str, source_id: str, destination_id: str) -> None:
        """Move an account that is where the caller says it is."""
        account = self.account(account_id)
        source = self.parent(source_id, "SourceParentNotFoundException")
        destination = self.parent(destination_id, "DestinationParentNotFoundException")
        if account.parent is destination:
            raise refusal("DuplicateAccountException")
        if account.parent is not source:
            raise refusal("SourceParentNotFoundException")
        for check in self.before_move:
            check(account, source, destination)
        account.parent = destination
        for listener in self.on_move:
            listener(account, source, destination, self.cloud.clock.now())

    def release(self, account_id: str, delegated: bool) -> None:
        """Let an account leave or be removed, where AWS lets it."""
        account = self.account(account_id)
        if account is self.management_account:
            raise refusal("MasterCannotLeaveOrganizationException")
        if delegated:
            raise constraint(
                "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                "You attempted to remove an account that is a delegated administrator for a service.",
            )
        self._check_waiting_period(account)
        if not account.can_stand_alone:
            raise constraint(
                "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
                "To complete this operation with this member account, you first must associate a valid payment"
                " instrument with the account.",
            )
        self.remove(account)

    def counted_accounts(self) -> int:
        """What counts against the account quota: closed accounts do, until they are gone for good."""
        return len(self.accounts)

    def _check_waiting_period(self, account: Account) -> None:
        days = self.cloud.limits.value("organizations.days_before_leaving")
        young = self.cloud.clock.now() - account.joined < timedelta(days=days)
        if account.joined_method == "CREATED" and young and self.cloud.limits.enforced:
            raise constraint(
                "WAIT_PERIOD_ACTIVE",
                f"After you create an account, you must wait at least {days:g} days before it can leave the"
                " organization.",
            )

    def _check_new_unit(self, parent: Target, name: str) -> None:
        self._check_unit_name(parent, name)
        if self.cloud.limits.exceeded("organizations.ou_depth", len(parent.lineage())):
            raise constraint(
                "OU_DEPTH_LIMIT_EXCEEDED", "You attempted to create an OU tree that is too many levels deep."
            )
        if self.cloud.limits.exceeded("organizations.ous", len(self.units) + 1):
            raise constraint("OU_NUMBER_LIMIT_EXCEEDED", "You attempted to exceed the number of OUs that you can have.")

    def _check_unit_name(self, parent: Target, name: str) -> None:
        if any(unit.name == name for unit in self.children(parent, OrganizationalUnit)):
            raise refusal("DuplicateOrganizationalUnitException")

    def _make_root(self) -> Root:
        root_id = f"r-{self.cloud.dice.letters(4)}"
        root = Root(root_id, self.arn_of("root", self.id, root_id), "Root", TargetType.ROOT, None)
        self.targets[root_id] = root
        return root

    def _settle_in(self, target: Target) -> None:
        """A new OU or account starts with AWS's own policies of the enabled types."""
        self.targets[target.id] = target
        for policy in self.policies.values():
            if policy.aws_managed and policy.type in self.root.policy_types:
                target.policies.append(policy)
                policy.targets.append(target)

    def _free_account_id(self) -> str:
        while True:
            account_id = self.cloud.dice.digits(12)
            if account_id not in self.targets:
                return account_id


def check_tags(limit: int, tags: list[dict[str, str]], already: dict[str, str] | None = None) -> dict[str, str]:
    """Tags as a dictionary together with those already there, or what AWS refuses about them."""
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag.")
    merged = (already or {}) | {tag["Key"]: tag["Value"] for tag in tags}
    if len(merged) > limit:
        raise constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
    return merged


def is_open(account: Account) -> bool:
    """Whether its principals can still act: until it is closed, they can."""
    return account.state in (AccountState.ACTIVE, AccountState.PENDING_CLOSURE)
