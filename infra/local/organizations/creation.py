"""How an account comes into being: asked for, in progress for a minute or three, then there or failed."""

import re
from datetime import datetime

from infra.local.organizations.entities import Account, Creation, CreationState
from infra.local.organizations.invitations import Invitations
from infra.local.organizations.member import furnish
from infra.local.organizations.organization import Organization
from infra.local.organizations.refusals import constraint, invalid_input, refusal

CREATION_SECONDS = (60, 180)
"""How long AWS takes, drawn evenly. Not documented; AWS only says that it is asynchronous."""

_TAKEN = frozenset({"CONCURRENT_ACCOUNT_MODIFICATION", "EMAIL_ALREADY_EXISTS"})
"""FailureReasons of which another account has the address. After any other it is free: AWS says "try again later"."""

_LOCAL_PART = re.compile(r"""(?!\.)[^\s"'()<>\[\]:;,\\|%&@]+""")
_DOMAIN = re.compile(r"(?![-.])[A-Za-z0-9.-]*\.[A-Za-z0-9.-]*(?<![-.])")


class Creations:
    """Every CreateAccount request of an organisation, in the order in which they came."""

    def __init__(self, organization: Organization, invitations: Invitations) -> None:
        self.organization = organization
        self.invitations = invitations
        self.cloud = organization.cloud
        self.requests: dict[str, Creation] = {}

    def ask(self, name: str, email: str, role_name: str | None, tags: dict[str, str]) -> Creation:
        """A creation in progress; raises what AWS refuses at once."""
        check_email(email)
        self._check_room()
        now = self.cloud.clock.now()
        creation = Creation(
            f"car-{self.cloud.dice.letters(32)}", name, email, role_name or "OrganizationAccountAccessRole", tags, now
        )
        creation.failure = self._foreseeable_failure(creation)
        self.organization.emails.add(email.lower())
        self.requests[creation.id] = creation
        takes = self.cloud.dice.seconds(*CREATION_SECONDS) + self.cloud.faults.prolongs("organizations.CreateAccount")
        self.cloud.agenda.at(now + takes, lambda moment: self._complete(creation, moment))
        return creation

    def find(self, request_id: str) -> Creation:
        """One request; CreateAccountStatusNotFoundException."""
        if request_id not in self.requests:
            raise refusal("CreateAccountStatusNotFoundException")
        return self.requests[request_id]

    def in_progress(self) -> list[Creation]:
        """Those not yet there and not yet failed."""
        return [request for request in self.requests.values() if request.state is CreationState.IN_PROGRESS]

    def _check_room(self) -> None:
        limits, waiting = self.cloud.limits, len(self.in_progress())
        if limits.exceeded("organizations.creations_in_progress", waiting + 1):
            raise constraint(
                "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that you can create in one day.",
            )
        counted = self.organization.counted_accounts() + len(self.invitations.open())
        if limits.exceeded("organizations.accounts", counted + waiting + 1):
            raise constraint(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "You have exceeded the allowed number of AWS accounts.",
            )

    def _foreseeable_failure(self, creation: Creation) -> str | None:
        for other in self.in_progress():
            if other.email.lower() == creation.email.lower() and other.name == creation.name:
                return "CONCURRENT_ACCOUNT_MODIFICATION"
        if creation.email.lower() in self.organization.emails:
            return "EMAIL_ALREADY_EXISTS"
        return self.cloud.faults.failure_of("organizations.CreateAccount")

    def _complete(self, creation: Creation, moment: datetime) -> None:
        creation.completed = moment
        if creation.failure:
            creation.state = CreationState.FAILED
            if creation.failure not in _TAKEN:
                self.organization.emails.discard(creation.email.lower())
            return
        account = self._make(creation, moment)
        creation.account_id = account.id
        creation.state = CreationState.SUCCEEDED
        for listener in self.organization.on_created:
            listener(account, moment)

    def _make(self, creation: Creation, moment: datetime) -> Account:
        account = self.organization.add_account(creation.name, creation.email)
        account.tags.update(creation.tags)
        account.joined = moment
        account.role_name = creation.role_name
        furnish(account, self.organization.management_account_id)
        return account


def check_email(email: str) -> None:
    """The rules CreateAccount documents for an address."""
    local, _, domain = email.partition("@")
    if not email.isascii() or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise invalid_input("INVALID_PATTERN", "You specified an email address that is not valid.")
