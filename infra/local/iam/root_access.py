"""Centralised root access: what administrators of the organisation may do as root in its member accounts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
"""

from enum import StrEnum

from infra.local.cloud import current
from infra.local.iam.models import LocalIAMBackend, iam_backends
from infra.local.iam.root_user import root_arn
from infra.local.organizations.entities import Account
from infra.local.organizations.models import organizations
from infra.local.organizations.organization import is_open
from infra.local.service import Refusal

TRUSTED = "iam.amazonaws.com"
ASSUME_ROOT = "sts:AssumeRoot"


class Feature(StrEnum):
    """What can be centralised."""

    CREDENTIALS = "RootCredentialsManagement"
    SESSIONS = "RootSessions"


def features() -> set[str]:
    """The features that are enabled; kept with the management account's IAM."""
    backend = iam_backends[current().management_account_id]["aws"]
    assert isinstance(backend, LocalIAMBackend)
    return backend.organization_features


def check_administrator(account_id: str, *, enabling: bool) -> None:
    """Refuse who may not ask for the features, or may not yet.

    Enabling is the management account's; a delegated administrator may look and disable.
    """
    tree = organizations().organization
    if account_id not in tree.targets:
        raise Refusal("OrganizationNotFoundException", "No organization is associated with your account.")
    if not administers(account_id):
        raise Refusal(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The account making the request is not the management account or delegated administrator account for "
            "centralized root access.",
        )
    if enabling and account_id != tree.management_account_id:
        raise Refusal(
            "CallerIsNotManagementAccountException",
            "The account making the request is not the management account for the organization.",
        )
    if TRUSTED not in tree.service_access:
        raise Refusal("ServiceAccessNotEnabledException", "Trusted access is not enabled for IAM in AWS Organizations.")


def administers(account_id: str) -> bool:
    """Whether it is the management account, or the delegated administrator for IAM."""
    state = organizations()
    delegate = state.delegations.delegates.get(account_id)
    return account_id == state.organization.management_account_id or (
        delegate is not None and TRUSTED in delegate.services
    )


def may_be_assumed(target: str, caller_account: str, caller_arn: str) -> bool:
    """Whether the organisation lets that caller into the root of the account, if its own policies do.

    The root sessions are enabled and IAM trusted; the caller administers them and is no root user itself; the target
    is the root of a member account that is open. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    tree = organizations().organization
    account = tree.targets.get(target)
    enabled = Feature.SESSIONS in features() and TRUSTED in tree.service_access
    member = isinstance(account, Account) and account is not tree.management_account and is_open(account)
    return enabled and member and administers(caller_account) and caller_arn != root_arn(caller_account)
