"""Builders: accounts and OUs of a seeded cloud, and what Control Tower says of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.organizations.member import furnish
from infra.local.organizations.models import organization
from tests.cloud import Cloud

BASELINE = "arn:aws:controltower:eu-west-1::baseline/17BSJV3IGJ2QSGA2"
LONGEST_ENROLMENT = 12 * 60
LONGEST_CONTROL = 4 * 60
LONGEST_UNIT = 30 * 60


def unit_id(name: str) -> str:
    return organization().unit_named(name).id


def unit_arn(name: str) -> str:
    return organization().unit_named(name).arn


def new_account(cloud: Cloud, name: str) -> str:
    """An account in the root, as if CreateAccount had just ended."""
    account = organization().add_account(name, f"aws+{name}@acme.example")
    furnish(account, cloud.state.management_account_id)
    return account.id


def move(cloud: Cloud, account_id: str, destination: str) -> None:
    """Move an account to the OU of that name, or to the root."""
    tree = organization()
    parent = tree.account(account_id).parent
    target = tree.root.id if destination == "root" else unit_id(destination)
    cloud.clock.advance(1)
    cloud.client("organizations").move_account(
        AccountId=account_id, SourceParentId=parent.id if parent else "", DestinationParentId=target
    )


def child_baseline(cloud: Cloud, account_id: str) -> dict[str, Any] | None:
    """The account's enabled baseline as ListEnabledBaselines has it."""
    answer = cloud.client("controltower").list_enabled_baselines(
        filter={
            "targetIdentifiers": [organization().account(account_id).arn],
            "baselineIdentifiers": [BASELINE],
        },
        includeChildren=True,
    )
    found: list[dict[str, Any]] = answer["enabledBaselines"]
    return found[0] if found else None


def status(cloud: Cloud, account_id: str) -> str | None:
    """The status of the account's enabled baseline; None where it has none."""
    child = child_baseline(cloud, account_id)
    return str(child["statusSummary"]["status"]) if child else None


def enrolled(cloud: Cloud, name: str, unit: str) -> str:
    """An account that is enrolled in an OU."""
    account_id = new_account(cloud, name)
    move(cloud, account_id, unit)
    cloud.clock.advance(LONGEST_ENROLMENT)
    return account_id


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])
