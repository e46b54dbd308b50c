"""What a company that has no Control Tower has made itself: a bucket, the organisation's trail, and recorders.

The guide says how (`/help/guides/without-control-tower`); here it is as if that had been done a while ago.
"""

from moto.config.models import ConfigBackend, config_backends
from moto.iam.models import IAMBackend, iam_backends

from infra.local.cloud import LocalCloud
from infra.local.controltower.shared_resources import Logs, make_logs
from infra.local.organizations.entities import Account
from infra.local.organizations.models import organization
from infra.local.organizations.seed import LOG_ARCHIVE, SECURITY
from vending.core.deploying import TRAIL, log_policy

SERVICE = "config.amazonaws.com"
ROLE = "AWSServiceRoleForConfig"
NAME = "default"


def seed(cloud: LocalCloud) -> None:
    """Nothing where there is a Control Tower, which makes its own."""
    bucket = cloud.company.landing_zone.log_bucket
    if bucket is None:
        return
    tree = organization()
    shared = tree.children(tree.unit_named(SECURITY), Account)
    archive = next(account.id for account in shared if account.name == LOG_ARCHIVE)
    policy = log_policy(bucket, tree.id, cloud.management_account_id, cloud.home_region)
    make_logs(cloud, Logs(TRAIL, bucket, archive, "", policy))
    for account in shared:
        record(cloud, account.id)


def record(cloud: LocalCloud, account_id: str) -> None:
    """Switch Config on in every governed region of an account, with its service-linked role."""
    iam: IAMBackend = iam_backends[account_id]["aws"]
    role = iam.create_service_linked_role(SERVICE, "", "")
    for region in cloud.governed_regions:
        config: ConfigBackend = config_backends[account_id][region]
        group = {"allSupported": True, "includeGlobalResourceTypes": region == cloud.home_region}
        config.put_configuration_recorder({"name": NAME, "roleARN": role.arn, "recordingGroup": group})
        config.put_delivery_channel({"name": NAME, "s3BucketName": cloud.company.landing_zone.log_bucket})
        config.start_configuration_recorder(NAME)
