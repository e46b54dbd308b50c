"""What an aggregator sees: the sources it collects from, and the state of their rules."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from moto.config.models import ConfigAggregator, ConfigRule
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from infra.local.config.ledger import Evaluation, Summary, summarise
from infra.local.config.models import LocalConfigBackend
from infra.local.config.organization import Membership, is_open, read_membership
from infra.local.config.page import Candidate, Key
from infra.local.config.place import Place
from infra.local.config.rule import Compliance
from infra.local.config.source import SourceFault, SourceState
from infra.local.service import Refusal


@dataclass(frozen=True)
class RuleState:
    """A rule of a source account."""

    place: Place
    rule_name: str
    summary: Summary


@dataclass(frozen=True)
class Aggregation:
    """One aggregator with the account and region it is in."""

    aggregator: ConfigAggregator
    owner: LocalConfigBackend

    @property
    def places(self) -> list[Place]:
        """The account-regions it collects from, in order."""
        return [Place(account, region) for account, region in sorted(self._pairs())]

    @property
    def membership(self) -> Membership | None:
        """The organisation it collects from, None for an aggregator of listed accounts."""
        return read_membership() if self.aggregator.organization_aggregation_source else None

    def fault(self, place: Place) -> SourceFault | None:
        """Why a source is not current; None where it is."""
        held = self.owner.source_faults.get(place)
        if held is None and not self._is_authorized(place):
            why = "The source account has not authorized the aggregator account."
            return SourceFault(SourceState.FAILED, self.owner.now(), "AccessDeniedException", why)
        return held

    def rules(self, place: Place) -> list[ConfigRule]:
        """The rules of a source, none where Config records nothing."""
        backend = _recording(place)
        return backend.rules() if backend and self._is_authorized(place) else []

    def evaluations(self, place: Place, rule: ConfigRule) -> list[Evaluation]:
        """The results of a rule that say something about compliance, as far as they reached the aggregator."""
        backend = _recording(place)
        if backend is None:
            return []
        fault = self.fault(place)
        found = backend.read(rule) if fault is None else backend.read_last(rule, fault.since)
        return [one for one in found if one.counts]

    def candidates(self, filters: Mapping[str, Any], after: Key | None = None) -> Iterator[Candidate[RuleState]]:
        """Every rule of every source past `after`, to be judged when its turn on a page comes."""
        for place in self.places:
            passed = after is not None and (place.account_id, place.region) < after[:2]
            if not passed and matches(filters, AccountId=place.account_id, AwsRegion=place.region):
                for rule in self.rules(place):
                    key = (place.account_id, place.region, str(rule.config_rule_name))
                    yield Candidate(key, self._judge(place, rule, filters))

    def states(self, filters: Mapping[str, Any]) -> Iterator[RuleState]:
        """The state of every rule that has results."""
        return (state for one in self.candidates(filters) if (state := one.make()))

    def collects(self, place: Place) -> bool:
        """Whether an account and region is one of its sources."""
        source = self.aggregator.organization_aggregation_source
        if source and place.region in _regions(source) and is_open(place.account_id):
            return True
        listed = self.aggregator.account_aggregation_sources or []
        return any(place.account_id in one.account_ids and place.region in _regions(one) for one in listed)

    def find_rule(self, place: Place, name: str) -> ConfigRule | None:
        """A rule of a source by its name."""
        backend = _recording(place)
        if backend is None or not self.collects(place) or not self._is_authorized(place):
            return None
        return backend.find_rule(name)

    def _judge(self, place: Place, rule: ConfigRule, filters: Mapping[str, Any]) -> Callable[[], RuleState | None]:
        def make() -> RuleState | None:
            if not matches(filters, ConfigRuleName=str(rule.config_rule_name)):
                return None
            summary = summarise(self.evaluations(place, rule))
            known = summary.compliance is not Compliance.INSUFFICIENT_DATA
            wanted = matches(filters, ComplianceType=summary.compliance)
            return RuleState(place, str(rule.config_rule_name), summary) if known and wanted else None

        return make

    def _pairs(self) -> Iterator[tuple[str, str]]:
        membership = self.membership
        if membership is not None:
            source = self.aggregator.organization_aggregation_source
            yield from product(membership.accounts, _regions(source))
        for listed in self.aggregator.account_aggregation_sources or []:
            yield from ((account, region) for account in listed.account_ids for region in _regions(listed))

    def _is_authorized(self, place: Place) -> bool:
        if self.aggregator.organization_aggregation_source or place.account_id == self.owner.account_id:
            return True
        source = place.config
        wanted = f"{self.owner.account_id}/{self.owner.region_name}"
        return source is not None and wanted in source.aggregation_authorizations


def open_aggregation(owner: LocalConfigBackend, name: str) -> Aggregation:
    """The aggregator of that name.

    Raises:
        Refusal: NoSuchConfigurationAggregatorException.
    """
    aggregator = owner.config_aggregators.get(name)
    if aggregator is None:
        raise Refusal(
            "NoSuchConfigurationAggregatorException",
            "The configuration aggregator does not exist. Check the configuration aggregator name and try again.",
        )
    return Aggregation(aggregator, owner)


def matches(filters: Mapping[str, Any], **values: str) -> bool:
    """Whether values are those a filter asks for; a filter that does not name one lets it pass."""
    return all(filters.get(name) in (None, value) for name, value in values.items())


def _recording(place: Place) -> LocalConfigBackend | None:
    backend = place.config
    return backend if isinstance(backend, LocalConfigBackend) and backend.recorder else None


def _regions(source: Any) -> list[str]:
    return list(_default_regions()) if source.all_aws_regions else list(source.aws_regions)


@cache
def _default_regions() -> tuple[str, ...]:
    """The regions an account has without opting in."""
    partition = RegionsAndZonesBackend.regions
    usual = [region.name for region in partition if region.opt_in_status == "opt-in-not-required"]
    return tuple(name for name in usual if not name.startswith(("cn-", "us-gov-")))
