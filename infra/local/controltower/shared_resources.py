"""What a landing zone has once: the bucket of the log archive, and the organisation's trail."""

from collections.abc import Mapping
from dataclasses import dataclass

from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends
from moto.s3.models import S3Backend, s3_backends

from infra.local.cloud import LocalCloud
from infra.local.controltower.ground import Ground, compact

TRAIL = "aws-controltower-BaselineCloudTrail"


def log_bucket(ground: Ground) -> str:
    """The name of the bucket that all accounts' logs and configuration items go to."""
    return f"aws-controltower-logs-{ground.setup.log_archive_account}-{ground.cloud.home_region}"


@dataclass(frozen=True, slots=True)
class Logs:
    """Where an organisation's logs go, and the trail that brings them there."""

    trail: str
    bucket: str
    account: str
    """Whose bucket it is."""
    prefix: str
    """Before everything that the trail brings; empty for none."""
    policy: Mapping[str, object]
    tags: tuple[tuple[str, str], ...] = ()


def deploy(ground: Ground) -> None:
    """What Control Tower sets up once."""
    mark = (("aws-control-tower", "managed-by-control-tower"),)
    bucket, archive = log_bucket(ground), ground.setup.log_archive_account
    make_logs(ground.cloud, Logs(TRAIL, bucket, archive, ground.organization.id, _bucket_policy(bucket), mark))


def make_logs(cloud: LocalCloud, logs: Logs) -> None:
    """Make the bucket, versioned and only reached by TLS, and a trail of every account in every region."""
    home = cloud.home_region
    s3: S3Backend = s3_backends[logs.account]["aws"]
    s3.create_bucket(logs.bucket, home)
    s3.put_bucket_versioning(logs.bucket, "Enabled")
    s3.put_bucket_policy(logs.bucket, compact(logs.policy).encode())
    cloudtrail: CloudTrailBackend = cloudtrail_backends[cloud.management_account_id][home]
    cloudtrail.create_trail(
        name=logs.trail,
        bucket_name=logs.bucket,
        s3_key_prefix=logs.prefix,
        sns_topic_name="",
        is_global=True,
        is_multi_region=True,
        log_validation=True,
        is_org_trail=True,
        cw_log_group_arn="",
        cw_role_arn="",
        kms_key_id="",
        tags_list=[{"Key": key, "Value": value} for key, value in logs.tags],
    )
    cloudtrail.start_logging(logs.trail)


def _bucket_policy(bucket: str) -> dict[str, object]:
    """The statements of AWS's own that matter here (user guide, "Shared account resources")."""
    arn = f"arn:aws:s3:::{bucket}"
    services = {"Service": ["cloudtrail.amazonaws.com", "config.amazonaws.com"]}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowSSLRequestsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "AWSBucketPermissionsCheck",
                "Effect": "Allow",
                "Principal": services,
                "Action": "s3:GetBucketAcl",
                "Resource": arn,
            },
            {
                "Sid": "AWSBucketDelivery",
                "Effect": "Allow",
                "Principal": services,
                "Action": "s3:PutObject",
                "Resource": f"{arn}/*",
            },
        ],
    }
