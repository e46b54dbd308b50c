"""What AWS puts into a new member account: the role by which the management account administers it.

The default VPC of each region is moto's: it is there when the region is first looked at.
"""

import json

from moto.iam.models import iam_backends

from infra.local.organizations.entities import Account

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


def furnish(account: Account, management_account_id: str) -> None:
    """Make the role that was asked for, trusted by the management account, with AdministratorAccess."""
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
