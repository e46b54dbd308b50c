"""A run carried out again from its own pages, by the code that carried it out, without AWS: its numbers must follow."""

import hashlib
import json
import threading
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from typing_extensions import override

from audit.calls import Answered, Calls, Keeper, refusal_of
from audit.collector import Auditor
from audit.evidence.archive import Archive
from audit.evidence.folder_store import FolderStore
from audit.evidence.manifest import Manifest, Pack
from audit.evidence.page import call_key, read_page, restore
from audit.ledger.batch import Batch
from audit.ledger.checkpoint import PLAN
from audit.ledger.head import HEAD, Head
from audit.ledger.ledger import Ledger
from audit.run import Run, RunState
from vending.core.aws import Aws, Opener
from vending.core.company import Company
from vending.core.errors import AwsUnanswered, FreeholdError, NotFound
from vending.ports import Account

OURS = "freehold"
"""The service that pages of our own state name."""
ACCOUNTS, LEDGER = "accounts", "ledger"


class NotReplayable(FreeholdError):
    """What the run's numbers follow from is not all there."""

    code = "not-replayable"
    exit_code = 6


def replay(archive: Archive, manifest: Manifest, company: Company, cache: Path) -> Run:
    """The run's record as it follows from the pages and the findings of the run before.

    Args:
        archive: where the evidence is.
        manifest: of the run; its pages were checked.
        company: the company file, as it was.
        cache: an empty folder for what is computed.

    Raises:
        NotReplayable: when the findings that the run was merged into are gone, or not what they were.
        FreeholdError: as a run itself may end.
    """
    parts = _parts(archive, manifest.packs)
    own = parts.get(PLAN, Part(())).own
    planned_on = Head.model_validate(own.get(LEDGER, manifest.before.model_dump(mode="json")))
    store = FolderStore(cache / "ledger", lambda file: _fetch(archive, file))
    clock = PageClock(manifest.run.started_at)
    ledger = _Ledger(store, clock, planned_on, manifest.before)
    book = Book(tuple(kept_account(one, company) for one in own.get(ACCOUNTS, ())))
    aws = _NoAws.connect(company.landing_zone.home_region)
    auditor = _Replayer(aws, company, clock, book, ledger, cache / "runs", lambda _: None)
    auditor.parts = parts
    auditor.keeper_of = lambda _run, part: parts.get(part) or Part(())
    ledger.record(_as_it_began(manifest.run))
    return auditor.execute(manifest.run.id)


def kept_account(kept: Mapping[str, Any], company: Company) -> Account:
    """As it was kept; before accounts carried their class, it was the class of their own OU."""
    return Account.model_validate({"ou_class": company.class_of(kept["ou"]), **kept})


class Part:
    """The pages of one part of a run, in the order in which they came."""

    def __init__(self, pages: Sequence[Mapping[str, Any]]) -> None:
        self.own: dict[str, Any] = {}
        """What the run knew beside what AWS answered, by its name."""
        self._answers: defaultdict[bytes, deque[Mapping[str, Any]]] = defaultdict(deque)
        self._lock = threading.Lock()
        for page in pages:
            if page["service"] == OURS:
                self.own[page["operation"]] = page["answer"]["content"]
            else:
                where = (page["service"], page["operation"], page["region"], page["account_id"])
                self._answers[call_key(*where, page["params"])].append(page)

    def next(self, key: bytes) -> Mapping[str, Any] | None:
        """The next answer to a call; None when there is none (any more): then AWS never gave it."""
        with self._lock:
            return self._answers[key].popleft() if self._answers[key] else None

    def keep(self, answered: Answered) -> None:
        """It is kept already."""

    def close(self) -> None:
        """Nothing is open."""


class PageClock:
    """Tells the time of the last page that was read: it is when AWS answered."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The time of the run, not of its check."""
        return self._now

    def read(self, moment: datetime) -> None:
        """A page of that moment was read; time never runs backwards."""
        with self._lock:
            self._now = max(self._now, moment)


class PageCalls(Calls):
    """Answers each call from the pages of a part; a call without a page is one that AWS did not answer."""

    def __init__(self, aws: Aws, clock: PageClock, part: Part) -> None:
        super().__init__(aws, clock, lambda _: None)
        self._pages_clock = clock
        self._part = part

    def counting(self, keeper: Keeper | None = None) -> Calls:
        """The calls of a part, by the part's own pages."""
        return PageCalls(self.aws, self._pages_clock, keeper if isinstance(keeper, Part) else self._part)

    def ask(
        self,
        service: str,
        operation: str,
        region: str | None = None,
        account_id: str | None = None,
        *,
        may_be_empty: bool = False,  # noqa: ARG002 - what is kept was taken
        **params: Any,
    ) -> dict[str, Any]:
        """As it was answered then.

        Raises:
            AwsFailed: as AWS refused it; AwsUnanswered when no page answers it.
        """
        self.count(service, operation)
        page = self._part.next(call_key(service, operation, region, account_id, params))
        if page is None:
            sentence = f"No page of the run answers {service}:{operation}."
            raise AwsUnanswered(sentence, service=service, operation=operation)
        self._pages_clock.read(page["at"])
        answer: dict[str, Any] = page["answer"]
        if refusal := refusal_of(answer):
            raise refusal
        return answer


@dataclass(frozen=True)
class Book:
    """The accounts as the run knew them."""

    accounts: tuple[Account, ...]

    def all(self) -> tuple[Account, ...]:
        """Every account."""
        return self.accounts

    def get(self, account_id: str) -> Account:
        """One account.

        Raises:
            NotFound: when the run knew none of that id.
        """
        found = next((one for one in self.accounts if one.account_id == account_id), None)
        if found is None:
            raise NotFound(f"The run knew no account {account_id}.")
        return found


class _NoAws(Aws):
    """Clients that are never called: member accounts take no role."""

    @override
    def _opener(self, service: str, account_id: str | None) -> Opener:
        return self._own()


class _Replayer(Auditor):
    parts: Mapping[str, Part]

    def calls(self) -> Calls:
        clock = self.clock
        assert isinstance(clock, PageClock), "it is made with one"
        return PageCalls(self.aws, clock, self.parts.get(PLAN) or Part(()))


class _Ledger(Ledger):
    """The ledger as the plan saw it, until the merge: then as the merge found it."""

    def __init__(self, store: FolderStore, clock: PageClock, planned_on: Head, before: Head) -> None:
        super().__init__(store, clock)
        self._before = before
        _set_head(store, planned_on)

    def merge(self, batch: Batch, run: Run, finish: Callable[..., Run], seal: Callable[..., str] | None = None) -> Run:  # noqa: ARG002 - it is sealed
        _set_head(self.store, self._before)
        return super().merge(batch, run, finish)


def _set_head(store: Any, head: Head) -> None:
    if head.sequence:
        store.write(HEAD, head.model_dump_json().encode())


def _parts(archive: Archive, packs: Sequence[Pack]) -> dict[str, Part]:
    """The pages of each part; a part that was begun again counts as it was done last."""
    last: dict[str, Pack] = {}
    for pack in sorted(packs, key=lambda one: max(page.at for page in one.pages)):
        last[pack.part] = pack
    return {name: Part(tuple(read_pages(archive, pack))) for name, pack in last.items()}


def read_pages(archive: Archive, pack: Pack) -> Iterator[Mapping[str, Any]]:
    """Every page of a pack.

    Raises:
        NotReplayable: naming a page that is not what it was.
    """
    content = archive.read(pack.key) or b""
    for number, page in enumerate(pack.pages, 1):
        try:
            plain = read_page(content[page.offset : page.offset + page.length])
        except (OSError, EOFError, zlib.error):
            plain = b""
        if hashlib.sha256(plain).hexdigest() != page.sha256:
            raise NotReplayable(f"{pack.key}#{number} is not the page that was kept.", "Restore the object's version.")
        yield restore(json.loads(plain))


def _fetch(archive: Archive, file: Any) -> bytes:
    content = archive.ledger(file)
    if content is None or hashlib.sha256(content).hexdigest() != file.digest:
        what = "gone" if content is None else "not what it was"
        remedy = f"Restore {file.key} in the ledger's bucket: the pages themselves are whole."
        raise NotReplayable(f"The findings that the run was merged into are {what}.", remedy)
    return content


def _as_it_began(run: Run) -> Run:
    return Run(id=run.id, state=RunState.RUNNING, started_at=run.started_at, started_by=run.started_by, kind=run.kind)
