"""What AWS puts into a new member account: the role by which the management account administers it, and a root user.

The default VPC of each region is moto's: it is there when the region is first looked at.
"""

import json

from infra.local.iam.models import LocalIAMBackend, iam_backends
from infra.local.organizations.entities import Account

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


def furnish(account: Account, management_account_id: str) -> None:
    """Make the role that was asked for, trusted by the management account, with AdministratorAccess.

    The root user has a password that nobody was told, or none at all where root credentials are managed centrally:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management
    """
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{management_account_id}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = iam_backends[account.id]["aws"]
    role = iam.create_role(account.role_name, json.dumps(trust), "/", None, "", [], "3600")
    iam.managed_policies[ADMINISTRATOR_ACCESS].attach_to(role)
    managed = "RootCredentialsManagement" in _local(management_account_id).organization_features
    root = _local(account.id).root_user
    root.created, root.password_since = account.joined, None if managed else account.joined


def _local(account_id: str) -> LocalIAMBackend:
    backend = iam_backends[account_id]["aws"]
    assert isinstance(backend, LocalIAMBackend)
    return backend
