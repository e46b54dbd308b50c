"""Account settings: whether what accounts were born with is still so, read back from each account as on its first day.

Only of accounts to which it was promised: those that were made or adopted here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from zlib import crc32

from audit.calls import Calls, CountedAws
from audit.estate import AuditedAccount, Estate
from audit.finding import (
    ACCOUNT_TYPE,
    ANY_CONTROL,
    Cell,
    Control,
    Observation,
    Reading,
    Seen,
    Severity,
    State,
    Unchanged,
    Unknown,
)
from audit.sources.interface import Known, Plan, Shard
from guardrails.guardrail import Guardrail
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.ports import Baseline, Holds, NewAccount, Promise
from vending.ports import Reading as ReadBack

NAME = "baseline"
SHARD_ACCOUNTS = 5
CALLS = 1.5
"""Calls for one setting, about: some take two."""
AT_ONCE = 50
"""Up to so many accounts, every run reads all; beyond, an incremental run reads one account in `TURNS`."""
TURNS = 20
WORKERS = 4


@dataclass
class BaselineSource:
    """The settings of the baseline, by the same read-back as after an account was made."""

    make: Callable[[Aws], Baseline]
    """The baseline, reading through these clients."""
    catalogue: Sequence[Guardrail]
    clock: Clock
    name: str = NAME

    def territory(self, estate: Estate) -> Sequence[Cell]:
        """Every account that has a baseline of ours."""
        return [Cell(NAME, ANY_CONTROL, one.account_id, estate.home_region) for one in _promised(estate)]

    def plan(self, calls: Calls, estate: Estate, known: Known) -> Plan:
        """What was promised to whom takes no call; the promises are read back account by account."""
        baseline = self.make(CountedAws(calls))
        accounts = list(_promised(estate))
        due = [one for one in accounts if not known.is_incremental or len(accounts) <= AT_ONCE or _is_due(one, known)]
        ready = [
            Reading(cell, Unchanged(), self.clock.now())
            for account in accounts
            if account not in due
            for cell in _cells(baseline, account, estate)
        ]
        shards = [
            _shard(baseline, nth, due[start : start + SHARD_ACCOUNTS], estate)
            for nth, start in enumerate(range(0, len(due), SHARD_ACCOUNTS))
        ]
        controls = [
            Control(NAME, one.id, one.title, Severity.HIGH, one.frameworks) for one in self.catalogue if one.setting
        ]
        whole = Control(NAME, ANY_CONTROL, "Every setting of the baseline")
        return Plan(tuple(ready), tuple(shards), (*controls, whole))

    def collect(self, calls: Calls, shard: Shard) -> Iterator[Reading]:
        """Every setting of some accounts."""
        baseline = self.make(CountedAws(calls))
        for account in map(_account, shard.work["accounts"]):
            promises = [one for one in baseline.describe(account) if one.applied]
            with ThreadPoolExecutor(WORKERS) as pool:
                read = pool.map(lambda promise: baseline.verify(account, promise.id), promises)  # noqa: B023 - used up here
                for promise, found in zip(promises, read, strict=True):
                    cell = _cell(account.account_id, promise, shard.work["home_region"])
                    yield Reading(cell, _answer(account.account_id, found), found.read_at)


def _promised(estate: Estate) -> Iterator[AuditedAccount]:
    return (one for one in estate.accounts.values() if one.baseline and one.ou_class)


def _is_due(account: AuditedAccount, known: Known) -> bool:
    cells = [held for cell, held in known.held.items() if cell.account_id == account.account_id]
    seen = bool(cells) and not any(held.dark for held in cells)
    return not seen or crc32(account.account_id.encode()) % TURNS == known.turn % TURNS


def _cells(baseline: Baseline, account: AuditedAccount, estate: Estate) -> Iterator[Cell]:
    for promise in baseline.describe(_account(_plain(account))):
        if promise.applied:
            yield _cell(account.account_id, promise, estate.home_region)


def _cell(account_id: str, promise: Promise, home_region: str) -> Cell:
    return Cell(NAME, promise.guardrail, account_id, promise.region or home_region)


def _shard(baseline: Baseline, nth: int, accounts: Sequence[AuditedAccount], estate: Estate) -> Shard:
    settings = sum(1 for account in accounts for _ in _cells(baseline, account, estate))
    work = {"accounts": [_plain(one) for one in accounts], "home_region": estate.home_region}
    return Shard(f"{NAME}-{nth:05}", NAME, round(settings * CALLS), work)


def _plain(account: AuditedAccount) -> dict[str, str]:
    return {
        "account_id": account.account_id,
        "name": account.name,
        "team": account.team or "",
        "ou_class": account.ou_class,
    }


def _account(about: Mapping[str, str]) -> NewAccount:
    return NewAccount(about["account_id"], about["name"], about["team"], about["ou_class"])


def _answer(account_id: str, found: ReadBack) -> Seen | Unknown:
    if found.holds is Holds.UNKNOWN:
        return Unknown(found.found)
    state = State.PASS if found.holds is Holds.YES else State.FAIL
    reason = "" if state is State.PASS else f"Expected: {found.expected}. Found: {found.found}."
    return Seen((Observation(account_id, ACCOUNT_TYPE, state, reason, found.read_at),))
