"""How an account ends: PENDING_CLOSURE, CLOSED after some minutes, and 90 days later gone."""

from datetime import datetime, timedelta

from infra.local.organizations.entities import Account, AccountState
from infra.local.organizations.organization import CLOSED_ACCOUNT_IS_KEPT, Organization
from infra.local.organizations.refusals import constraint, refusal

CLOSURE_SECONDS = (120, 600)
"""How long AWS takes; its documentation says a few minutes."""

WINDOW = timedelta(days=30)
"""Over which closures are counted; it rolls."""


class Closures:
    """The closures of an organisation."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.cloud = organization.cloud
        self._asked: list[datetime] = []

    def ask(self, account_id: str) -> None:
        """Begin to close an account; raises what AWS refuses."""
        account = self.organization.account(account_id)
        self._check_account(account)
        self._check_quotas()
        now = self.cloud.clock.now()
        account.state = AccountState.PENDING_CLOSURE
        self._asked.append(now)
        takes = self.cloud.dice.seconds(*CLOSURE_SECONDS)
        self.cloud.agenda.at(now + takes, lambda moment: self._close(account, moment))

    def allowed_in_window(self) -> int:
        """The rolling quota: 250, or a fifth of the accounts where that is more, at most 1,000."""
        limits, accounts = self.cloud.limits, self.organization.counted_accounts()
        share = int(accounts * limits.value("organizations.closures_share"))
        return min(
            max(limits.count("organizations.closures_floor"), share), limits.count("organizations.closures_ceiling")
        )

    def _check_account(self, account: Account) -> None:
        if account is self.organization.management_account:
            raise constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
        if account.state is AccountState.CLOSED:
            raise refusal("AccountAlreadyClosedException")
        if account.state is AccountState.PENDING_CLOSURE:
            raise refusal("ConflictException")

    def _check_quotas(self) -> None:
        pending = [a for a in self.organization.accounts if a.state is AccountState.PENDING_CLOSURE]
        if self.cloud.limits.exceeded("organizations.closures_in_progress", len(pending) + 1):
            raise constraint(
                "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that you can close at a time.",
            )
        since = self.cloud.clock.now() - WINDOW
        recent = [moment for moment in self._asked if moment > since]
        if self.cloud.limits.enforced and len(recent) >= self.allowed_in_window():
            raise constraint(
                "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
                "You have exceeded close account quota for the past 30 days.",
            )

    def _close(self, account: Account, moment: datetime) -> None:
        account.state = AccountState.CLOSED
        for listener in self.organization.on_closed:
            listener(account, moment)
        self.cloud.agenda.at(moment + CLOSED_ACCOUNT_IS_KEPT, lambda _: self.organization.remove(account))
