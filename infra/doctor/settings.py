"""What FreeholdOrganization switches on: trusted access, delegated administrators, types of policies."""

from collections.abc import Iterator

from infra.doctor.diagnosis import Seen, fine, missing
from infra.doctor.sight import Sight
from vending.core.errors import AwsFailed, AwsMissing
from vending.core.trust import DELEGATED, POLICY_TYPES, TRUSTED

DEPLOY = "Deploy FreeholdOrganization, which does it"
AGAIN = "if it is deployed, somebody took it back: update the stack, or do it by hand."
NOT_REGISTERED = "AccountNotRegisteredException"


def trusted_access(sight: Sight) -> Iterator[Seen]:
    """Services that work for the whole organisation."""
    pages = sight.management("organizations").pages("list_aws_service_access_for_organization")
    there = {one["ServicePrincipal"] for page in pages for one in page["EnabledServicePrincipals"]}
    absent = [principal for principal in TRUSTED if principal not in there]
    for principal in absent:
        what = f"{principal} has no trusted access: {TRUSTED[principal]}."
        yield missing(what, f"{DEPLOY}; {AGAIN}", principal)
    if not absent:
        yield fine(f"All {len(TRUSTED)} services have trusted access.")


def delegations(sight: Sight) -> Iterator[Seen]:
    """Services that the platform account administers for the organisation."""
    platform = sight.deployment.platform_account
    there = _delegated(sight, platform)
    absent = [principal for principal in DELEGATED if principal not in there]
    for principal in absent:
        what = f"Account {platform} does not administer {principal}: {DELEGATED[principal]}."
        yield missing(what, f"{DEPLOY}; {AGAIN}", principal)
    if not absent:
        yield fine(f"The platform account administers all {len(DELEGATED)} services.")


def _delegated(sight: Sight, account_id: str) -> set[str]:
    pages = sight.management("organizations").pages("list_delegated_services_for_account", AccountId=account_id)
    try:
        return {one["ServicePrincipal"] for page in pages for one in page["DelegatedServices"]}
    except AwsMissing:
        return set()
    except AwsFailed as error:
        if error.aws_code != NOT_REGISTERED:
            raise
        return set()


def policy_types(sight: Sight) -> Iterator[Seen]:
    """Types of policies that can be attached."""
    root = sight.management("organizations").first("list_roots", "Roots")
    there = {one["Type"] for one in root["PolicyTypes"] if one["Status"] == "ENABLED"}
    absent = [kind for kind in POLICY_TYPES if kind not in there]
    for kind in absent:
        yield missing(f"{kind} is not enabled: {POLICY_TYPES[kind]}.", f"{DEPLOY}; {AGAIN}", kind)
    if not absent:
        yield fine(f"All {len(POLICY_TYPES)} types of policies are enabled.")
