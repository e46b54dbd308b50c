"""Baselines: what Control Tower can put on an organisational unit, and what is enabled where."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The state of an enabled baseline or control."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    UNDER_CHANGE = "UNDER_CHANGE"


@dataclass(frozen=True)
class Baseline:
    """A baseline that AWS offers; its identifier is the same for every customer."""

    identifier: str
    name: str
    description: str

    def arn(self, region: str) -> str:
        """The baseline's ARN in the landing zone's home region."""
        return f"arn:aws:controltower:{region}::baseline/{self.identifier}"


BASELINES = (
    Baseline(
        "4T4HA1KMO10S6311",
        "AuditBaseline",
        "Sets up resources to monitor security and compliance of accounts in your organization.",
    ),
    Baseline(
        "A6EEAE10F08193F2",
        "CentralSecurityRolesBaseline",
        "Sets up central resources for security monitoring within your organization.",
    ),
    Baseline(
        "J8HX46AHS5MIKQPD",
        "LogArchiveBaseline",
        "Sets up a central repository for logs of API activities and resource configurations from accounts "
        "in your organization.",
    ),
    Baseline(
        "LN25R72TTG6IGPTQ",
        "IdentityCenterBaseline",
        "Sets up shared resources for AWS Identity Center, which prepares the AWSControlTowerBaseline to set "
        "up Identity Center access for accounts.",
    ),
    Baseline(
        "17BSJV3IGJ2QSGA2",
        "AWSControlTowerBaseline",
        "Sets up resources and mandatory controls for member accounts within the target OU, required for "
        "AWS Control Tower governance.",
    ),
    Baseline(
        "3WPD0NA6TJ9AOMU2",
        "BackupCentralVaultBaseline",
        "Sets up a central AWS Backup vault in your organization.",
    ),
    Baseline("H6C5JFCJJ3CPU3J5", "BackupAdminBaseline", "Sets up AWS Backup Audit Manager."),
    Baseline(
        "APO9ATVPBKFRRGLK",
        "BackupBaseline",
        "Sets up a local AWS Backup vault and attaches multiple AWS Backup plans.",
    ),
    Baseline(
        "YX7VMZML5IG8EJUD",
        "CentralConfigBaseline",
        "Sets up central resources for compliance monitoring and auditing within your organization using AWS Config.",
    ),
    Baseline(
        "1QBGH2G48YVGDQ3Y",
        "ConfigBaseline",
        "Sets up AWS Config resources for member accounts within the target OU, required for Detective "
        "Controls enablement. The resources set up are a subset of resources of AWSControlTowerBaseline.",
    ),
)
"""The output of ListBaselines as published in July 2026, identifiers and texts as AWS has them."""

BY_NAME = {baseline.name: baseline for baseline in BASELINES}
CONTROL_TOWER = BY_NAME["AWSControlTowerBaseline"]
IDENTITY_CENTER = BY_NAME["IdentityCenterBaseline"]
VERSIONS = {"AWSControlTowerBaseline": "5.0"}
"""Newest version where it is not 1.0; 5.0 belongs to landing zone 4.0 (user guide, compatibility table)."""


@dataclass(frozen=True)
class EnabledBaseline:
    """A baseline enabled on an OU, or what a member account inherited of it (then it has a parent)."""

    arn: str
    baseline: Baseline
    version: str
    target_arn: str
    parent_arn: str | None
    status: Status
    operation_id: str
    parameters: tuple[tuple[str, object], ...] = ()
