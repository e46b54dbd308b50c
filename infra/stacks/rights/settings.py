"""The role of the function that makes the organisation's settings. It runs in the management account itself."""

from infra.stacks.names import Names
from infra.stacks.rights.right import MADE_LATER, NO_RESOURCE, Right
from vending.core.trust import DELEGATED, TRUSTED

CALLER = "infra.runtime.lambdas.settings"


def settings_rights(names: Names) -> tuple[Right, ...]:
    """Trusted access and delegations for the services that Freehold names, and no others; types of policies."""
    account = f"arn:aws:organizations::{names.management}:account/{names.organization}/{names.account}"
    trusted = {"StringEquals": {"organizations:ServicePrincipal": sorted(TRUSTED)}}
    delegated = {"StringEquals": {"organizations:ServicePrincipal": sorted(DELEGATED)}}
    return (
        Right(
            ("organizations:ListAWSServiceAccessForOrganization", "organizations:ListRoots"),
            ("*",),
            CALLER,
            NO_RESOURCE,
        ),
        Right(("organizations:EnableAWSServiceAccess",), ("*",), CALLER, NO_RESOURCE, trusted),
        Right(("organizations:RegisterDelegatedAdministrator",), (account,), CALLER, conditions=delegated),
        Right(("organizations:EnablePolicyType",), (names.organizations("root"),), CALLER, MADE_LATER),
    )
