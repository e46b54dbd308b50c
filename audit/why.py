"""Why a finding is as it is: what is known to have happened near the moment when it became so.

Nearness is no proof. Each cause says how near it was and where it can be looked at; where nothing is known, that is
said, and nothing is guessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from audit.query.names import names_of
from audit.query.reader import Ask, Reader
from audit.reports import links
from audit.reports.links import quoted
from vending.core.clock import from_text, to_text
from vending.core.identity import Caller
from vending.core.table import Table

BEFORE, AFTER = timedelta(hours=24), timedelta(hours=1)
"""How far from the moment a cause is looked for."""
MOST = 20


class Kind(StrEnum):
    """What may explain a finding."""

    WAIVER = "waiver"
    """A waiver that covered it ended."""
    POLICY = "policy"
    """A policy above the account was detached, changed, or attached anew."""
    DRIFT = "drift"
    """What Control Tower set up has drifted, or is mended."""
    SETTING = "setting"
    """A setting that the account was born with was changed, or is mended."""
    MOVE = "move"
    """The account changed its OU."""
    TRANSFER = "transfer"
    """The account changed its team."""
    DEED = "deed"
    """Somebody did something to the account here."""


class Cause(BaseModel):
    """Something that happened near it."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    sentence: str
    at: datetime = Field(description="When it happened, as far as is known; for what runs compare, when it was seen.")
    seconds: float = Field(description="How near: negative before the finding became so, positive after.")
    link: str = Field(description="The page of the portal with what is known of it.")


class Explanation(BaseModel):
    """What is known to have happened near a finding, the nearest first."""

    model_config = ConfigDict(frozen=True)

    finding_id: str
    status: str
    since: datetime
    causes: tuple[Cause, ...]
    note: str = Field(description="What is not known; empty where a cause was found.")


@dataclass(frozen=True)
class Moment:
    """A finding, and since when it is as it is."""

    finding: Mapping[str, Any]
    since: datetime

    def cause(self, kind: Kind, sentence: str, at: datetime, link: str) -> Cause:
        """A cause with its nearness."""
        seconds = (at - self.since).total_seconds()
        return Cause(kind=kind, sentence=sentence, at=at, seconds=seconds, link=link)

    @property
    def window(self) -> dict[str, Any]:
        """From when to when a cause is looked for, as the views have their times."""
        ends = {"start": self.since - BEFORE, "end": self.since + AFTER}
        return {name: moment.astimezone(UTC).replace(tzinfo=None) for name, moment in ends.items()}


@dataclass(frozen=True)
class Explainer:
    """Explains findings from the ledger, the waivers and the log of what was done here."""

    reader: Reader
    table: Table

    def explain(self, caller: Caller, finding_id: str) -> Explanation:
        """What is known, of what the caller may see.

        Raises:
            NotFound: when there is no finding of that id that the caller may see.
        """
        finding = self.reader.finding(caller, finding_id)
        moment = Moment(finding, from_text(finding["changed_at"]))
        with self.reader.open(caller, ("findings", "transitions", "coverage", "runs", "waivers", "accounts")) as ask:
            looked = _first_look(ask)
            first = looked is None or moment.since <= looked
            found = [*_waivers(ask, moment)]
            if looked is not None and not first:
                found += [*_changes(ask, moment, looked), *_owners(ask, moment)]
            requests = [row["request_id"] for row in ask(_ACCOUNT, {"account": finding["account_id"]})]
        found += self._deeds(moment, {finding["account_id"], *filter(None, requests)})
        causes = tuple(sorted(found, key=lambda one: abs(one.seconds))[:MOST])
        return Explanation(
            finding_id=finding_id,
            status=finding["status"],
            since=moment.since,
            causes=causes,
            note="" if causes else _FIRST if first else _NOTHING,
        )

    def _deeds(self, moment: Moment, subjects: set[str]) -> Iterator[Cause]:
        """What the log says was done to the account, or for its request."""
        end = to_text(moment.since + AFTER)
        after = self.table.log_before(to_text(moment.since - BEFORE))
        for entry in takewhile(lambda one: one.at <= end, self.table.log(after)):
            if entry.subject in subjects:
                sentence = f"{entry.actor}: {entry.what}."
                link = f"/accounts/{moment.finding['account_id']}"
                yield moment.cause(Kind.DEED, sentence, from_text(entry.at), link)


def _waivers(ask: Ask, moment: Moment) -> Iterator[Cause]:
    finding = moment.finding
    if finding["status"] != "fail":
        return
    for row in ask(_ENDED, {**moment.window, **{name: finding[name] for name in _SCOPE}}):
        how = f"{row['revoked_by']} ended it" if row["revoked_by"] else "its time was over"
        sentence = f"The waiver that covered it ({row['ticket']}) ended: {how}."
        yield moment.cause(Kind.WAIVER, sentence, from_text(row["ended_at"]), f"/waivers/{row['id']}")


def _changes(ask: Ask, moment: Moment, looked: datetime) -> Iterator[Cause]:
    """What changed above the account or in its settings; not what the first run saw for the first time."""
    finding = moment.finding
    about = {"id": finding["finding_id"], "account": finding["account_id"], "ou": finding["ou"]}
    first = looked.astimezone(UTC).replace(tzinfo=None)
    for row in ask(_CHANGES, {**moment.window, **about, "first": first}):
        kind = {"organizations": Kind.POLICY, "control-tower": Kind.DRIFT}.get(row["source"], Kind.SETTING)
        where = row["ou"] if row["account_id"] != finding["account_id"] else "the account"
        happened = row["reason"] if row["status"] == "fail" else "It is as it should be again."
        sentence = f"{row['title']} ({where}): {happened}"
        yield moment.cause(kind, sentence, from_text(row["observed_at"]), f"/findings/{row['finding_id']}")


def _owners(ask: Ask, moment: Moment) -> Iterator[Cause]:
    """Between two runs the account was in another OU, or another team's."""
    account = moment.finding["account_id"]
    for row in ask(_OWNERS, {**moment.window, "account": account}):
        link = links.asked(
            "SELECT r.started_at, c.ou, c.team FROM coverage c JOIN runs r ON r.id = c.run_id "  # noqa: S608 - shown only
            f"WHERE c.account_id = {quoted(account)} GROUP BY ALL ORDER BY ALL"
        )
        at = from_text(row["seen_at"])
        if row["ou"] != row["ou_before"]:
            sentence = f"The account went from the OU {row['ou_before']} to {row['ou']} since the run before."
            yield moment.cause(Kind.MOVE, sentence, at, link)
        if row["team"] != row["team_before"]:
            named = [row[name] or "the platform" for name in ("team_before", "team")]
            yield moment.cause(Kind.TRANSFER, f"The account went from {named[0]} to {named[1]}.", at, link)


def _first_look(ask: Ask) -> datetime | None:
    """When the first run ended: what was so by then may have been so for ever."""
    (row,) = ask("SELECT min(ended_at) AS first FROM runs WHERE coverage IS NOT NULL")
    return from_text(row["first"]) if row["first"] else None


_FIRST = "It was so when the audit looked for the first time: why is not known."
_NOTHING = "Nothing that is known here happened near it: why is not known."
_SCOPE = ("control_id", "account_id", "resource_id", "ou", "team")
_ACCOUNT = "SELECT request_id FROM accounts WHERE account_id = $account"
_ENDED = f"""
SELECT id, ticket, revoked_by, ended_at FROM waivers
WHERE ended_at BETWEEN $start AND $end
  AND list_contains({names_of("$control_id")}, control_id)
  AND coalesce(account_id, $account_id) = $account_id AND coalesce(resource_id, $resource_id) = $resource_id
  AND coalesce(ou, $ou) IS NOT DISTINCT FROM $ou AND coalesce(team, $team) IS NOT DISTINCT FROM $team
"""  # noqa: S608 - our own words
_CHANGES = """
SELECT finding_id, source, title, status, from_status, reason, account_id, ou, observed_at FROM transitions
WHERE source IN ('organizations', 'control-tower', 'baseline') AND finding_id <> $id
  AND observed_at BETWEEN $start AND $end AND observed_at > $first
  AND (status = 'fail' OR (status = 'pass' AND from_status IS DISTINCT FROM 'unknown'))
  AND (account_id = $account OR resource_id = $account OR starts_with(resource_id, 'r-')
       OR starts_with(control_id, 'landing-zone/')
       OR (ou = $ou AND resource_type NOT IN ('AWS::::Account', 'AWS::Organizations::Account')))
ORDER BY observed_at DESC LIMIT 50
"""
_OWNERS = """
WITH seen AS (
  SELECT DISTINCT r.started_at AS seen_at, c.ou, c.team FROM coverage c JOIN runs r ON r.id = c.run_id
  WHERE c.account_id = $account
), pairs AS (
  SELECT seen_at, ou, team, lag(ou) OVER (ORDER BY seen_at) AS ou_before,
         lag(team) OVER (ORDER BY seen_at) AS team_before, row_number() OVER (ORDER BY seen_at) AS nth
  FROM seen
)
SELECT * FROM pairs
WHERE nth > 1 AND seen_at BETWEEN $start AND $end
  AND (ou IS DISTINCT FROM ou_before OR team IS DISTINCT FROM team_before)
"""
