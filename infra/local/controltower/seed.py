"""The example's landing zone: registered OUs, enrolled shared accounts, and the controls enabled on them."""

from datetime import timedelta

from infra.local.cloud import LocalCloud
from infra.local.controlcatalog.catalogue import Control, Guidance, read_catalogue
from infra.local.controltower import shared_resources
from infra.local.controltower.baseline import BY_NAME, CONTROL_TOWER, IDENTITY_CENTER, Status
from infra.local.controltower.baselines import IDENTITY_CENTER_PARAMETER
from infra.local.controltower.ground import LandingZoneSetup
from infra.local.controltower.models import ControlTower, controltower_backends
from infra.local.controltower.operation import Kind
from infra.local.organizations.entities import OrganizationalUnit
from infra.local.organizations.models import organization

REGISTERED = ("Sandbox", "Dev", "Prod", "Regulated", "Quarantine", "Security")

DETECTIVE = (
    "AWS-GR_ENCRYPTED_VOLUMES",
    "AWS-GR_RESTRICTED_SSH",
    "AWS-GR_RESTRICTED_COMMON_PORTS",
    "AWS-GR_SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED",
    "AWS-GR_S3_BUCKET_PUBLIC_READ_PROHIBITED",
    "AWS-GR_S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
    "AWS-GR_S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
    "AWS-GR_RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    "AWS-GR_RDS_SNAPSHOTS_PUBLIC_PROHIBITED",
    "AWS-GR_RDS_STORAGE_ENCRYPTED",
    "AWS-GR_EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
    "AWS-GR_EC2_INSTANCE_NO_PUBLIC_IP",
    "AWS-GR_MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
    "AWS-GR_IAM_USER_MFA_ENABLED",
    "AWS-GR_DETECT_CLOUDTRAIL_ENABLED_ON_MEMBER_ACCOUNTS",
)
"""What the example company has switched on beyond the mandatory controls, on every registered OU."""


def seed(cloud: LocalCloud) -> None:
    """Set up the landing zone as if it had stood for a while; nothing where the company has none."""
    if not cloud.company.landing_zone.control_tower:
        return
    tree = organization()
    accounts = {account.name: account.id for account in tree.accounts}
    backend = controltower_backends[cloud.management_account_id][cloud.home_region]
    tower: ControlTower = backend.set_up(LandingZoneSetup(accounts["Log Archive"], accounts["Audit"]))
    shared_resources.deploy(tower.ground)
    units = [tree.unit_named(name) for name in REGISTERED]
    _enable_landing_zone_baselines(tower)
    for unit in units:
        _register(tower, unit)
    for account in tree.children(tree.unit_named("Security"), type(tree.management_account)):
        tower.baselines.enrol_now(account.id, account.parent.id if account.parent else "", cloud.clock.now())


def _enable_landing_zone_baselines(tower: ControlTower) -> None:
    ground = tower.ground
    for name, account_id in (
        (IDENTITY_CENTER.name, ground.cloud.management_account_id),
        ("AuditBaseline", ground.setup.audit_account),
        ("LogArchiveBaseline", ground.setup.log_archive_account),
        ("CentralSecurityRolesBaseline", ground.setup.audit_account),
        ("CentralConfigBaseline", ground.setup.audit_account),
    ):
        _place(tower, name, ground.organization.account(account_id).arn)


def _register(tower: ControlTower, unit: OrganizationalUnit) -> None:
    identity_center = tower.baselines.identity_center()
    parameters = ((IDENTITY_CENTER_PARAMETER, identity_center.arn),) if identity_center else ()
    _place(tower, CONTROL_TOWER.name, unit.arn, parameters)
    for control in read_catalogue().controls:
        if _is_enabled_on(control, unit):
            tower.controls.place(control, unit)
    tower.controls.apply_to_unit(unit.id)


def _place(tower: ControlTower, name: str, target_arn: str, parameters: tuple[tuple[str, str], ...] = ()) -> None:
    ground = tower.ground
    operation = ground.begin(Kind.ENABLE_BASELINE, target_arn, ground.now(), timedelta(0))
    tower.baselines.place(BY_NAME[name], target_arn, Status.SUCCEEDED, operation.identifier, parameters)


def _is_enabled_on(control: Control, unit: OrganizationalUnit) -> bool:
    if control.only_on and unit.name not in control.only_on:
        return False
    return control.guidance is Guidance.MANDATORY or control.alias in DETECTIVE
