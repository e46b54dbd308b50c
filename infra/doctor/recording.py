"""Config: an aggregator over the whole organisation, and a recorder in every account and region behind it.

Asking every account in every region would be thousands of calls. The aggregator says where resources were recorded;
only where there are none is the account itself asked whether its recorder runs.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from infra.doctor.diagnosis import Seen, fine, missing, unanswered, unknown
from infra.doctor.sight import Sight
from vending.core.company import Company
from vending.core.errors import AwsFailed, AwsMissing

MOST = 40
"""How many recorders are looked at one by one; more say the same."""
DEPLOY = "Deploy FreeholdAudit, which makes it"


def aggregator(sight: Sight) -> Iterator[Seen]:
    """It is there, and over all of the company file's regions."""
    found = _aggregator(sight)
    if found is None:
        yield missing(f"Config has no aggregator {sight.names.aggregator}.", f"{DEPLOY}.")
        return
    source = found.get("OrganizationAggregationSource")
    if source is None:
        then = "Delete it, and deploy FreeholdAudit again."
        yield missing("The aggregator collects from listed accounts, not from the organisation.", then)
        return
    collected = source.get("AwsRegions", ())
    bare = [r for r in sight.company.landing_zone.regions if r not in collected and not source.get("AllAwsRegions")]
    for region in bare:
        then = "Deploy FreeholdAudit again, with the company file as it is now."
        yield missing(f"The aggregator does not collect from {region}.", then, f"landing_zone.regions, {region}")
    if not bare:
        yield fine("The aggregator collects from the organisation, in every region of the company file.")


def sources(sight: Sight) -> Iterator[Seen]:
    """It hears from everybody."""
    if _aggregator(sight) is None:
        yield missing("There is no aggregator that hears from anybody.", f"{DEPLOY}.")
        return
    pages = sight.platform("config").pages(
        "describe_configuration_aggregator_sources_status", ConfigurationAggregatorName=sight.names.aggregator
    )
    every = [one for page in pages for one in page["AggregatedSourceStatusList"]]
    deaf = [one for one in every if one["LastUpdateStatus"] != "SUCCEEDED"]
    for one in islice(deaf, MOST):
        why = one.get("LastErrorMessage") or one["LastUpdateStatus"]
        then = "Look at Config there: the recorder, and the aggregator's right to it."
        yield missing(f"The aggregator does not hear from there: {why}", then, f"{one['SourceId']}, {one['AwsRegion']}")
    if len(deaf) > MOST:
        yield missing(f"So it is with {len(deaf) - MOST} more sources.", "Begin with those above.")
    if not deaf:
        yield fine(f"The aggregator hears from {len(every)} sources.")


def recorders(sight: Sight) -> Iterator[Seen]:
    """Config records in every account that is open, in every region of the company file."""
    if _aggregator(sight) is None:
        yield unknown("Without an aggregator nobody sees where Config records.", f"{DEPLOY}.")
        return
    silent = list(_silent(sight))
    looked = [(where, _recorder(sight, *where)) for where in silent[:MOST]]
    for (account_id, region), seen in looked:
        if seen is not None:
            yield Seen(seen.verdict, seen.what, seen.next, f"{account_id}, {region}")
    if len(silent) > MOST:
        more = f"{len(silent) - MOST} more accounts and regions show nothing recorded, and were not looked into."
        yield unknown(more, "Begin with those above.")
    elif all(seen is None for _, seen in looked):
        count = len(_open(sight)) * len(sight.company.landing_zone.regions)
        yield fine(f"Config records in all {count} accounts and regions.")


def _silent(sight: Sight) -> Iterator[tuple[str, str]]:
    """Where the aggregator knows of no resource."""
    config = sight.platform("config")
    for region in sight.company.landing_zone.regions:
        pages = config.pages(
            "get_aggregate_discovered_resource_counts",
            ConfigurationAggregatorName=sight.names.aggregator,
            Filters={"Region": region},
            GroupByKey="ACCOUNT_ID",
        )
        there = {one["GroupName"] for page in pages for one in page.get("GroupedResourceCounts", ())}
        yield from ((account_id, region) for account_id in _open(sight) if account_id not in there)


def _recorder(sight: Sight, account_id: str, region: str) -> Seen | None:
    """What is wrong with the recorder of an account and region; None where it runs."""
    try:
        status = sight.inside(account_id, "config", region).describe_configuration_recorder_status()
    except AwsFailed as error:
        return unanswered(error)
    found = status["ConfigurationRecordersStatus"]
    if not found:
        return missing(f"Config has no recorder in {account_id}, {region}.", _switch_on(sight.company))
    if not found[0].get("recording"):
        then = "Start it again; the guardrail log.config keeps anybody else from stopping it."
        return missing(f"The recorder in {account_id}, {region}, is stopped.", then)
    return None


def _switch_on(company: Company) -> str:
    """How Config comes to record in an account that Freehold did not make."""
    if bucket := company.landing_zone.log_bucket:
        return f"Switch Config on there, and let it deliver to {bucket}: the guide has the commands."
    return "Enrol the account: Control Tower makes the recorder. In the management account, switch Config on."


def _open(sight: Sight) -> list[str]:
    return [account.id for account in sight.accounts.values() if account.state == "ACTIVE"]


def _aggregator(sight: Sight) -> Mapping[str, Any] | None:
    try:
        answer = sight.platform("config").describe_configuration_aggregators(
            ConfigurationAggregatorNames=[sight.names.aggregator]
        )
    except AwsMissing:
        return None
    except AwsFailed as error:
        if error.aws_code != "NoSuchConfigurationAggregatorException":
            raise
        return None
    found: Mapping[str, Any] | None = next(iter(answer["ConfigurationAggregators"]), None)
    return found


def forwarding(sight: Sight) -> Iterator[Seen]:
    """Accounts send what Config says of them, so that the audit knows before its next run."""
    if sight.deployment.organization_root is None:
        then = "Set aws.organization_root (aws organizations list-roots) and deploy FreeholdAudit."
        yield missing("No account sends what Config says of it: the audit learns with its daily run.", then)
        return
    try:
        found = sight.platform("cloudformation").describe_stack_set(
            StackSetName=sight.names.forwarding, CallAs="DELEGATED_ADMIN"
        )["StackSet"]
    except AwsMissing:
        yield missing(f"There is no stack set {sight.names.forwarding}.", f"{DEPLOY}.")
        return
    if found["Status"] == "ACTIVE":
        yield fine("Accounts send what Config says of them.")
    else:
        yield missing(f"The stack set {sight.names.forwarding} is {found['Status']}.", "CloudFormation says why.")
