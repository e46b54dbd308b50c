"""Trusted services, and the member accounts that administer them for the organisation."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from infra.local.organizations.entities import Account, AccountState
from infra.local.organizations.organization import Organization
from infra.local.organizations.refusals import constraint, invalid_input, refusal

_PRINCIPAL = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")


@dataclass(eq=False, slots=True)
class Delegate:
    """A member account and the services it administers, with the moment of each delegation."""

    account: Account
    enabled: datetime
    services: dict[str, datetime] = field(default_factory=dict)


class Delegations:
    """Service access and delegated administrators of an organisation."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.delegates: dict[str, Delegate] = {}

    def trust(self, principal: str) -> None:
        """Enable a service's access; enabling it again changes nothing."""
        self.organization.service_access.setdefault(check_principal(principal), self.organization.cloud.clock.now())

    def distrust(self, principal: str) -> None:
        """Disable a service's access."""
        self.organization.service_access.pop(check_principal(principal), None)

    def register(self, account_id: str, principal: str) -> None:
        """Make a member account the administrator of a trusted service."""
        check_principal(principal)
        account = self.organization.account(account_id)
        self._check_candidate(account)
        if principal not in self.organization.service_access:
            raise constraint("SERVICE_ACCESS_NOT_ENABLED", "You must enable trusted access for the service first.")
        now = self.organization.cloud.clock.now()
        delegate = self.delegates.setdefault(account_id, Delegate(account, now))
        if principal in delegate.services:
            raise refusal("AccountAlreadyRegisteredException")
        delegate.services[principal] = now

    def deregister(self, account_id: str, principal: str) -> None:
        """Take a service from its administrator."""
        check_principal(principal)
        self.organization.account(account_id)
        delegate = self.delegates.get(account_id)
        if delegate is None or principal not in delegate.services:
            raise refusal("AccountNotRegisteredException")
        del delegate.services[principal]
        if not delegate.services:
            del self.delegates[account_id]

    def of_account(self, account_id: str) -> Delegate:
        """An account's delegations; AccountNotRegisteredException where it has none."""
        self.organization.account(account_id)
        if account_id not in self.delegates:
            raise refusal("AccountNotRegisteredException")
        return self.delegates[account_id]

    def _check_candidate(self, account: Account) -> None:
        if account is self.organization.management_account:
            raise constraint(
                "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                "You can't register the management account as a delegated administrator.",
            )
        if account.state is not AccountState.ACTIVE:
            raise constraint(
                "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
                "You can't register a suspended account as a delegated administrator.",
            )


def check_principal(principal: str) -> str:
    """A service principal, or InvalidInputException."""
    if not _PRINCIPAL.fullmatch(principal):
        raise invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
    return principal
