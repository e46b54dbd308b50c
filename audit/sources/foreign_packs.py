"""Our packs where they do not belong: what their rules say is no obligation of the account.

A pack of the organisation reaches an account before anybody could say which class it is of, and leaves it some time
after it has moved. Meanwhile Config judges it by the rules of other classes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from audit.calls import Calls
from audit.catalogue import plain_name
from audit.estate import AuditedAccount, Estate
from audit.finding import ACCOUNT_TYPE, Cell, Observation, Seen, State
from audit.sources.aggregator import Place
from guardrails.compiler.conformance import ConformancePack
from guardrails.guardrail import QUARANTINE
from vending.core.clock import Clock
from vending.core.errors import AwsFailed

DEPLOYED = "OrgConformsPack-"
FROM_PACK = "-conformance-pack-"
"""Between the name of a rule that a pack brought, and the pack's id in the account."""
PLACES = 500
"""Accounts and regions that are asked which rules such a pack brought; beyond, these stand as Config reports them."""
WORKERS = 8
ROOT = "Root"
"""How AWS calls the place where accounts are born."""


@dataclass(frozen=True)
class Obligations:
    """Which of our packs bind accounts of which class."""

    classes: Mapping[str, tuple[str, ...]]
    """Name of a pack -> the OU classes that it is for."""
    rules: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Region and name of a rule -> the packs there that bring it."""

    @classmethod
    def of(cls, packs: Iterable[ConformancePack]) -> "Obligations":
        """Those that were compiled."""
        packs = tuple(packs)
        rules: defaultdict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
        for pack in packs:
            for resource in json.loads(pack.template)["Resources"].values():
                rules[pack.region, resource["Properties"]["ConfigRuleName"]] += (pack.name,)
        return cls({pack.name: pack.ou_classes for pack in packs}, rules)

    def complaint(self, deployed: str, account: AuditedAccount) -> str:
        """Why a pack, by its name in an account, does not bind it; empty where it does, or is none of ours.

        Between classes, at the root and in quarantine, what binds every class binds.
        """
        ours = deployed.startswith(DEPLOYED)
        return self._complaint(deployed.removeprefix(DEPLOYED).rpartition("-")[0], account) if ours else ""

    def complaint_of_rule(self, cell: Cell, account: AuditedAccount) -> str:
        """The same of a rule by its name alone: why none of the packs of ours that bring it binds the account."""
        name = plain_name(cell.control_id)
        packs = self.rules.get((cell.region, name), ()) if FROM_PACK in cell.control_id else ()
        found = [self._complaint(pack, account) for pack in packs]
        return found[0] if found and all(found) else ""

    def _complaint(self, name: str, account: AuditedAccount) -> str:
        wanted = self.classes.get(name, ())
        between = account.ou == ROOT or account.ou_class == QUARANTINE
        if not wanted or account.ou_class in wanted or (not account.ou_class and not between):
            return ""
        if between and set(wanted) >= {each for classes in self.classes.values() for each in classes}:
            return ""
        return (
            f"Conformance pack {name} is for accounts of {', '.join(wanted)}, and this one is in OU {account.ou}: "
            "its rules are no obligation here. Packs follow accounts every few minutes."
        )


@dataclass(frozen=True)
class ForeignPacks:
    """The packs that do not bind the accounts they are in, and the rules that they brought."""

    packs: Mapping[tuple[str, str, str], str]
    """Account id, region and name of a pack -> why it does not bind."""
    endings: Mapping[Place, Mapping[str, str]]
    """What the names of such a pack's rules end with -> why they do not bind."""

    def why(self, cell: Cell) -> str:
        """Why the rule or pack of a cell does not bind its account; empty where it does."""
        place = (cell.account_id, cell.region)
        told = self.endings.get(place, {})
        found = (why for ending, why in told.items() if cell.control_id.endswith(ending))
        return self.packs.get((*place, cell.control_id.rpartition("/")[2])) or next(found, "")


def find_foreign(
    calls: Calls, rows: Iterable[Mapping[str, str]], estate: Estate, obligations: Obligations
) -> ForeignPacks:
    """Among the packs that the aggregator lists. An account that does not answer is judged as Config reports it."""
    found = {
        (row["AccountId"], row["AwsRegion"], row["ConformancePackName"]): why
        for row in rows
        if row["AccountId"] in estate.accounts
        and (why := obligations.complaint(row["ConformancePackName"], estate.accounts[row["AccountId"]]))
    }
    by_place: defaultdict[Place, dict[str, str]] = defaultdict(dict)
    for (account, region, name), why in found.items():
        by_place[account, region][name] = why
    asked = sorted(by_place)[:PLACES]
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = pool.map(lambda place: dict(_endings(calls, place, by_place[place])), asked)
        return ForeignPacks(found, dict(zip(asked, answers, strict=True)))


def _endings(calls: Calls, place: Place, packs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names of a pack's rules end with the pack's id in that account."""
    account, region = place
    names: Sequence[str] = sorted(packs)
    try:
        for page in calls.pages("config", "describe_conformance_packs", region, account, ConformancePackNames=names):
            for pack in page["ConformancePackDetails"]:
                yield f"-{pack['ConformancePackId']}", packs[pack["ConformancePackName"]]
    except AwsFailed:
        return


def no_obligation(cell: Cell, why: str, clock: Clock) -> Seen:
    """What stands in the ledger instead of what the rule or pack says."""
    return Seen((Observation(cell.account_id, ACCOUNT_TYPE, State.NOT_APPLICABLE, why, clock.now()),))
