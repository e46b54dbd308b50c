"""Makes a big organisation out of the example's: accounts that can be used, with findings that are generated."""

import json
from itertools import cycle, islice

from moto.config.models import MANAGED_RULES_CONSTRAINTS, config_backends

from infra.local.cloud import LocalCloud
from infra.local.config import own_logs
from infra.local.config.deployment import OrganizationRule
from infra.local.config.models import LocalConfigBackend
from infra.local.config.place import Place
from infra.local.config.rule import ACCOUNT, Compliance, Verdict
from infra.local.config.rules import MANAGED_RULES
from infra.local.config.source import SourceFault, SourceState
from infra.local.controltower.models import control_tower
from infra.local.estate.chance import hexadecimal, number
from infra.local.estate.estate import Estate, Rule
from infra.local.estate.holding import OLDEST, Holding
from infra.local.organizations.entities import Account, OrganizationalUnit
from infra.local.organizations.member import furnish
from infra.local.organizations.models import organization
from infra.local.organizations.seed import ACCOUNT_QUOTA

MARGIN = 1_000
"""Accounts that can still be asked for beyond the generated ones."""
HAUNTED = "s3-bucket-public-read-prohibited"
"""The rule of the example that the ghosts of accounts that were not generated belong to."""


def seed(cloud: LocalCloud) -> None:
    """Add what `cloud.size` asks for; nothing where it asks for nothing."""
    if cloud.size.is_empty:
        return
    _put_rules(cloud)
    if cloud.size.accounts:
        _fill(cloud)
    else:
        _haunt(cloud)
    _stop_recording(cloud)
    _silence(cloud)


def _put_rules(cloud: LocalCloud) -> None:
    """So many rules of the organisation that each account has `size.rules` of them, the example's first."""
    if cloud.size.rules is None:
        return
    deployed = [
        (region, name) for region in cloud.governed_regions for name in _backend(cloud, region).organization_rules
    ]
    for region, name in deployed[cloud.size.rules :]:
        del _backend(cloud, region).organization_rules[name]
    missing = cloud.size.rules - len(deployed)
    identifiers = cycle(one.identifier for one in MANAGED_RULES.values() if ACCOUNT not in one.resource_types)
    for nth, identifier in enumerate(islice(identifiers, max(0, missing)), 1):
        region = cloud.governed_regions[nth % len(cloud.governed_regions)]
        name = f"{identifier.lower().replace('_', '-')}-{nth:03}"
        metadata = {"RuleIdentifier": identifier, "InputParameters": _required_parameters(identifier)}
        _backend(cloud, region).put_organization_rule(name, metadata, [])


def _required_parameters(identifier: str) -> str:
    parameters = MANAGED_RULES_CONSTRAINTS[identifier]["Parameters"]
    return json.dumps({one["Name"]: str(one["Default"]) for one in parameters if not one["Optional"]})


def _fill(cloud: LocalCloud) -> None:
    cloud.limits.change("organizations.accounts", max(ACCOUNT_QUOTA, cloud.size.accounts + MARGIN))
    estate = cloud.estate = Estate(cloud.size, cloud.dice.seed, cloud.clock.now(), _rules(cloud))
    classes = cloud.company.ou_classes.items()
    units = [organization().unit_named(name) for ou_class, name in classes if ou_class != "quarantine"]
    teams = list(cloud.company.teams)
    for nth in range(cloud.size.accounts):
        team, unit = teams[nth % len(teams)], units[number(cloud.dice.seed, "unit", nth) % len(units)]
        account = _add(cloud, f"{team}-{unit.name.lower()}-{nth:05}", team, unit)
        for region in cloud.governed_regions:
            place = Place(account.id, region)
            holder = _config(place)
            holder.holding = Holding(estate, place, nth, region == cloud.home_region)


def _add(cloud: LocalCloud, name: str, team: str, unit: OrganizationalUnit) -> Account:
    """An account that was enrolled some time ago."""
    account = organization().add_account(name, f"aws+{name}@acme.example")
    account.joined = cloud.clock.now() - OLDEST
    account.parent = unit
    account.tags["team"] = team
    furnish(account, cloud.management_account_id)
    tower = control_tower()
    if tower is None:
        own_logs.record(cloud, account.id)
    else:
        tower.baselines.adopt(account.id, unit.id, cloud.clock.now())
    return account


def _enrolled() -> set[str]:
    """The accounts that record: those that Control Tower enrolled, or all that stand in an OU."""
    tower, tree = control_tower(), organization()
    if tower is not None:
        return set(tower.baselines.children)
    return {account.id for account in tree.accounts if isinstance(account.parent, OrganizationalUnit)}


def _rules(cloud: LocalCloud) -> dict[tuple[str, str], Rule]:
    rules: dict[tuple[str, str], Rule] = {}
    shared = 0
    for region in cloud.governed_regions:
        for one in _backend(cloud, region).organization_rules.values():
            resource_type = MANAGED_RULES[str(one.metadata["RuleIdentifier"])].resource_types[0]
            place = None if resource_type == ACCOUNT else shared
            rules[region, one.member_rule_name] = Rule(one.member_rule_name, resource_type, region, place)
            shared += place is not None
    return rules


def _haunt(cloud: LocalCloud) -> None:
    """Results of buckets that are no more, in the accounts the example has."""
    enrolled = sorted(_enrolled())
    for nth in range(cloud.size.ghosts):
        backend = _config(Place(enrolled[nth % len(enrolled)], cloud.home_region))
        rule = _haunted(cloud).member_rule_name
        bucket = f"acme-gone-{hexadecimal(12, cloud.dice.seed, 'ghost', nth)}"
        backend.haunt(rule, Verdict("AWS::S3::Bucket", bucket, Compliance.NON_COMPLIANT, "The bucket is public."))


def _haunted(cloud: LocalCloud) -> OrganizationRule:
    return _backend(cloud, cloud.home_region).organization_rules[HAUNTED]


def _stop_recording(cloud: LocalCloud) -> None:
    """Accounts whose recorders were deleted: Config has no results of theirs, and knows of no resource."""
    members = _enrolled() - {cloud.management_account_id}
    enrolled = sorted(members, key=lambda account_id: (number(cloud.dice.seed, "unrecorded", account_id), account_id))
    for place in (Place(one, region) for one in enrolled[: cloud.size.unrecorded] for region in cloud.governed_regions):
        backend = _config(place)
        for name in list(backend.recorders):
            backend.stop_configuration_recorder(name)
            backend.delete_configuration_recorder(name)


def _silence(cloud: LocalCloud) -> None:
    """Sources that were heard last two days ago, or whose data cannot be collected."""
    home, now = _backend(cloud, cloud.home_region), cloud.clock.now()
    enrolled = sorted(_enrolled())
    places = [Place(account_id, region) for account_id in enrolled for region in cloud.governed_regions]
    places = [place for place in places if _config(place).recorder is not None]
    chosen = sorted(places, key=lambda place: number(cloud.dice.seed, "silent", place.account_id, place.region))
    for nth, place in enumerate(chosen[: cloud.size.outdated]):
        _config(place).remember()
        why = ("InternalError", "The source could not be read.") if nth % 2 else ("", "")
        home.source_faults[place] = SourceFault(SourceState.FAILED if nth % 2 else SourceState.OUTDATED, now, *why)


def _backend(cloud: LocalCloud, region: str) -> LocalConfigBackend:
    return _config(Place(cloud.management_account_id, region))


def _config(place: Place) -> LocalConfigBackend:
    backend = config_backends[place.account_id][place.region]
    assert isinstance(backend, LocalConfigBackend)
    return backend
