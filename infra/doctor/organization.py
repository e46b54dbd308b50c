"""The organisation itself: whose credentials these are, its OUs, the accounts of the product, and room for more."""

from collections.abc import Iterator

from infra.doctor.diagnosis import Seen, fine, missing, unknown
from infra.doctor.sight import Sight
from vending.core.aws import GLOBAL_REGION
from vending.core.deployment import PARTITION
from vending.core.errors import AwsFailed
from vending.requests.outlook import BASELINE, QUOTA

FEW = 20
"""Room for fewer accounts than this is soon none: AWS takes days to give more."""
RESERVED = 2
"""Functions of the stacks that keep a place of their own."""
NO_ORGANIZATION = "AWSOrganizationsNotInUseException"
KEPT_FREE = 100
"""What Lambda keeps for functions without a reservation (its developer guide, "Reserved concurrency")."""


def credentials(sight: Sight) -> Iterator[Seen]:
    """Those of the management account, in the partition that Freehold is for."""
    who = sight.management("sts").get_caller_identity()
    partition, wanted = who["Arn"].split(":")[1], sight.deployment.management_account
    if partition != PARTITION:
        then = f"Freehold governs the partition {PARTITION} alone."
        yield missing(f"{who['Arn']} is of the partition {partition}.", then)
    elif who["Account"] != wanted:
        then = "Use credentials of the management account, or mend aws.management_account in the company file."
        yield missing(f"{who['Arn']} is of account {who['Account']}; the management account is {wanted}.", then)
    else:
        yield fine(f"You are {who['Arn']}.")


def organization(sight: Sight) -> Iterator[Seen]:
    """The one of the company file, with all features, managed by the account that the file names."""
    given = sight.deployment
    try:
        found = sight.management("organizations").describe_organization()["Organization"]
    except AwsFailed as error:
        if error.aws_code != NO_ORGANIZATION:
            raise
        then = "Create one with all features (AWS Organizations, Create an organization), and mend aws.organization."
        yield missing(f"Account {given.management_account} is in no organisation.", then)
        return
    if found["Id"] != given.organization:
        yield missing(f"This is the organisation {found['Id']}.", "Mend aws.organization in the company file.")
    if found["MasterAccountId"] != given.management_account:
        then = "Mend aws.management_account in the company file."
        yield missing(f"Its management account is {found['MasterAccountId']}.", then)
    if found["FeatureSet"] != "ALL":
        then = "Enable all features (Organizations, Settings)."
        yield missing("It has consolidated billing only: no policy can be attached.", then)
    elif found["Id"] == given.organization and found["MasterAccountId"] == given.management_account:
        yield fine(f"The organisation {found['Id']} has all features.")


def root(sight: Sight) -> Iterator[Seen]:
    """The one of the company file, where it names one."""
    there, given = (
        sight.management("organizations").first("list_roots", "Roots")["Id"],
        sight.deployment.organization_root,
    )
    if given in (None, there):
        yield fine(f"The organisation's root is {there}.")
    else:
        yield missing(f"The organisation's root is {there}, not {given}.", "Mend aws.organization_root.")


def units(sight: Sight) -> Iterator[Seen]:
    """Each class's OU is there once, and registered where there is a Control Tower."""
    tower = sight.company.landing_zone.control_tower
    enabled = _registered(sight) if tower else {}
    for name, ou in sight.company.ou_classes.items():
        here = f"ou_classes.{name}: {ou}"
        named = [unit for unit in sight.units.values() if unit.name == ou]
        if not named:
            create = "Create it and register it" if tower else "Create it"
            then = f"{create}, or mend ou_classes.{name} in the company file."
            yield missing(f"The organisation has no OU named {ou}.", then, here)
        elif len(named) > 1:
            yield missing(f"{len(named)} OUs are named {ou}.", "Rename all but one: a name has to say which.", here)
        elif tower:
            yield _registration(ou, enabled.get(named[0].arn), here)
        else:
            yield fine(f"The OU {ou} is there.", here)


def _registration(ou: str, status: str | None, here: str) -> Seen:
    if status is None:
        then = "Control Tower, Organization, choose it, Register organizational unit."
        return missing(f"The OU {ou} is not registered with Control Tower.", then, here)
    if status == "SUCCEEDED":
        return fine(f"The OU {ou} is registered with Control Tower.", here)
    if status == "UNDER_CHANGE":
        return unknown(f"The OU {ou} is being registered.", "Wait until Control Tower is done, then ask again.", here)
    then = "Control Tower, Organization, choose it, Re-register OU."
    return missing(f"Registering the OU {ou} ended as {status}.", then, here)


def _registered(sight: Sight) -> dict[str, str]:
    """ARN of each registered OU -> how its registration stands."""
    tower = sight.management("controltower")
    offered = (one for page in tower.pages("list_baselines") for one in page["baselines"])
    arn = next((one["arn"] for one in offered if one["name"] == BASELINE), None)
    enabled = (one for page in tower.pages("list_enabled_baselines") for one in page["enabledBaselines"])
    return {
        one["targetIdentifier"]: one["statusSummary"]["status"] for one in enabled if one["baselineIdentifier"] == arn
    }


def accounts(sight: Sight) -> Iterator[Seen]:
    """The platform account and the log archive are members, active, and can be looked into."""
    given = sight.deployment
    for key, account_id in (("platform", given.platform_account), ("log_archive", given.log_archive_account)):
        here = f"aws.{key}_account: {account_id}"
        found = sight.accounts.get(account_id)
        if found is None:
            maker = "Control Tower, Account Factory" if sight.company.landing_zone.control_tower else "Organizations"
            then = f"Make it ({maker}), or mend aws.{key}_account in the company file."
            yield missing(f"The organisation has no account {account_id}.", then, here)
        elif found.state != "ACTIVE":
            yield missing(f"{found.name} is {found.state}.", "Choose an account that is active.", here)
        else:
            yield _entered(sight, account_id, found.name, here)


def _entered(sight: Sight, account_id: str, name: str, here: str) -> Seen:
    try:
        sight.inside(account_id, "sts").get_caller_identity()
    except AwsFailed as error:
        tower = "; AWSControlTowerExecution is one" if sight.company.landing_zone.control_tower else ""
        then = f"Name a role that trusts the management account with --role{tower}."
        return unknown(f"{name} is there, but cannot be looked into. {error.sentence}", then, here)
    return fine(f"{name} is there and active.", here)


def account_quota(sight: Sight) -> Iterator[Seen]:
    """AWS makes more accounts. Closed ones count until they are gone for good, after 90 days."""
    quota = sight.management("service-quotas", GLOBAL_REGION).get_service_quota(**QUOTA)["Quota"]
    limit, used = int(quota["Value"]), len(sight.accounts)
    closed = sum(account.state == "CLOSED" for account in sight.accounts.values())
    counted = f"{used} of {limit} accounts are used, {closed} of them closed ones that still count."
    then = "Ask for more in Service Quotas, us-east-1, AWS Organizations: it takes days."
    if used >= limit:
        yield missing(f"{counted} AWS makes no other.", then)
    elif limit - used < FEW:
        yield missing(f"{counted} There is room for {limit - used}.", then)
    else:
        yield fine(counted)


def functions_quota(sight: Sight) -> Iterator[Seen]:
    """The platform account may run enough functions at once for the stacks' reservations."""
    limit = sight.platform("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit < KEPT_FREE + RESERVED:
        then = "Ask for 1,000 in Service Quotas, AWS Lambda, Concurrent executions: the stacks fail without."
        yield missing(f"The platform account may run {limit} functions at once.", then)
    else:
        yield fine(f"The platform account may run {limit} functions at once.")
