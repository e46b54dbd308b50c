"""What a generated account holds in one region: nothing is kept, everything is looked up by seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from infra.local.config.inventory import Item
from infra.local.config.ledger import Evaluation
from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, Compliance, Verdict
from infra.local.config.rules import MANAGED_RULES
from infra.local.estate.chance import hexadecimal, share
from infra.local.estate.size import Size

OLDEST = timedelta(days=90)
"""How long before the seed the oldest results were recorded."""
_PREFIX = {
    "AWS::EC2::Instance": "i-",
    "AWS::EC2::NetworkAcl": "acl-",
    "AWS::EC2::RouteTable": "rtb-",
    "AWS::EC2::SecurityGroup": "sg-",
    "AWS::EC2::Subnet": "subnet-",
    "AWS::EC2::VPC": "vpc-",
    "AWS::EC2::Volume": "vol-",
    "AWS::S3::Bucket": "acme-",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of every generated account in one region."""

    name: str
    identifier: str
    region: str
    number: int | None
    """Its place among those that share the evaluations; None for a rule about the account, which has one result."""

    @property
    def resource_type(self) -> str:
        """What it judges here: one type, where AWS's rule has several."""
        return MANAGED_RULES[self.identifier].resource_types[0]


@dataclass(frozen=True, slots=True)
class Change:
    """A moment at which a share of all results turned into their opposite."""

    at: datetime
    share: float
    accounts: frozenset[str] | None = None
    """Where; None for everywhere."""

    def strikes(self, account_id: str, chance: float) -> bool:
        """Whether a result with that chance has turned."""
        return (self.accounts is None or account_id in self.accounts) and chance < self.share


@dataclass(slots=True)
class Estate:
    """The generated part of an organisation."""

    size: Size
    seed: int
    origin: datetime
    rules: dict[tuple[str, str], Rule]
    """By region and name."""
    changes: list[Change] = field(default_factory=list)

    @property
    def shared(self) -> int:
        """How many rules of an account share the evaluations."""
        return sum(rule.number is not None for rule in self.rules.values())

    @property
    def spread(self) -> int:
        """The evaluations that are not one to an account and rule."""
        return max(0, self.size.resources - self.size.accounts * (len(self.rules) - self.shared))

    def results(self, account: int, rule: Rule) -> int:
        """How many resources a rule judges in the n-th account; all of them together are `spread`."""
        if rule.number is None:
            return 1
        cell, cells = account * self.shared + rule.number, self.size.accounts * self.shared
        return (cell + 1) * self.spread // cells - cell * self.spread // cells

    def change(self, at: datetime, share: float, accounts: frozenset[str] | None = None) -> None:
        """Turn a share of all results, or of those in some accounts, into their opposite."""
        self.changes.append(Change(at, share, accounts))

    def ghosts(self, account: int) -> int:
        """How many resources of the n-th account are no more but still have results."""
        return (account + 1) * self.size.ghosts // self.size.accounts - account * self.size.ghosts // self.size.accounts

    def of_region(self, region: str) -> Sequence[Rule]:
        """The rules of a region."""
        return [rule for (where, _), rule in self.rules.items() if where == region]


@dataclass(slots=True)
class Holding:
    """One generated account in one region."""

    estate: Estate
    place: Place
    number: int
    """Which of the generated accounts it is."""
    is_home: bool
    """Ghosts haunt the home region."""

    def evaluate(self, rule_name: str, until: datetime | None) -> Iterator[Evaluation]:
        """The results of a rule, as they were at a moment; None for as they are."""
        rule = self.estate.rules.get((self.place.region, rule_name))
        if rule is None:
            return
        for nth in range(self.estate.results(self.number, rule)):
            yield self._judge(rule, self._resource(rule.resource_type, nth), until)
        if rule is self._haunted():
            for nth in range(self.estate.ghosts(self.number)):
                yield self._judge(rule, self._resource(f"ghost of {rule.resource_type}", nth), until)

    def items(self, resource_type: str) -> Iterator[Item]:
        """The resources of a type that are there: as many as the rule with most results judges."""
        alike = [rule for rule in self.estate.of_region(self.place.region) if rule.resource_type == resource_type]
        most = max((self.estate.results(self.number, rule) for rule in alike), default=0)
        for nth in range(most if resource_type != ACCOUNT else 0):
            resource_id = self._resource(resource_type, nth)
            yield Item(self.place, resource_type, resource_id, self._arn(resource_type, resource_id))

    def _haunted(self) -> Rule | None:
        """The first rule of the home region that judges resources has the ghosts."""
        if not self.is_home:
            return None
        return next((rule for rule in self.estate.of_region(self.place.region) if rule.number is not None), None)

    def _resource(self, resource_type: str, nth: int) -> str:
        if resource_type == ACCOUNT:
            return self.place.account_id
        about = (self.estate.seed, self.place.account_id, self.place.region, resource_type, nth)
        return _PREFIX.get(resource_type.removeprefix("ghost of "), "") + hexadecimal(17, *about)

    def _arn(self, resource_type: str, resource_id: str) -> str:
        if resource_type == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{resource_id}"
        _, service, kind = resource_type.lower().split("::")
        return f"arn:aws:{service}:{self.place.region}:{self.place.account_id}:{kind}/{resource_id}"

    def _judge(self, rule: Rule, resource_id: str, until: datetime | None) -> Evaluation:
        about = (self.estate.seed, rule.name, self.place.account_id, self.place.region, resource_id)
        chance = share(*about)
        failing = chance < self.estate.size.drift
        recorded = self.estate.origin - OLDEST * share("since", *about)
        for nth, change in enumerate(self.estate.changes):
            chance = share("change", nth, *about)
            if (until is None or change.at <= until) and change.strikes(self.place.account_id, chance):
                failing, recorded = not failing, change.at
        compliance = Compliance.NON_COMPLIANT if failing else Compliance.COMPLIANT
        annotation = "Generated: the resource does not comply." if failing else ""
        return Evaluation(rule.name, Verdict(rule.resource_type, resource_id, compliance, annotation), recorded)
