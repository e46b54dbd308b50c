"""What a generated account holds in one region: nothing is kept, everything is looked up by seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from infra.local.config.inventory import Item
from infra.local.config.ledger import Evaluation
from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, Compliance, Verdict
from infra.local.estate.chance import hexadecimal, share
from infra.local.estate.estate import Estate, Rule

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
        most = max(map(self._count, alike), default=0)
        for nth in range(most if resource_type != ACCOUNT else 0):
            resource_id = self._resource(resource_type, nth)
            captured = partial(self._changed_at, [rule for rule in alike if nth < self._count(rule)], resource_id)
            yield Item(self.place, resource_type, resource_id, self._arn(resource_type, resource_id), captured=captured)

    def _changed_at(self, rules: Sequence[Rule], resource_id: str) -> datetime:
        """Its configuration changed when what any rule says of it did."""
        return max(self._judge(rule, resource_id, None).recorded_at for rule in rules)

    def _count(self, rule: Rule) -> int:
        return self.estate.results(self.number, rule)

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
