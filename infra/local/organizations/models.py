"""State of AWS Organizations: one organisation a cloud, kept in the management account's backend."""

from functools import cached_property

from moto.core.base_backend import BackendDict
from moto.utilities.utils import PARTITION_NAMES

from infra.local.cloud import current
from infra.local.organizations.closure import Closures
from infra.local.organizations.creation import Creations
from infra.local.organizations.delegation import Delegations
from infra.local.organizations.invitations import Invitations
from infra.local.organizations.organization import Organization
from infra.local.organizations.policy_book import PolicyBook
from infra.local.service import ServiceBackend


class OrganizationsBackend(ServiceBackend):
    """Everything Organizations knows; only the management account's has it."""

    @cached_property
    def organization(self) -> Organization:
        """The tree."""
        return Organization(self.cloud)

    @cached_property
    def creations(self) -> Creations:
        """Accounts being made."""
        return Creations(self.organization, self.invitations)

    @cached_property
    def invitations(self) -> Invitations:
        """Accounts being invited."""
        return Invitations(self.organization)

    @cached_property
    def closures(self) -> Closures:
        """Accounts being closed."""
        return Closures(self.organization)

    @cached_property
    def policies(self) -> PolicyBook:
        """Policies."""
        return PolicyBook(self.organization)

    @cached_property
    def delegations(self) -> Delegations:
        """Trusted services and their administrators."""
        return Delegations(self.organization)


organizations_backends = BackendDict(
    OrganizationsBackend, "organizations", use_boto3_regions=False, additional_regions=PARTITION_NAMES
)


def organizations() -> OrganizationsBackend:
    """The state of this process's cloud."""
    return organizations_backends[current().management_account_id]["aws"]


def organization() -> Organization:
    """The organisation of this process's cloud, for the other services to read and to listen to."""
    return organizations().organization
