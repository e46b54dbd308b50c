"""The ledger with 1,000,000 findings and 36,000,000 changes of state: how fast it takes runs in, and answers.

Measured in a process of its own, whose memory counts too. The peer of the ingest is DuckDB itself, sorting the same
findings from Parquet to Parquet right afterwards: the ratio says as much on a busy machine as on an idle one.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.estate import AuditedAccount
from audit.finding import Cell, Control, Observation, Reading, Seen, Severity, State
from audit.ledger.batch import Batch, write_batch
from audit.ledger.head import HEAD
from audit.ledger.ledger import Ledger
from audit.ledger.store import StoredFile
from audit.ledger.tables import connect, save_parquet
from audit.query.filters import Filters
from audit.query.reader import Reader
from audit.run import Run, RunState
from tests.bench.measure import Figures, figure
from tests.bench.shelf import Shelf
from vending.core.company import Company, load_company
from vending.core.errors import NotFound
from vending.core.identity import Caller
from vending.ports import Account, AccountState

ACME = Path("examples/acme/freehold.yaml")
ACCOUNTS = 1_000
RULES = 300
ROWS = 1_000_000
MONTHS = 36
ASKED = 20
INGEST = 150_000
QUERY_MS = 150.0
MEMORY_MB = 512.0
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")
_HISTORY = """
SELECT finding_id, source, control_id, title, severity, CASE WHEN {month} % 2 = 0 THEN 'fail' ELSE 'pass' END
       AS from_status, CASE WHEN {month} % 2 = 0 THEN 'pass' ELSE 'fail' END AS status, reason, account_id, team, ou,
       region, resource_id, resource_type, TIMESTAMP '{at}' AS valid_at, TIMESTAMP '{at}' AS observed_at,
       'run-{month}' AS run_id
FROM read_parquet({files}) ORDER BY account_id, finding_id
"""


@dataclass
class Still:
    """A clock that is set."""

    at: datetime = NINE

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Book:
    """An account book of just these accounts."""

    accounts: tuple[Account, ...]

    def all(self) -> tuple[Account, ...]:
        return self.accounts

    def get(self, account_id: str) -> Account:
        for account in self.accounts:
            if account.account_id == account_id:
                return account
        raise NotFound(f"There is no account {account_id}.")


def figures() -> Figures:
    """What the process of its own measured."""
    command = [sys.executable, "-m", "tests.bench.audit_ledger"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        told = json.loads(line)
        yield figure(told["name"], told["value"], told["unit"], told["bound"], told["n"])


def main() -> None:
    """Everything, one figure a line; each part in a process of its own, so that each has its own peak of memory."""
    with TemporaryDirectory() as folder:
        for part in PARTS:
            subprocess.run([sys.executable, "-m", "tests.bench.audit_ledger", part, folder], check=True)


def ingest(folder: Path) -> None:
    """Two runs into an empty ledger."""
    clock = Still()
    ledger = Ledger(Shelf(folder / "shelf"), clock)
    batch = Batch(folder, ("config",))
    for number in range(2):
        clock.at = NINE + timedelta(hours=number)
        _ingest(ledger, batch, clock, number)
    _tell("memory of ingest, peak", _peak(), "MB", MEMORY_MB, 1)


def remember(folder: Path) -> None:
    """Three years of history: nothing is measured."""
    shelf = Shelf(folder / "shelf")
    _remember(shelf, Ledger(shelf, Still()))


def ask(folder: Path) -> None:
    """What the portal asks."""
    clock = Still(NINE + timedelta(hours=2))
    reader = Reader(Ledger(Shelf(folder / "shelf"), clock), Book(_accounts()), clock)
    for name, question in _questions(reader).items():
        _tell(f"{name}, 95th percentile", _percentile(question), "ms", QUERY_MS, ASKED)
    _tell("memory of queries, peak", _peak(), "MB", MEMORY_MB, 1)


PARTS: Mapping[str, Callable[[Path], None]] = {"ingest": ingest, "remember": remember, "ask": ask}


def _ingest(ledger: Ledger, batch: Batch, clock: Still, number: int) -> None:
    kind = "first run" if number == 0 else "reconcile, 1 % changed"
    start = time.perf_counter()
    rows = sum(_write_shard(batch, nth, clock.at, number) for nth in range(ACCOUNTS // 10))
    _tell(f"write down readings, {kind}", rows / (time.perf_counter() - start), "rows/s", INGEST, 1)
    batch.describe(_controls(), (AuditedAccount(a.account_id, a.name, a.team, a.ou) for a in _accounts()))
    run = Run(id=f"run-{number}", state=RunState.RUNNING, started_at=clock.at, started_by="grace")
    start = time.perf_counter()
    ledger.merge(batch, run, _end)
    merged = time.perf_counter() - start
    start = time.perf_counter()
    _sort_again(ledger, batch.folder)
    sorted_again = time.perf_counter() - start
    _tell(f"ingest, {kind}", rows / merged, "rows/s", INGEST, 1)
    _tell(f"ingest beside DuckDB sorting the findings, {kind}", merged, "s", sorted_again, 1)


def _write_shard(batch: Batch, nth: int, at: datetime, flip: int) -> int:
    rows = 0
    with write_batch(batch, f"shard-{nth:03}") as writer:
        for account in range(nth * 10, nth * 10 + 10):
            for rule in range(RULES):
                seen = tuple(_observe(account, rule, k, flip) for k in range(4 if rule % 3 == 0 else 3))
                rows += len(seen)
                cell = Cell("config", _rule(rule), _account_id(account), REGIONS[rule % 3])
                writer.add(Reading(cell, Seen(seen), at))
    return rows


def _observe(account: int, rule: int, k: int, flip: int) -> Observation:
    failing = ((account * 7 + rule * 3 + k) % 20 == 0) != (flip and (account + rule + k) % 100 == 0)
    state, reason = (State.FAIL, "Generated: the resource does not comply.") if failing else (State.PASS, "")
    return Observation(f"acme-{account}-{rule}-{k}", "AWS::S3::Bucket", state, reason, NINE)


def _sort_again(ledger: Ledger, folder: Path) -> None:
    files = [str(path) for path in ledger.fetch(ledger.head().findings)]
    with connect(folder / "spill") as connection:
        order = "ORDER BY account_id, source, control_id, region, resource_id"
        save_parquet(connection, f"FROM read_parquet({files}) {order}", folder / "again.parquet")


def _remember(shelf: Shelf, ledger: Ledger) -> None:
    """Three years of history, a million changes a month."""
    head = ledger.head()
    files = [str(path) for path in ledger.fetch(head.findings)]
    history: list[StoredFile] = []
    for month in range(MONTHS):
        at = datetime(2023 + (month + 2) // 12, (month + 2) % 12 + 1, 15, tzinfo=UTC)
        path = shelf.folder / "month.parquet"
        with connect(shelf.folder / "spill") as connection:
            rows = save_parquet(connection, _HISTORY.format(month=month, at=f"{at:%Y-%m-%d}", files=files), path)
        history.append(shelf.keep("transitions", path, rows, f"{at:%Y-%m}"))
    after = head.model_copy(update={"transitions": (*history, *head.transitions)})
    shelf.write(HEAD, after.model_dump_json().encode())


def _questions(reader: Reader) -> Mapping[str, Callable[[], object]]:
    company = load_company(ACME)
    sam, ada = _person(company, "sam"), _person(company, "ada")
    waived = replace(reader, waivers=_waivers)
    one = reader.findings(sam, Filters(status=("fail",)), 1).items[0]
    old = {**one, "first_seen": "2023-03-15T00:00:00.000Z"}
    account = Filters(account=(one["account_id"],))
    failing = Filters(status=("fail",), severity=("high",))
    worst = "SELECT account_id, compliance FROM accounts"
    recent = "SELECT * FROM transitions WHERE observed_at > TIMESTAMP '2026-02-23' LIMIT 1000"
    return {
        "page of findings": lambda: reader.findings(sam, Filters(), 50),
        "page of findings of a team": lambda: reader.findings(ada, Filters(), 50),
        "page of failures of one severity": lambda: reader.findings(sam, failing, 50),
        "page of a control": lambda: reader.findings(sam, Filters(control=(_rule(7),)), 50),
        "page of an account": lambda: reader.findings(sam, account, 50),
        "page of what changed since": lambda: reader.findings(sam, Filters(since=NINE + timedelta(minutes=1)), 50),
        "page of words": lambda: reader.findings(sam, Filters(q="acme-17 title"), 50),
        "facets": lambda: reader.facets(sam, Filters()),
        "facets under filters": lambda: reader.facets(sam, Filters(status=("fail",), region=("eu-west-1",))),
        "facets under words": lambda: reader.facets(sam, Filters(q="acme-17 title")),
        "counts": lambda: reader.count(sam, Filters()),
        "one finding": lambda: reader.finding(sam, one["finding_id"]),
        "history of one finding, three years": lambda: reader.history(sam, one["finding_id"], old),
        "changes of the last week": lambda: reader.ask(sam, ("transitions",), recent),
        "compliance of every account": lambda: reader.ask(sam, ("accounts",), worst),
        "page of findings, ten waivers": lambda: waived.findings(sam, Filters(), 50),
        "page of what is waived": lambda: waived.findings(sam, Filters(status=("waived",)), 50),
        "facets, ten waivers": lambda: waived.facets(sam, Filters()),
        "counts, ten waivers": lambda: waived.count(sam, Filters()),
    }


def _waivers() -> list[dict[str, object]]:
    """Ten that cover a control each, everywhere in an OU."""
    ends: dict[str, object] = {
        "proposed_at": "2026-03-01T00:00:00Z",
        "approved_at": "2026-03-01T00:00:00Z",
        "ended_at": None,
    }
    about: dict[str, object] = {
        "ou": "Dev",
        "state": "active",
        "expires_at": "2026-06-01T00:00:00Z",
        "owner": "ada",
        "approver": "rosa",
    }
    return [
        {"id": f"wvr-{n}", "control_id": _rule(n * 30), "reason": "r", "ticket": "T-1"} | ends | about
        for n in range(10)
    ]


def _percentile(ask: Callable[[], object]) -> float:
    ask()
    times = []
    for _ in range(ASKED):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[int(ASKED * 0.95) - 1]


def _accounts() -> tuple[Account, ...]:
    teams = list(load_company(ACME).teams)
    return tuple(_account(n, teams[n % len(teams)]) for n in range(ACCOUNTS))


def _account(number: int, team: str) -> Account:
    return Account(
        account_id=_account_id(number),
        name=f"account-{number}",
        team=team,
        ou="Dev",
        template=None,
        state=AccountState.ACTIVE,
        request_id=None,
        email="x@acme.example",
        baseline_version=None,
        monthly_budget_usd=None,
        regions=("eu-west-1",),
        tags={},
        created_at=None,
        ends_at=None,
    )


def _person(company: Company, name: str) -> Caller:
    return company.caller(name, company.people[name].groups)


def _end(run: Run, counts: Mapping[str, int]) -> Run:
    return run.model_copy(update={"state": RunState.SUCCEEDED, "ended_at": NINE, "counts": dict(counts)})


def _controls() -> list[Control]:
    names = (_rule(rule) for rule in range(RULES))
    return [Control("config", name, f"Title of {name}", Severity.HIGH, ("NIST-SP-800-53-r5 AC-3",)) for name in names]


def _rule(number: int) -> str:
    return f"OrgConfigRule-generated-rule-{number:03}-abcdefgh"


def _account_id(number: int) -> str:
    return f"{100_000_000_000 + number * 7919}"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(name: str, value: float, unit: str, bound: float, n: int) -> None:
    print(json.dumps({"name": name, "value": value, "unit": unit, "bound": bound, "n": n}), flush=True)  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PARTS[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
