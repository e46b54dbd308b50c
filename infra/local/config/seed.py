"""Config as the example has it before anybody asked for an account: an aggregator and the organisation's rules."""

from dataclasses import dataclass

from infra.local.cloud import LocalCloud
from infra.local.config.events import Watch
from infra.local.config.models import LocalConfigBackend, config_backends

AGGREGATOR = "acme-organization"
AGGREGATOR_ROLE = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfigMultiAccountSetup"


@dataclass(frozen=True)
class SeededRule:
    """An organisation rule of the example."""

    name: str
    identifier: str
    home_region_only: bool = False
    """For rules about what an account has once: deployed everywhere they would say the same thing three times."""


RULES = (
    SeededRule("s3-bucket-level-public-access-prohibited", "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"),
    SeededRule("s3-bucket-public-read-prohibited", "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
    SeededRule("s3-bucket-public-write-prohibited", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED"),
    SeededRule("s3-bucket-ssl-requests-only", "S3_BUCKET_SSL_REQUESTS_ONLY"),
    SeededRule("ec2-ebs-encryption-by-default", "EC2_EBS_ENCRYPTION_BY_DEFAULT"),
    SeededRule("encrypted-volumes", "ENCRYPTED_VOLUMES"),
    SeededRule("vpc-default-security-group-closed", "VPC_DEFAULT_SECURITY_GROUP_CLOSED"),
    SeededRule("restricted-ssh", "INCOMING_SSH_DISABLED"),
    SeededRule("restricted-common-ports", "RESTRICTED_INCOMING_TRAFFIC"),
    SeededRule("rds-storage-encrypted", "RDS_STORAGE_ENCRYPTED"),
    SeededRule("multi-region-cloudtrail-enabled", "MULTI_REGION_CLOUD_TRAIL_ENABLED", home_region_only=True),
    SeededRule(
        "s3-account-level-public-access-blocks",
        "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
        home_region_only=True,
    ),
    SeededRule("iam-password-policy", "IAM_PASSWORD_POLICY", home_region_only=True),
    SeededRule("iam-root-access-key-check", "IAM_ROOT_ACCESS_KEY_CHECK", home_region_only=True),
    SeededRule("iam-user-no-policies-check", "IAM_USER_NO_POLICIES_CHECK", home_region_only=True),
    SeededRule("security-account-information-provided", "SECURITY_ACCOUNT_INFORMATION_PROVIDED", home_region_only=True),
)
"""AWS's names of the rules are used for ours, so that a reader finds the documentation page."""


def seed(cloud: LocalCloud) -> None:
    """The aggregator over the whole organisation, and the rules in every governed region."""
    management = cloud.management_account_id
    cloud.on_settle.append(Watch(cloud).look)
    _backend(management, cloud.home_region).put_configuration_aggregator(
        {
            "ConfigurationAggregatorName": AGGREGATOR,
            "OrganizationAggregationSource": {
                "RoleArn": f"arn:aws:iam::{management}:role/{AGGREGATOR_ROLE}",
                "AwsRegions": list(cloud.governed_regions),
            },
        }
    )
    _backend(management, cloud.home_region).stamp_aggregator(AGGREGATOR)
    for region in cloud.governed_regions:
        for rule in RULES:
            if region == cloud.home_region or not rule.home_region_only:
                _put(_backend(management, region), rule)


def _put(backend: LocalConfigBackend, rule: SeededRule) -> None:
    backend.put_organization_rule(rule.name, {"RuleIdentifier": rule.identifier}, [])


def _backend(account_id: str, region: str) -> LocalConfigBackend:
    backend = config_backends[account_id][region]
    assert isinstance(backend, LocalConfigBackend)
    return backend
