"""The example's organisation before anybody asked for an account."""

from infra.local.cloud import LocalCloud
from infra.local.organizations.member import furnish
from infra.local.organizations.models import organizations

SECURITY = "Security"
"""The OU of the two shared accounts, beside those of the company's file."""
POLICY_TYPES = (
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "S3_POLICY",
    "TAG_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "BACKUP_POLICY",
)
LOG_ARCHIVE = "Log Archive"
SECURITY_ACCOUNTS = {LOG_ARCHIVE: "aws+log-archive@acme.example", "Audit": "aws+audit@acme.example"}
CONTROL_TOWER = "controltower.amazonaws.com"
TRUSTED_SERVICES = (
    "account.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    CONTROL_TOWER,
    "sso.amazonaws.com",
)
ACCOUNT_QUOTA = 1_000
"""What the example company has asked AWS for; the default of a new organisation is 10."""


def seed(cloud: LocalCloud) -> None:
    """OUs under the root, the two shared accounts of the landing zone, policy types and trusted services."""
    state = organizations()
    tree = state.organization
    cloud.limits.change("organizations.accounts", ACCOUNT_QUOTA)
    for policy_type in POLICY_TYPES:
        state.policies.enable(tree.root.id, policy_type)
    security = tree.create_unit(tree.root.id, SECURITY, {})
    for name in dict.fromkeys(cloud.company.ou_classes.values()):
        tree.create_unit(tree.root.id, name, {})
    for name, email in SECURITY_ACCOUNTS.items():
        account = tree.add_account(name, email, _told_id(cloud, name))
        account.parent = security
        furnish(account, cloud.management_account_id)
    for principal in TRUSTED_SERVICES:
        if cloud.company.landing_zone.control_tower or principal != CONTROL_TOWER:
            state.delegations.trust(principal)


def _told_id(cloud: LocalCloud, name: str) -> str | None:
    """The id that the company file knows an account by; None leaves it to chance."""
    return cloud.company.aws.log_archive_account if cloud.company.aws and name == LOG_ARCHIVE else None
