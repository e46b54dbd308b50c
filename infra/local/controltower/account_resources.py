"""What an enrolment really leaves in a member account, as far as others can see it."""

from moto.config.models import ConfigBackend, config_backends
from moto.iam.models import IAMBackend, iam_backends

from infra.local.controlcatalog.catalogue import Control
from infra.local.controltower.ground import Ground, compact
from infra.local.controltower.shared_resources import log_bucket

RECORDER = "aws-controltower-BaselineConfigRecorder"
DELIVERY_CHANNEL = "aws-controltower-BaselineConfigDeliveryChannel"
EXECUTION_ROLE = "AWSControlTowerExecution"
RECORDER_ROLE = "aws-controltower-ConfigRecorderRole"
MANAGED_TAGS = [{"Key": "aws-control-tower", "Value": "managed-by-control-tower"}]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
CONFIG_ROLE_POLICY = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"


class Obstacle(Exception):
    """Something in the account that an enrolment does not get past."""


def deploy(ground: Ground, account_id: str) -> None:
    """Put the baseline's roles, Config recorders and delivery channels into an account.

    Raises:
        Obstacle: the account has a Config recorder of its own, so it cannot be auto-enrolled (Control Tower
            user guide, "Enroll accounts that have existing AWS Config resources", read 2026-11-20).
    """
    regions = ground.cloud.governed_regions
    for region in regions:
        if foreign := set(_config(account_id, region).recorders) - {RECORDER}:
            raise Obstacle(f"The account has the AWS Config recorder {foreign.pop()} of its own in {region}.")
    trust = {"AWS": f"arn:aws:iam::{ground.cloud.management_account_id}:root"}
    _put_role(account_id, EXECUTION_ROLE, trust, ADMINISTRATOR)
    _put_role(account_id, RECORDER_ROLE, {"Service": "config.amazonaws.com"}, CONFIG_ROLE_POLICY)
    for region in regions:
        _record(ground, account_id, region)


def remove(ground: Ground, account_id: str) -> None:
    """Take away whatever `deploy` and `put_rule` left."""
    remove_rules(ground, account_id)
    for region in ground.cloud.governed_regions:
        config = _config(account_id, region)
        config.recorders.pop(RECORDER, None)
        config.delivery_channels.pop(DELIVERY_CHANNEL, None)
    iam = _iam(account_id)
    for name in (EXECUTION_ROLE, RECORDER_ROLE):
        for role_id in [role_id for role_id, role in iam.roles.items() if role.name == name]:
            del iam.roles[role_id]


def put_rule(ground: Ground, account_id: str, control: Control) -> None:
    """Deploy the Config rule of a detective control in every governed region."""
    for region in ground.cloud.governed_regions:
        _config(account_id, region).put_config_rule(
            {
                "ConfigRuleName": rule_name(control.alias),
                "Description": control.description[:256],
                "Source": {"Owner": "AWS", "SourceIdentifier": control.implementation_id},
            },
            MANAGED_TAGS,
        )


def delete_rule(ground: Ground, account_id: str, alias: str) -> None:
    """Take a detective control's Config rule away, where it is still there."""
    for region in ground.cloud.governed_regions:
        _config(account_id, region).config_rules.pop(rule_name(alias), None)


def remove_rules(ground: Ground, account_id: str) -> None:
    """Take away the Config rules of every detective control."""
    for region in ground.cloud.governed_regions:
        rules = _config(account_id, region).config_rules
        for name in [name for name in rules if name.startswith(rule_name(""))]:
            del rules[name]


def rule_name(alias: str) -> str:
    """The name AWS gives a detective control's Config rule."""
    return f"AWSControlTower_{alias}"


def _record(ground: Ground, account_id: str, region: str) -> None:
    config = _config(account_id, region)
    home = ground.cloud.home_region
    config.put_configuration_recorder(
        {
            "name": RECORDER,
            "roleARN": f"arn:aws:iam::{account_id}:role/{RECORDER_ROLE}",
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": region == home},
        }
    )
    config.put_delivery_channel(
        {
            "name": DELIVERY_CHANNEL,
            "s3BucketName": log_bucket(ground),
            "snsTopicARN": f"arn:aws:sns:{region}:{ground.setup.audit_account}:aws-controltower-AllConfigNotifications",
        }
    )
    config.start_configuration_recorder(RECORDER)


def _put_role(account_id: str, name: str, principal: dict[str, str], policy_arn: str) -> None:
    iam = _iam(account_id)
    if any(role.name == name for role in iam.roles.values()):
        return
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        role_name=name,
        assume_role_policy_document=compact({"Version": "2012-10-17", "Statement": [statement]}),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    iam.managed_policies[policy_arn].attach_to(role)


def _config(account_id: str, region: str) -> ConfigBackend:
    return config_backends[account_id][region]


def _iam(account_id: str) -> IAMBackend:
    return iam_backends[account_id]["aws"]
