"""Into which accounts the doctor looks, and what it has seen there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from infra.stacks.names import Names
from vending.core.aws import Aws, Client
from vending.core.company import Company
from vending.core.deployment import Deployment
from vending.core.organization import MemberAccount, Organization, OrganizationalUnit, read_organization


@dataclass(frozen=True)
class Sight:
    """A company's set-up on AWS, read with credentials of its management account and through a role elsewhere."""

    company: Company
    deployment: Deployment
    aws: Aws
    portal: str
    """The portal's address."""

    @property
    def names(self) -> Names:
        """What the stacks call things."""
        return Names.of(self.company, self.deployment)

    @property
    def home(self) -> str:
        """The home region."""
        return self.company.landing_zone.home_region

    def management(self, service: str, region: str | None = None) -> Client:
        """A client in the management account, in the home region unless another is asked for."""
        return self.aws.client(service, region)

    def platform(self, service: str) -> Client:
        """A client in the platform account. Raises AwsFailed when the role there cannot be taken."""
        return self.aws.client(service, account_id=self.deployment.platform_account)

    def inside(self, account_id: str, service: str, region: str | None = None) -> Client:
        """A client in one of the three accounts. Raises AwsFailed when the role there cannot be taken."""
        there = None if account_id == self.deployment.management_account else account_id
        return self.aws.client(service, region, account_id=there)

    @cached_property
    def accounts(self) -> Mapping[str, MemberAccount]:
        """Every account of the organisation, closed ones too, by id. Raises AwsFailed."""
        return {account.id: account for account in self._tree.accounts}

    @cached_property
    def units(self) -> Mapping[str, OrganizationalUnit]:
        """Every OU by id. Raises AwsFailed."""
        return {unit.id: unit for unit in self._tree.units}

    @cached_property
    def _tree(self) -> Organization:
        return read_organization(self.aws)

    def in_management(self) -> str:
        """Where most checks look."""
        return f"management account {self.deployment.management_account}, {self.home}"

    def in_platform(self) -> str:
        """Where the product's own things are."""
        return f"platform account {self.deployment.platform_account}, {self.home}"
