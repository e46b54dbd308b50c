"""Who belongs to whom, as Config asks Organizations."""

from dataclasses import dataclass

from infra.local.organizations.entities import Account, AccountState
from infra.local.organizations.models import organizations
from infra.local.service import Refusal

PRINCIPALS = frozenset({"config.amazonaws.com", "config-multiaccountsetup.amazonaws.com"})


@dataclass(frozen=True)
class Membership:
    """The organisation as one of its administrators sees it."""

    organization_id: str
    management_account_id: str
    delegates: frozenset[str]
    """The members that administer Config for the organisation."""
    accounts: tuple[str, ...]
    """Every account but the closed ones, the management account among them, in order of their ids."""

    @property
    def members(self) -> tuple[str, ...]:
        """The accounts without the management account: an organisation rule passes it over."""
        return tuple(one for one in self.accounts if one != self.management_account_id)

    def may_administer(self, account_id: str) -> bool:
        """Whether an account speaks for the organisation in Config."""
        return account_id == self.management_account_id or account_id in self.delegates


def read_membership() -> Membership:
    """The organisation of the cloud."""
    tree = organizations().organization
    management, *delegates = administrators()
    return Membership(
        tree.id,
        management,
        frozenset(delegates),
        tuple(sorted(account.id for account in tree.accounts if account.state is not AccountState.CLOSED)),
    )


def is_open(account_id: str) -> bool:
    """Whether an account belongs to the organisation and is not closed."""
    found = organizations().organization.targets.get(account_id)
    return isinstance(found, Account) and found.state is not AccountState.CLOSED


def is_member(account_id: str) -> bool:
    """Whether an account is an open member: an organisation rule passes the management account over."""
    return is_open(account_id) and account_id != organizations().organization.management_account_id


def administrators() -> list[str]:
    """The management account, and the members that administer Config for the organisation."""
    state = organizations()
    held = state.delegations.delegates.values()
    delegates = sorted(one.account.id for one in held if PRINCIPALS & set(one.services))
    return [state.organization.management_account_id, *delegates]


def administered_by(account_id: str) -> Membership:
    """The organisation, for its management account or a delegated administrator of Config.

    Raises:
        Refusal: OrganizationAccessDeniedException for any other account.
    """
    membership = read_membership()
    if not membership.may_administer(account_id):
        raise Refusal(
            "OrganizationAccessDeniedException",
            "This action can only be performed by the management account of the organization or a delegated "
            "administrator of AWS Config.",
        )
    return membership
