"""Who belongs to whom, as Config asks Organizations."""

from dataclasses import dataclass

from infra.local.organizations.entities import AccountState
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
    state = organizations()
    tree = state.organization
    held = state.delegations.delegates.values()
    return Membership(
        tree.id,
        tree.management_account_id,
        frozenset(one.account.id for one in held if PRINCIPALS & set(one.services)),
        tuple(sorted(account.id for account in tree.accounts if account.state is not AccountState.CLOSED)),
    )


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
