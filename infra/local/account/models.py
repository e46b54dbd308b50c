"""State of AWS Account Management, one backend an account. Names and e-mails are the organisation's."""

from functools import cached_property
from typing import Any

from moto.core.base_backend import BackendDict
from moto.utilities.utils import PARTITION_NAMES

from infra.local.account.primary_email import PrimaryEmail
from infra.local.account.regions import Regions
from infra.local.service import ServiceBackend


class AccountBackend(ServiceBackend):
    """What one account's owner can set."""

    @cached_property
    def alternate_contacts(self) -> dict[str, dict[str, str]]:
        """By type: BILLING, OPERATIONS, SECURITY."""
        return {}

    @cached_property
    def contact_information(self) -> dict[str, Any]:
        """The primary contact; empty until given."""
        return {}

    @cached_property
    def regions(self) -> Regions:
        """Which regions are on."""
        return Regions(self.cloud)

    @cached_property
    def primary_email(self) -> PrimaryEmail:
        """Changes to the root user's address."""
        return PrimaryEmail(self.cloud)


account_backends = BackendDict(AccountBackend, "account", use_boto3_regions=False, additional_regions=PARTITION_NAMES)
