"""What AWS tells between runs, as EventBridge delivers it: at least once, in no order, and not surely at all.

A compliance change of Config says everything itself. Drift of Control Tower and changed policies only say that
something happened: what it is, is read. Runs remain the measure; events make the time between them short.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.catalogue import Catalogue
from audit.collector import Auditor
from audit.estate import AuditedAccount, audited, survey
from audit.finding import Cell, Observation, Reading, Seen, State, Told
from audit.ledger.batch import Batch, write_batch
from audit.ledger.ledger import Resource
from audit.news import COMPLIANCE
from audit.sources import config, control_tower, policies
from audit.sources.aggregator import judge
from audit.sources.foreign_packs import FROM_PACK
from audit.sources.interface import Known
from vending.core.errors import NotFound

SOURCES = {"aws.controltower": control_tower.NAME, "aws.organizations": policies.NAME}
"""Which of our sources has to look again when a service of AWS says that something happened."""
AHEAD = timedelta(minutes=5)
"""How far AWS's clock may be ahead of ours: what is told of later than that would outlive everything true."""
GONE = "Config tells that the rule no longer applies to the resource."


class _Qualifier(BaseModel):
    evaluation_mode: str = Field(default="DETECTIVE", alias="evaluationMode")


class _Identifier(BaseModel):
    qualifier: _Qualifier = Field(default_factory=_Qualifier, alias="evaluationResultQualifier")


class _Result(BaseModel):
    compliance: str = Field(alias="complianceType")
    recorded_at: datetime = Field(alias="resultRecordedTime")
    annotation: str = ""
    identifier: _Identifier = Field(default_factory=_Identifier, alias="evaluationResultIdentifier")


class _Detail(BaseModel):
    account_id: str = Field(alias="awsAccountId", pattern=r"^\d{12}$")
    region: str = Field(alias="awsRegion", min_length=1)
    rule: str = Field(alias="configRuleName", min_length=1)
    resource_type: str = Field(alias="resourceType", min_length=1)
    resource_id: str = Field(alias="resourceId", min_length=1)
    result: _Result = Field(alias="newEvaluationResult")


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)

    account: str
    detail: _Detail


@dataclass(frozen=True)
class Heard:
    """What became of some events."""

    told: int
    """Compliance changes that were understood; those that are old news change nothing."""
    looked: tuple[str, ...]
    """The sources that looked again."""
    refused: tuple[str, ...]
    """Why others were not believed."""
    apart: int = 0
    """Compliance changes of rules that our packs brought to accounts which they do not bind: runs set them apart."""


@dataclass(frozen=True)
class Ear:
    """Takes events in. Whatever order they come in and however often, the ledger ends the same."""

    auditor: Auditor

    def hear(self, events: Iterable[Mapping[str, Any]]) -> Heard:
        """Let the ledger know.

        Args:
            events: each as EventBridge delivers it: `source`, `detail-type`, `account`, `detail`.

        Raises:
            AwsFailed: as S3 or a source answers; then the events are to be delivered again.
            DamagedFile, ClockRanBackwards: the ledger is unchanged.
        """
        told: list[Reading] = []
        refused: list[str] = []
        looking: dict[str, None] = {}
        for event in events:
            if event.get("source") == "aws.config" and event.get("detail-type") == COMPLIANCE:
                self._understand(event, told, refused)
            elif source := self._source_of(event):
                looking[source] = None
            else:
                refused.append(f"{event.get('source')}: {event.get('detail-type')} is none that the audit knows.")
        accounts = self._accounts(told, refused)
        known = [reading for reading in told if reading.cell.account_id in accounts]
        binding = self._binding(known, accounts)
        for layer in _layers(binding):
            self._absorb(layer, accounts.values(), config.NAME)
        for source in looking:
            self._look(source)
        return Heard(len(binding), tuple(looking), tuple(refused), len(known) - len(binding))

    def _binding(self, told: Sequence[Reading], accounts: Mapping[str, AuditedAccount]) -> list[Reading]:
        """Without what rules say that do not bind their account.

        An event names the rule but not its pack. What a run took for an obligation goes on being one until a run says
        otherwise: somebody else's pack may bring the same rule.
        """
        if not any(FROM_PACK in reading.cell.control_id for reading in told):
            return list(told)
        obligations = self.auditor.obligations()
        doubtful = [one for one in told if obligations.complaint_of_rule(one.cell, accounts[one.cell.account_id])]
        held = self.auditor.ledger.states(config.NAME, sorted({_resource(one) for one in doubtful}))
        apart = {id(one) for one in doubtful if one.cell.control_id not in held.get(_resource(one), {})}
        return [reading for reading in told if id(reading) not in apart]

    def _source_of(self, event: Mapping[str, Any]) -> str | None:
        """Which of our sources has to look again; Control Tower's only where there is one."""
        name = SOURCES.get(str(event.get("source")))
        return name if name != control_tower.NAME or self.auditor.company.landing_zone.control_tower else None

    def _understand(self, event: Mapping[str, Any], told: list[Reading], refused: list[str]) -> None:
        try:
            read = _Event.model_validate(event)
        except ValidationError as error:
            first = error.errors()[0]
            refused.append(f"A compliance change that is none: {'.'.join(map(str, first['loc']))}: {first['msg']}.")
            return
        if why := self._doubt(read):
            refused.append(why)
        elif read.detail.result.identifier.qualifier.evaluation_mode != "PROACTIVE":
            told.append(_reading(read.detail, self.auditor.clock.now()))

    def _doubt(self, event: _Event) -> str:
        about = event.detail
        if event.account != about.account_id:
            return f"Account {event.account} told of account {about.account_id}: an account speaks for itself only."
        recorded = about.result.recorded_at
        if recorded.tzinfo is None or recorded > self.auditor.clock.now() + AHEAD:
            return f"Account {event.account} told of {recorded}, which has not come yet."
        return ""

    def _accounts(self, told: Sequence[Reading], refused: list[str]) -> dict[str, AuditedAccount]:
        """Who owns the accounts; those that are none of the organisation's are not believed."""
        found = {}
        for account_id in sorted({reading.cell.account_id for reading in told}):
            try:
                account = self.auditor.accounts.get(account_id)
            except NotFound:
                refused.append(f"Account {account_id} is none of the organisation's.")
            else:
                found[account_id] = audited(account)
        return found

    def _absorb(self, readings: Sequence[Reading], accounts: Iterable[AuditedAccount], source: str) -> None:
        self.auditor.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.auditor.cache) as folder:
            batch = Batch(Path(folder), (source,), whole=False)
            with write_batch(batch) as writer:
                for reading in readings:
                    writer.add(reading)
            batch.describe(self.auditor.ledger.controls(source), accounts)
            self.auditor.ledger.absorb(batch)

    def _look(self, name: str) -> None:
        """Ask a source whose listing is its answer, and take in what is new in it."""
        calls = self.auditor.calls()
        about = calls.ask("organizations", "describe_organization")["Organization"]
        estate = survey(self.auditor.accounts.all(), self.auditor.company, about["MasterAccountId"])
        source = next(one for one in self.auditor.sources(Catalogue()) if one.name == name)
        ready = source.plan(calls, estate, Known()).ready
        told = [_told(reading, reading.answer) for reading in ready if isinstance(reading.answer, Seen)]
        self._absorb(told, estate.accounts.values(), name)


def _reading(about: _Detail, now: datetime) -> Reading:
    state, reason, strange = judge(about.result.compliance, about.result.annotation)
    if state is State.NOT_APPLICABLE:
        state, reason = State.GONE, GONE
    seen = Observation(about.resource_id, about.resource_type, state, reason, about.result.recorded_at, strange=strange)
    return Reading(Cell(config.NAME, about.rule, about.account_id, about.region), Told((seen,)), now)


def _resource(told: Reading) -> Resource:
    """What a compliance change is news of."""
    assert isinstance(told.answer, Told), "a compliance change is news of one resource"
    (seen,) = told.answer.observations
    return told.cell.account_id, told.cell.region, seen.resource_type, seen.resource_id


def _told(reading: Reading, seen: Seen) -> Reading:
    return Reading(reading.cell, Told(seen.observations), reading.observed_at)


def _layers(told: Sequence[Reading]) -> Iterator[list[Reading]]:
    """The first news of every resource, then the second, and so on: each is a change of its own."""
    by_resource: defaultdict[tuple[Cell, str, str], dict[datetime, Reading]] = defaultdict(dict)
    for reading in told:
        assert isinstance(reading.answer, Told), "a compliance change is news of one resource"
        (seen,) = reading.answer.observations
        by_resource[reading.cell, seen.resource_type, seen.resource_id][seen.valid_at] = reading
    ordered = [[news[at] for at in sorted(news)] for news in by_resource.values()]
    for nth in range(max(map(len, ordered), default=0)):
        yield [news[nth] for news in ordered if nth < len(news)]
