"""What was read back from an account, item by item: the evidence that every promise is kept, dated and signed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from vending.core.errors import AwsFailed
from vending.core.organization import read_member
from vending.core.signing import Signature, canonical
from vending.core.table import Document, Table
from vending.ports import Holds, Promise, Reading
from vending.requests.record import Record
from vending.workflow.services import Services
from vending.workflow.step import Parked
from vending.workflow.steps import create_account, grant_access, set_budget

Read = Callable[[], Reading]
READS = 4
"""How often in one look AWS is asked about a promise while it does not answer."""
PROMISED_BY_VENDING = {
    "ou": "It lives in its OU",
    "tags": "Its tags say whose it is",
    set_budget.PROMISE: "Its budget",
    grant_access.PROMISE: "The team's access",
}


class EvidenceItem(BaseModel):
    """One promise and what AWS answered about it."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    guardrail: str | None
    region: str | None
    holds: Holds
    expected: str
    found: str
    read_at: datetime
    settling: bool = Field(default=False, exclude=True)
    """Whether what does not hold yet comes about by itself: of the moment, and no part of what is kept and signed."""


class Evidence(BaseModel):
    """Everything promised for an account, read back at one time."""

    model_config = ConfigDict(frozen=True)

    company: str = ""
    account_id: str
    account_name: str = ""
    team: str = ""
    request_id: str
    request_hash: str = ""
    """Of what was asked, as it was approved."""
    taken_at: datetime
    baseline_version: str
    items: tuple[EvidenceItem, ...]
    signature: Signature | None = None
    """Over everything else in canonical form; None for what was read before there were signatures."""

    @property
    def missing(self) -> tuple[EvidenceItem, ...]:
        """Items that do not hold, or of which it is not known whether they do."""
        return tuple(item for item in self.items if item.holds is not Holds.YES)

    @property
    def content(self) -> bytes:
        """What is signed: the evidence without its signature, as `jq -cjS 'del(.signature)'` writes it."""
        return canonical(self.model_dump(mode="json", exclude={"signature"}))

    def document(self) -> Document:
        """As the table keeps it; every reading is kept."""
        taken = self.taken_at.isoformat()
        return Document(f"ACCOUNT#{self.account_id}", f"EVIDENCE#{taken}", self.model_dump(mode="json"))


def read_back(services: Services, record: Record) -> Evidence:
    """Ask AWS about every promise. What does not answer is unknown, with the reason.

    Raises:
        AwsFailed: when KMS does not sign what was read.
    """
    read = Evidence(
        company=services.company.name,
        account_id=str(record.account_id),
        account_name=record.asked.name,
        team=record.asked.team,
        request_id=record.id,
        request_hash=record.asked.hash,
        taken_at=services.clock.now(),
        baseline_version=services.baseline.version,
        items=tuple(_answered(services, (*_vending_reads(services, record), *_baseline_reads(services, record)))),
    )
    return read.model_copy(update={"signature": services.signer.sign(read.content)})


def latest(table: Table, account_id: str) -> Evidence | None:
    """The newest evidence kept of an account."""
    kept = list(table.under(f"ACCOUNT#{account_id}", "EVIDENCE#"))
    return Evidence(**kept[-1].body) if kept else None


def _answered(services: Services, reads: Iterable[tuple[Promise, Read]]) -> Iterator[EvidenceItem]:
    """Every promise, read again a few times where AWS did not answer."""
    for promise, read in reads:
        items = (_item(promise, read, services) for _ in range(READS))
        last = next(items)
        while last.holds is Holds.UNKNOWN and (again := next(items, None)):
            last = again
        yield last


def _vending_reads(services: Services, record: Record) -> Iterator[tuple[Promise, Read]]:
    reads: dict[str, Read] = {
        "ou": lambda: _read_ou(services, record),
        "tags": lambda: _read_tags(services, record),
        set_budget.PROMISE: lambda: set_budget.read(services, record),
        grant_access.PROMISE: lambda: grant_access.read(services, record),
    }
    for id_, title in PROMISED_BY_VENDING.items():
        yield Promise(id_, title, "", None, applied=True), reads[id_]


def _baseline_reads(services: Services, record: Record) -> Iterator[tuple[Promise, Read]]:
    account = record.new_account(services.company)
    for promise in services.baseline.describe(account):
        yield promise, partial(services.baseline.verify, account, promise.id)


def _item(promise: Promise, read: Read, services: Services) -> EvidenceItem:
    try:
        reading = read()
    except (AwsFailed, Parked) as error:
        reading = Reading(promise.id, Holds.UNKNOWN, "an answer", error.sentence, services.clock.now())
    return EvidenceItem(
        id=promise.id,
        title=promise.title,
        guardrail=promise.guardrail or None,
        region=promise.region,
        holds=reading.holds,
        expected=reading.expected,
        found=reading.found,
        read_at=reading.read_at,
        settling=reading.settling,
    )


def _read_ou(services: Services, record: Record) -> Reading:
    """The account stands in its OU, or in one below that the company file gives no other class."""
    company, wanted = services.company, services.ou_of(record)
    _, names = read_member(services.aws, record.account_id or "", company)
    holds = Holds.YES if company.class_below(names) == company.class_of(wanted) else Holds.NO
    return Reading("ou", holds, wanted, "/".join(names), services.clock.now())


def _read_tags(services: Services, record: Record) -> Reading:
    pages = services.organizations.pages("list_tags_for_resource", ResourceId=record.account_id)
    found = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    wanted = create_account.tags_of(record)
    ours = {key: value for key, value in found.items() if key in wanted}
    return _reading("tags", _listed(wanted), _listed(ours), services)


def _listed(tags: dict[str, str]) -> str:
    return ", ".join(f"{key}={tags[key]}" for key in sorted(tags))


def _reading(id_: str, expected: str, found: str, services: Services) -> Reading:
    return Reading(id_, Holds.YES if expected == found else Holds.NO, expected, found, services.clock.now())
