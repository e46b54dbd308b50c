"""Who is calling, and what they may do: the one place where rights are written down."""

from dataclasses import dataclass
from enum import StrEnum

from vending.core.errors import NotAllowed, NotFound


class Role(StrEnum):
    """What a person may do beyond their own team's things."""

    REQUESTER = "requester"
    """Asks for accounts for their own teams, and sees their own teams' things."""
    APPROVER = "approver"
    """Decides on requests and waivers, applies guardrails, starts audit runs, sees everything."""
    OPERATOR = "operator"
    """Mends and resumes requests, operates accounts, sees everything."""
    AUDITOR = "auditor"
    """Sees everything and proposes waivers; changes nothing."""
    BREAK_GLASS = "break_glass"
    """Approves a request alone in an emergency, with a reason that everybody reads."""


@dataclass(frozen=True)
class Caller:
    """A signed-in person or machine, as the issuer's token says."""

    username: str
    roles: frozenset[Role]
    teams: frozenset[str]

    @property
    def sees_everything(self) -> bool:
        """Whether other teams' things are visible too."""
        return bool(self.roles & {Role.APPROVER, Role.OPERATOR, Role.AUDITOR, Role.BREAK_GLASS})

    def may_see(self, team: str | None) -> bool:
        """Whether things of `team` are visible; things of no team only to those who see everything."""
        return self.sees_everything or team in self.teams

    def may_ask_for(self, team: str) -> bool:
        """Whether this person may ask for, and change, things of `team`."""
        return team in self.teams or Role.OPERATOR in self.roles

    @property
    def may_decide(self) -> bool:
        """Whether this person approves and rejects."""
        return Role.APPROVER in self.roles

    @property
    def may_break_glass(self) -> bool:
        """Whether this person may approve alone in an emergency, whatever the rule asks for."""
        return Role.BREAK_GLASS in self.roles

    @property
    def may_operate(self) -> bool:
        """Whether this person operates accounts and resumes requests of any team."""
        return Role.OPERATOR in self.roles

    @property
    def may_govern(self) -> bool:
        """Whether this person applies guardrails and starts audit runs."""
        return Role.APPROVER in self.roles

    @property
    def may_propose_waivers(self) -> bool:
        """Whether this person proposes a waiver for another to approve."""
        return bool(self.roles & {Role.AUDITOR, Role.APPROVER, Role.OPERATOR})

    def require(self, right: bool, what: str, who: str) -> None:
        """Refuse with a sentence unless `right`.

        Raises:
            NotAllowed: naming what was tried and who may do it.
        """
        if not right:
            raise NotAllowed(f"{self.username} may not {what}.", f"Ask {who}.")

    def require_sight(self, team: str | None, what: str) -> None:
        """Refuse as if the thing did not exist unless `team` is visible.

        Raises:
            NotFound: so that nothing is told of other teams' things.
        """
        if not self.may_see(team):
            raise missing(what)


def missing(what: str) -> NotFound:
    """The one answer for what does not exist and for what the caller may not see: nobody can tell them apart."""
    return NotFound(f"There is no {what} that you may see.", "Check the id, or ask an auditor.")
