"""The accounts of the organisation, with the teams that own them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vending.core.cursor import from_cursor, to_cursor
from vending.core.errors import AwsMissing, Conflict, NotFound
from vending.core.identity import Caller, missing
from vending.core.organization import MemberAccount, OrganizationReader, read_member
from vending.core.table import Table
from vending.ports import Account, AccountState
from vending.requests.model import Page
from vending.workflow.deed import Deed
from vending.workflow.evidence import Evidence, latest, read_back
from vending.workflow.services import Services

MAX_LIMIT = 200
ACCOUNT_ID = re.compile(r"[0-9]{12}")
STATES: Mapping[str, AccountState] = {
    "PENDING_CLOSURE": AccountState.CLOSING,
    "CLOSED": AccountState.CLOSED,
    "SUSPENDED": AccountState.FROZEN,
}
"""Organizations' `State` where it overrides what Freehold keeps; SUSPENDED means restricted by AWS."""


@dataclass(frozen=True)
class Accounts:
    """The book of accounts: what Organizations lists, joined with the deeds."""

    services: Services
    organization: OrganizationReader
    compliance: Callable[[], Mapping[str, str]]
    """Account id -> `pass`, `fail` or `unknown`, as the last audit run says."""

    @property
    def _table(self) -> Table:
        return self.services.table

    def all(self) -> tuple[Account, ...]:
        """Every account of the organisation, the management account included; not judged, `list` and `show` do that."""
        organization = self.organization.recent()
        deeds = {d.body["account_id"]: Deed(**d.body) for d in self._table.listed("all", "accounts").documents}
        placed = ((m, organization.names_to(m.parent_id)) for m in organization.accounts)
        return tuple(self._account(member, names, deeds.get(member.id)) for member, names in placed)

    def get(self, account_id: str) -> Account:
        """One account as it is now; not judged.

        Raises:
            NotFound: when the organisation has no such account.
        """
        unseen = missing(f"account {account_id}")
        if not ACCOUNT_ID.fullmatch(account_id):
            raise unseen
        try:
            member, names = read_member(self.services.aws, account_id, self.services.company)
        except AwsMissing as error:
            raise unseen from error
        kept = self._table.get(f"ACCOUNT#{account_id}", "DEED")
        return self._account(member, names, Deed(**kept.body) if kept else None)

    def list(self, caller: Caller, *, team: str | None = None, limit: int = 50, cursor: str | None = None) -> Page:
        """Accounts that the caller may see, by id."""
        limit = max(1, min(limit, MAX_LIMIT))
        after = from_cursor(cursor, 1)[0] if cursor else ""
        seen = sorted((a for a in self.all() if caller.may_see(a.team)), key=lambda a: a.account_id)
        fit = [a for a in seen if team in (None, a.team) and a.account_id > after]
        more = len(fit) > limit
        judged = self.compliance()
        items = tuple(_judged(account, judged) for account in fit[:limit])
        return Page(items=items, next=to_cursor((fit[limit - 1].account_id,)) if more else None, limit=limit)

    def show(self, caller: Caller, account_id: str) -> Account:
        """One account that the caller may see.

        Raises:
            NotFound: when there is none of that id that the caller may see.
        """
        account = self.get(account_id)
        caller.require_sight(account.team, f"account {account_id}")
        return _judged(account, self.compliance())

    def evidence(self, caller: Caller, account_id: str) -> Evidence:
        """What was last read back from the account.

        Raises:
            NotFound: when nothing was read back yet.
        """
        self.show(caller, account_id)
        found = latest(self._table, account_id)
        if found is None:
            raise NotFound(
                f"Nothing was read back from account {account_id} yet.", "`freehold account verify` reads it now."
            )
        return found

    def verify(self, caller: Caller, account_id: str, *, dry_run: bool = False) -> Evidence:
        """Read everything promised back now, and keep it; with `dry_run` it is read and not kept.

        Raises:
            NotAllowed: unless the caller operates accounts or the account is their team's.
            Conflict: for an account that Freehold did not make: nothing was promised for it.
        """
        account = self.show(caller, account_id)
        right = caller.may_operate or (account.team is not None and caller.may_ask_for(account.team))
        caller.require(right, f"verify account {account_id}", "its team or an operator")
        if account.request_id is None:
            raise Conflict(f"Freehold did not make account {account_id}.", "Nothing was promised for it.")
        evidence = read_back(self.services, self.services.records.get(account.request_id))
        if not dry_run:
            self._table.put(evidence.document())
        return evidence

    def _account(self, member: MemberAccount, names: Sequence[str], deed: Deed | None) -> Account:
        """`names` lead down to the OU that holds it, from the root or an OU of a class."""
        kept: dict[str, Any] = deed.model_dump(exclude={"account_id", "state"}) if deed else {}
        state = STATES.get(member.state) or (deed.state if deed else AccountState.ACTIVE)
        return Account(
            **{**_NOT_OURS, **kept},
            account_id=member.id,
            name=member.name,
            ou=names[-1],
            ou_class=self.services.company.class_below(names),
            state=state,
            email=member.email,
        )


_NOT_OURS: Mapping[str, Any] = {
    "team": None,
    "template": None,
    "request_id": None,
    "monthly_budget_usd": None,
    "regions": (),
    "tags": {},
    "created_at": None,
    "ends_at": None,
    "baseline_version": None,
}
"""What an account has that Freehold did not make."""


def _judged(account: Account, compliance: Mapping[str, str]) -> Account:
    return account.model_copy(update={"compliance": compliance.get(account.account_id, "unknown")})
