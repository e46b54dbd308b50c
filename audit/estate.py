"""What there is to audit: the accounts of the organisation, in the governed regions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vending.core.company import Company
from vending.ports import Account, AccountState


@dataclass(frozen=True)
class AuditedAccount:
    """An account with those who own it at the time of the run."""

    account_id: str
    name: str
    team: str | None
    ou: str
    ou_class: str = ""
    """Of the company file; empty for an OU that it does not name, nor any above it."""
    baseline: bool = False
    """Whether the account was promised the settings of the baseline."""


@dataclass(frozen=True)
class Estate:
    """Every account that is not closed, and every governed region."""

    accounts: Mapping[str, AuditedAccount]
    regions: tuple[str, ...]
    home_region: str
    management_account_id: str

    def places(self) -> Iterator[tuple[str, str]]:
        """Every account in every governed region."""
        return ((account_id, region) for account_id in self.accounts for region in self.regions)


def survey(accounts: Iterable[Account], company: Company, management_account_id: str) -> Estate:
    """The estate as the account book and the company file describe it."""
    open_accounts = (account for account in accounts if account.state is not AccountState.CLOSED)
    return Estate(
        {account.account_id: audited(account) for account in open_accounts},
        company.landing_zone.regions,
        company.landing_zone.home_region,
        management_account_id,
    )


def audited(account: Account) -> AuditedAccount:
    """An account as the account book describes it."""
    return AuditedAccount(
        account.account_id,
        account.name,
        account.team,
        account.ou,
        account.ou_class or "",
        account.baseline_version is not None,
    )
