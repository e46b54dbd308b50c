"""What tests of the audit stand on: an auditor on the local cloud, accounts of teams, and ledgers of readings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from audit.estate import AuditedAccount
from audit.finding import Answer, Cell, Control, Observation, Reading, Seen, Severity, State, Unknown
from audit.ledger.batch import Batch, write_batch
from audit.ledger.ledger import Ledger
from audit.ledger.store import Store
from audit.run import Run, RunState
from audit.service import Audit, VaultPlace
from infra.local.provision import make_evidence_bucket, make_signing_key
from tests.cloud import Cloud
from tests.vending.parts import make_table
from vending.core.aws import Aws
from vending.core.company import Company, load_company
from vending.core.errors import NotFound
from vending.core.identity import Caller
from vending.core.signing import KmsSigner
from vending.ports import Account, AccountBook, AccountState

ACME = Path("examples/acme/freehold.yaml")
BUCKET = "freehold-findings-123456789012"
EVIDENCE = "freehold-evidence-123456789012"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULE = "s3-bucket-public-read-prohibited"
PAYMENTS = AuditedAccount("111111111111", "payments-dev", "payments", "Dev")
SEARCH = AuditedAccount("222222222222", "search-dev", "search", "Dev")


@cache
def acme() -> Company:
    """Read once: it is frozen, and reading it takes a fifth of a second."""
    return load_company(ACME)


def person(name: str) -> Caller:
    company = acme()
    return company.caller(name, company.people[name].groups)


@dataclass(frozen=True)
class Session:
    """Takes the part of a boto3 session: the clients that the cloud's tests have open already."""

    cloud: Cloud

    def client(self, service: str, region_name: str, **_: Any) -> Any:
        return self.cloud.client(service, region_name)


def connect(cloud: Cloud) -> Aws:
    """AWS as the product sees it, with the cloud behind it and the ledger's bucket in it."""
    location: Any = {"LocationConstraint": "eu-west-1"}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    return connect_again(cloud)


def connect_again(cloud: Cloud) -> Aws:
    """The same as another process sees it: the bucket is there."""
    return Aws(Session(cloud), "eu-west-1")


@dataclass
class Book:
    """The accounts of the organisation, with owners as the test says."""

    cloud: Cloud
    owners: dict[str, str] = field(default_factory=dict)
    """Account id -> team."""
    furnished: bool = False
    """Whether those with an owner were promised the settings of the baseline."""

    def all(self) -> list[Account]:
        organizations = self.cloud.client("organizations")
        pages = organizations.get_paginator("list_accounts").paginate()
        found = [one for page in pages for one in page["Accounts"]]
        return [self._account(one["Id"], one["Name"], one["Email"], organizations) for one in found]

    def get(self, account_id: str) -> Account:
        for account in self.all():
            if account.account_id == account_id:
                return account
        raise NotFound(f"There is no account {account_id}.")

    def _account(self, account_id: str, name: str, email: str, organizations: Any) -> Account:
        parent = organizations.list_parents(ChildId=account_id)["Parents"][0]
        ou = "Root"
        if parent["Type"] == "ORGANIZATIONAL_UNIT":
            about = organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])
            ou = about["OrganizationalUnit"]["Name"]
        account = account_of(account_id, name, self.owners.get(account_id), ou, email)
        promised = "1" if self.furnished and account.team else None
        return account.model_copy(update={"baseline_version": promised})


def account_of(account_id: str, name: str, team: str | None, ou: str, email: str = "x@acme.example") -> Account:
    return Account(
        account_id=account_id,
        name=name,
        team=team,
        ou=ou,
        ou_class=acme().class_of(ou),
        template=None,
        state=AccountState.ACTIVE,
        request_id=None,
        email=email,
        baseline_version=None,
        monthly_budget_usd=None,
        regions=("eu-west-1",),
        tags={},
        created_at=None,
        ends_at=None,
    )


@dataclass(frozen=True)
class FixedBook:
    """An account book of just these accounts."""

    accounts: tuple[Account, ...]

    def all(self) -> tuple[Account, ...]:
        return self.accounts

    def get(self, account_id: str) -> Account:
        for account in self.accounts:
            if account.account_id == account_id:
                return account
        raise NotFound(f"There is no account {account_id}.")


def make_audit(cloud: Cloud, folder: Path, book: AccountBook | None = None) -> Audit:
    """The whole audit on the cloud; waiting is the cloud's clock moving on."""

    def pause(seconds: float) -> None:
        cloud.clock.advance(seconds)

    return open_audit(cloud, folder, book or Book(cloud), pause)


def open_audit(
    cloud: Cloud,
    folder: Path,
    book: AccountBook | None = None,
    pause: Callable[[float], None] = print,
) -> Audit:
    """The whole audit, with nothing in it yet; its accounts are those of `fill_ledger` unless a book is given."""
    aws = connect(cloud)
    table = make_table(cloud, aws)
    vault = make_vault(aws)
    return Audit(aws, acme(), cloud.clock, book or COMPANY_BOOK, BUCKET, folder, table, vault, pause)


def make_vault(aws: Aws) -> VaultPlace:
    """The locked bucket, and the key that signs."""
    make_evidence_bucket(aws, EVIDENCE)
    make_signing_key(aws)
    return VaultPlace(EVIDENCE, KmsSigner(aws))


def make_ledger(cloud: Cloud, folder: Path) -> Ledger:
    return Ledger(Store(connect(cloud), BUCKET, folder), cloud.clock)


def cell(account: AuditedAccount = PAYMENTS, control: str = RULE, region: str = "eu-west-1") -> Cell:
    return Cell("config", control, account.account_id, region)


def reading(answer: Answer, where: Cell | None = None, at: datetime = NINE) -> Reading:
    return Reading(where or cell(), answer, at)


def bucket(name: str, state: State, since: datetime = NINE, reason: str = "") -> Observation:
    return Observation(name, "AWS::S3::Bucket", state, reason, since)


def batch_of(
    folder: Path,
    readings: Iterable[Reading],
    accounts: Iterable[AuditedAccount] = (PAYMENTS, SEARCH),
    sources: tuple[str, ...] = ("config",),
) -> Batch:
    """A batch on disk, in a folder of its own."""
    place = folder / f"batch-{len(list(folder.iterdir()))}" if folder.exists() else folder / "batch-0"
    place.mkdir(parents=True)
    batch = Batch(place, sources)
    with write_batch(batch) as writer:
        for one in readings:
            writer.add(one)
    controls = [
        Control(source, control, f"Title of {control}", Severity.HIGH) for source, control in sorted(writer.controls)
    ]
    batch.describe(controls, accounts)
    return batch


def run_of(number: int) -> Run:
    return Run(id=f"run-{number}", state=RunState.RUNNING, started_at=NINE, started_by="grace")


def end(run: Run, counts: Mapping[str, int]) -> Run:
    """Finish a run that saw everything."""
    return run.model_copy(
        update={"state": RunState.SUCCEEDED, "ended_at": NINE, "coverage": 1.0, "counts": dict(counts)}
    )


MANAGEMENT = AuditedAccount("123456789012", "Management", None, "Root")
LOGS = AuditedAccount("333333333333", "Log Archive", None, "Security")
PASSWORDS = "OrgConfigRule-iam-password-policy-abcdefgh"
COMPANY_BOOK = FixedBook(
    tuple(account_of(a.account_id, a.name, a.team, a.ou) for a in (PAYMENTS, SEARCH, MANAGEMENT, LOGS))
)
"""The accounts of `fill_ledger`."""


def fill_ledger(ledger: Ledger, folder: Path, number: int = 1, at: datetime = NINE) -> Run:
    """A run over two teams' accounts and two of the platform: failures, passes, places that did not answer."""
    return end_run(ledger, folder, run_of(number).model_copy(update={"started_at": at}), at)


def end_run(ledger: Ledger, folder: Path, run: Run, at: datetime = NINE, state: RunState = RunState.PARTIAL) -> Run:
    """Give a run these findings and its end."""
    batch = batch_of(folder, company_readings(at), (PAYMENTS, SEARCH, MANAGEMENT, LOGS), ("config", "control-tower"))
    return ledger.merge(batch, run, end_at(at, state))


def company_readings(at: datetime = NINE) -> list[Reading]:
    """What such a run reads: 40 findings."""
    public = Observation("shop", "AWS::S3::Bucket", State.FAIL, "It is public.", at)
    none = Observation(PAYMENTS.account_id, "AWS::::Account", State.NOT_APPLICABLE, "Nothing in scope.", at)
    drift = Observation("arn:aws:organizations::1:ou/o-1/ou-2", "AWS::ControlTower::EnabledControl", State.PASS, "", at)
    return [
        reading(Seen((public, *(bucket(f"bucket-{n}", State.PASS, at) for n in range(12)))), cell(PAYMENTS), at),
        reading(Seen(tuple(bucket(f"index-{n}", State.PASS, at) for n in range(20))), cell(SEARCH), at),
        reading(Seen((replace(public, resource_id="logs"),)), cell(SEARCH, region="us-east-1"), at),
        reading(Seen((replace(public, resource_id=PAYMENTS.account_id),)), cell(PAYMENTS, PASSWORDS), at),
        reading(Seen((none,)), cell(PAYMENTS, "rds-storage-encrypted"), at),
        reading(Unknown("The source is OUTDATED."), cell(LOGS), at),
        reading(Unknown("Config reports no rule here."), cell(MANAGEMENT, "*"), at),
        reading(
            Seen((replace(drift, ou="Prod"), replace(drift, resource_id="arn:ou-3", ou="Security"))),
            Cell("control-tower", "arn:aws:controlcatalog:::control/abc", MANAGEMENT.account_id, "eu-west-1"),
            at,
        ),
    ]


def end_at(at: datetime, state: RunState = RunState.PARTIAL) -> Callable[[Run, Mapping[str, int]], Run]:
    def finish(run: Run, counts: Mapping[str, int]) -> Run:
        told = {"ended_at": at, "coverage": 0.75, "expected_cells": 8, "observed_cells": 6, "counts": dict(counts)}
        reason = "2 of 8 were not seen." if state is RunState.PARTIAL else ""
        costs = {"state": state, "reason": reason, "calls": 12, "predicted_calls": 12}
        return run.model_copy(update=told | costs)

    return finish
