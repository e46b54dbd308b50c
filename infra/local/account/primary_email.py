"""Changing the address of an account's root user: asked for, confirmed by a code sent to the new address.

The address an account had before is free: what AWS keeps for good is the one that an account has when it is closed,
which is why it advises to change it first
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_close.html).
"""

import string
from datetime import datetime, timedelta
from enum import StrEnum

from infra.local.cloud import LocalCloud
from infra.local.mailbox import Mail
from infra.local.organizations.entities import Account, AccountState
from infra.local.organizations.organization import Organization
from infra.local.service import Refusal

WINDOW = timedelta(seconds=30)
CODE_IS_GOOD_FOR = timedelta(days=1)


class UpdateStatus(StrEnum):
    """Where an update is."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"


class PrimaryEmail:
    """The primary e-mail of one account and the most recent change to it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.status: UpdateStatus | None = None
        self.updated: datetime | None = None
        self._new = ""
        self._code = ""
        self._asked: list[datetime] = []

    def start(self, organization: Organization, account: Account, new: str) -> UpdateStatus:
        """Send a code to the new address, which no account has and none was closed with."""
        _check_open(account)
        self._check_rate()
        if new.lower() in organization.emails:
            raise Refusal("ConflictException", "The email address is already in use.")
        now = self.cloud.clock.now()
        self._new, self._code = new, self.cloud.dice.letters(6, string.digits)
        self._asked.append(now)
        self.cloud.mailbox.send(Mail(new, "Verify your new primary email address", self._code, now))
        return self._become(UpdateStatus.PENDING)

    def accept(self, organization: Organization, account: Account, new: str, code: str) -> UpdateStatus:
        """Make the address the account's, if the code is the one that was sent there."""
        _check_open(account)
        if self.status is not UpdateStatus.PENDING or new != self._new:
            raise Refusal("ResourceNotFoundException", "There is no pending update to that email address.")
        if code != self._code or self.cloud.clock.now() - self._asked[-1] > CODE_IS_GOOD_FOR:
            raise Refusal("ValidationException", "The one-time password is not valid.", reason="fieldValidationFailed")
        if new.lower() in organization.emails:
            raise Refusal("ConflictException", "The email address is already in use.")
        organization.emails.discard(account.email.lower())
        organization.emails.add(new.lower())
        account.email = new
        return self._become(UpdateStatus.ACCEPTED)

    def _become(self, status: UpdateStatus) -> UpdateStatus:
        self.status, self.updated = status, self.cloud.clock.now()
        return status

    def _check_rate(self) -> None:
        recent = [moment for moment in self._asked if self.cloud.clock.now() - moment < WINDOW]
        if self.cloud.limits.exceeded("account.primary_email_updates", len(recent) + 1):
            raise Refusal("TooManyRequestsException", "Too many requests to update the email address of this account.")


def _check_open(account: Account) -> None:
    if account.state in (AccountState.PENDING_CLOSURE, AccountState.CLOSED):
        raise Refusal("ConflictException", "The account is closed or being closed.")
